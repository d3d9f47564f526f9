//! What does one person do? One random thing after the other, by pages and by calls, while a page of theirs is open.

use crate::PEOPLE;
use crate::known::{Act, Kind, May, Thing};
use crate::portal::Site as _;
use crate::process::Site;
use crate::told::{End, Told};
use crate::visitor::{Page, Visitor};
use anyhow::{Context, Result, bail, ensure};
use rand::RngExt;
use rand::rngs::StdRng;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Method, StatusCode};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

/// Whatever is asked is answered within this time, whatever is wrong.
const ANSWER: Duration = Duration::from_secs(40);
/// An open stream says something, if only that it is there.
const SIGN: Duration = Duration::from_secs(60);

pub struct Person {
    pub name: &'static str,
    pub site: Arc<Site>,
    pub told: Arc<Told>,
    pub random: StdRng,
    pub visitor: Visitor,
    pub things: Vec<Thing>,
    token: String,
    made: usize,
}

/// What came of what was asked.
#[derive(Debug)]
pub enum Answer {
    Done(Page),
    Refused(Page),
    /// It was done, or not, or will be.
    Lost,
}

/// The ids of everybody's things, for those who try them.
static IDS: Mutex<Vec<(&str, Kind, String)>> = Mutex::new(Vec::new());

impl Person {
    pub async fn sign_in(site: Arc<Site>, name: &'static str, told: Arc<Told>, random: StdRng) -> Result<Self> {
        let mut visitor = Visitor::signed_in(&*site, name).await?;
        let scopes = ["volumes_read", "volumes_write", "tasks_read", "tasks_write"].map(|scope| (scope, "on"));
        let fields: Vec<_> = [("name", "soak"), ("days", "30")].into_iter().chain(scopes).collect();
        let page = visitor.post(&site.at("/tokens"), &fields).await?;
        let (_, rest) = page.text.split_once("stw_").with_context(|| format!("no token: {page:?}"))?;
        let token = format!("stw_{}", rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default());
        Ok(Self { name, site, told, random, visitor, things: Vec::new(), token, made: 0 })
    }

    pub async fn lives(mut self, mut stopped: watch::Receiver<bool>) -> Result<Self> {
        loop {
            let pause = Duration::from_millis(self.random.random_range(100..1_200));
            if timeout(pause, stopped.wait_for(|stopped| *stopped)).await.is_ok() {
                return Ok(self);
            }
            self.act().await.with_context(|| format!("{}, who made {}", self.name, self.made))?;
        }
    }

    /// One of those that are surely in this place.
    pub fn any(&mut self, kind: Kind, place: May) -> Option<usize> {
        let fit: Vec<_> = (0..self.things.len()).filter(|n| self.things[*n].kind == kind && self.things[*n].may == place).collect();
        (!fit.is_empty()).then(|| fit[self.random.random_range(0..fit.len())])
    }

    fn count(&self, kind: Kind, place: May) -> usize {
        self.things.iter().filter(|thing| thing.kind == kind && thing.may == place).count()
    }

    async fn act(&mut self) -> Result<()> {
        let open: Vec<_> = (0..self.things.len()).filter(|n| self.things[*n].lost.is_some()).collect();
        if !open.is_empty() && self.random.random_bool(0.5) {
            let n = open[self.random.random_range(0..open.len())];
            return self.again(n).await;
        }
        let (mut volume, mut trashed, mut task) = (None, None, None);
        let roll = self.random.random_range(0..100);
        match roll {
            0..40 => volume = self.any(Kind::Volume, May::LISTED),
            40..50 => trashed = self.any(Kind::Volume, May::TRASHED),
            50..60 => task = self.any(Kind::Task, May::LISTED),
            _ => {}
        }
        match roll {
            // The trash counts, too: people may have 40.
            0..15 if self.count(Kind::Volume, May::LISTED) < 6 && self.count(Kind::Volume, May::TRASHED) < 20 => self.make_volume().await,
            0..22 if let Some(n) = volume => self.remove(n, Act::Remove).await,
            22..29 if let Some(n) = volume => self.say(n).await,
            29..34 if let Some(n) = volume => self.grow(n).await,
            34..40 if let Some(n) = volume => self.publish(n).await,
            40..45 if let Some(n) = trashed => self.restore(n).await,
            45..50 if let Some(n) = trashed => self.remove(n, Act::RemoveForGood).await,
            50..55 if self.count(Kind::Task, May::LISTED) < 5 => self.submit().await,
            50..57 if let Some(n) = task => self.remove(n, Act::Remove).await,
            57..60 if let Some(n) = task => self.stop(n).await,
            60..63 => self.signs_in_elsewhere().await,
            63..68 => self.looks_at_anothers().await,
            68..80 => self.looks_at_one().await,
            _ => self.looks_at_a_list().await,
        }
    }

    /// What was lost is asked for once more.
    async fn again(&mut self, n: usize) -> Result<()> {
        match self.things[n].lost.context("nothing was lost")? {
            Act::Make if self.things[n].kind == Kind::Volume => self.ask_for_volume(n).await,
            Act::Make => self.ask_for_task(n).await,
            Act::Restore => self.restore(n).await,
            act @ (Act::Remove | Act::RemoveForGood) => self.remove(n, act).await,
        }
    }

    /// A new name, of which none is part of another, and which says whose it is.
    pub fn new_name(&mut self, letter: char) -> String {
        self.made += 1;
        format!("{letter}{:05}-of-{}", self.made, self.name)
    }

    /// Whether the text names something of somebody else.
    pub fn sees_only_own(&self, what: &str, text: &str) -> Result<()> {
        only_own(self.name, what, text)
    }

    /// By a form of the pages.
    pub async fn post(&mut self, what: &str, path: &str, fields: &[(&str, &str)]) -> Result<Answer> {
        let begin = Instant::now();
        let answer = timeout(ANSWER, self.visitor.post(&self.site.at(path), fields)).await;
        self.judge(what, path, begin, answer.with_context(|| format!("{path} is not answered"))?)
    }

    /// By the token.
    pub async fn call(&mut self, what: &str, method: Method, path: &str, key: &str, kind: &str, body: &str) -> Result<Answer> {
        let (url, begin, mut program) = (self.site.at(path), Instant::now(), Visitor::new()?);
        let sent = program.send(method, &url, |mut request| {
            if !body.is_empty() {
                request = request.header(CONTENT_TYPE, kind).body(body.to_owned());
            }
            if !key.is_empty() {
                request = request.header("idempotency-key", key);
            }
            request.bearer_auth(&self.token)
        });
        let answer = timeout(ANSWER, sent).await;
        self.judge(what, path, begin, answer.with_context(|| format!("{path} is not answered"))?)
    }

    pub async fn get(&mut self, what: &str, path: &str) -> Result<Answer> {
        if path.starts_with("/api/") {
            return self.call(what, Method::GET, path, "", "", "").await;
        }
        let begin = Instant::now();
        let answer = timeout(ANSWER, self.visitor.visit(&self.site.at(path))).await;
        self.judge(what, path, begin, answer.with_context(|| format!("{path} is not answered"))?)
    }

    fn judge(&self, what: &str, path: &str, begin: Instant, answer: Result<Page>) -> Result<Answer> {
        let answer = match answer {
            Err(error) if self.told.was_calm(begin) => return Err(error.context(format!("{path} has no answer, and nothing is disturbed"))),
            Err(_) => Answer::Lost,
            Ok(page) => {
                let status = page.status;
                let to = page.location.clone().unwrap_or_default();
                ensure!(status != StatusCode::UNAUTHORIZED && !to.contains("/auth/"), "{path}: {} did not sign out: {page:?}", self.name);
                ensure!(status != StatusCode::INTERNAL_SERVER_ERROR, "{path}: {page:?}");
                self.sees_only_own(path, &page.text)?;
                match status.as_u16() {
                    200..400 => Answer::Done(page),
                    404 | 409 => Answer::Refused(page),
                    // Something earlier is open: nobody knows yet whether it counts against a limit.
                    429 if page.text.contains("is still being carried out") => Answer::Refused(page),
                    // It is as large already.
                    422 if what == "grow" => Answer::Refused(page),
                    // What it names has been deleted since it was asked for the first time.
                    422 if what.starts_with("submit a task") => Answer::Refused(page),
                    502..=504 if !self.told.was_calm(begin) => Answer::Lost,
                    _ => bail!("{path} answers {page:?}"),
                }
            }
        };
        let end = match &answer {
            Answer::Done(_) => End::Done,
            Answer::Refused(_) => End::Refused,
            Answer::Lost => End::Lost,
        };
        self.told.count(what, end);
        Ok(answer)
    }

    /// The others may try it from now on.
    pub fn knows_id(&mut self, n: usize, id: &str) {
        self.things[n].id = Some(id.to_owned());
        IDS.lock().unwrap_or_else(PoisonError::into_inner).push((self.name, self.things[n].kind, id.to_owned()));
    }

    async fn looks_at_anothers(&mut self) -> Result<()> {
        let others: Vec<_> =
            IDS.lock().unwrap_or_else(PoisonError::into_inner).iter().filter(|(of, ..)| *of != self.name).cloned().collect();
        if others.is_empty() {
            return Ok(());
        }
        let (of, kind, id) = &others[self.random.random_range(0..others.len())];
        let paths = match kind {
            Kind::Volume => [format!("/api/volumes/{id}"), format!("/volumes/{id}"), format!("/volumes/{id}/yaml")],
            Kind::Task => [format!("/api/tasks/{id}/logs"), format!("/tasks/{id}"), format!("/tasks/{id}/yaml")],
        };
        let path = &paths[self.random.random_range(0..3)];
        match self.get("look at another's", path).await? {
            Answer::Refused(page) if page.status == StatusCode::NOT_FOUND => Ok(()),
            // Where the cluster does not answer, nobody knows what is there.
            Answer::Lost => Ok(()),
            Answer::Done(page) | Answer::Refused(page) => bail!("{} sees {path} of {of}: {page:?}", self.name),
        }
    }

    /// A second browser, which is signed out again.
    async fn signs_in_elsewhere(&mut self) -> Result<()> {
        let (begin, site) = (Instant::now(), Arc::clone(&self.site));
        let there_and_back = async {
            let mut second = Visitor::signed_in(&*site, self.name).await?;
            let mut stolen = second.clone();
            let out = second.post(&site.at("/auth/logout"), &[]).await?;
            if out.status == StatusCode::SEE_OTHER {
                return Ok(!stolen.is_known(&*site).await?);
            }
            ensure!(out.status == StatusCode::SERVICE_UNAVAILABLE, "signing out answers {out:?}");
            anyhow::bail!("not signed out, and told so")
        };
        let end = match timeout(4 * ANSWER, there_and_back).await.context("signing in hangs")? {
            Ok(is_out) => {
                ensure!(is_out, "{} signed out and is still known", self.name);
                End::Done
            }
            Err(error) if self.told.was_calm(begin) => return Err(error.context("nothing is disturbed")),
            Err(_) => End::Lost,
        };
        self.told.count("sign in elsewhere", end);
        Ok(())
    }

    /// An open page, as a browser keeps it.
    pub fn listens(&self, mut stopped: watch::Receiver<bool>) -> impl Future<Output = Result<()>> + use<> {
        let (mut visitor, site, told, name) = (self.visitor.clone(), Arc::clone(&self.site), Arc::clone(&self.told), self.name);
        async move {
            let listen = async {
                loop {
                    let (begin, url) = (Instant::now(), site.at("/live"));
                    let asked = visitor.open(Method::GET, &url, |request| request.header(ACCEPT, "text/event-stream"));
                    match timeout(ANSWER, asked).await.context("no stream opens")? {
                        Ok(answer) if answer.status() == StatusCode::OK => {
                            told.count("stream opened", End::Done);
                            hears(name, answer, &told).await?;
                        }
                        Ok(answer) if told.was_calm(begin) || answer.status().is_client_error() => bail!("no stream: {}", answer.status()),
                        Err(error) if told.was_calm(begin) => return Err(error.context("no stream")),
                        Ok(_) | Err(_) => {}
                    }
                    sleep(Duration::from_millis(300)).await;
                }
            };
            tokio::select! {
                ended = listen => ended,
                _ = stopped.wait_for(|stopped| *stopped) => Ok(()),
            }
        }
    }
}

/// Reads until it ends.
async fn hears(name: &str, mut answer: reqwest::Response, told: &Told) -> Result<()> {
    while let Ok(Some(part)) = timeout(SIGN, answer.chunk()).await.context("an open stream is silent")? {
        let text = String::from_utf8_lossy(&part);
        only_own(name, "a stream", &text)?;
        ensure!(!text.contains("event: signed-out"), "{name} did not sign out: {text}");
        told.count("events heard", End::Done);
    }
    Ok(())
}

fn only_own(name: &str, what: &str, text: &str) -> Result<()> {
    let foreign = PEOPLE.into_iter().filter(|other| *other != name).find(|other| text.contains(&format!("-of-{other}")));
    ensure!(foreign.is_none(), "{what} shows {name} something of {foreign:?}: {text}");
    Ok(())
}
