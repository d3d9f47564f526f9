//! What do people do with volumes?

use crate::known::{Act, Kind, May, Thing};
use crate::person::{Answer, Person};
use anyhow::{Context, Result, bail, ensure};
use rand::RngExt;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

const JSON: &str = "application/json";

pub fn read(text: &str) -> Result<Value> {
    serde_json::from_str(text).with_context(|| format!("no JSON: {text}"))
}

/// The id in the address of a page.
pub fn id_of(page: &crate::visitor::Page, folder: &str) -> Option<String> {
    let there = page.location.as_deref()?.strip_prefix(folder)?;
    Some(there.split('?').next().unwrap_or_default().to_owned())
}

impl Person {
    pub async fn make_volume(&mut self) -> Result<()> {
        let (name, by_form) = (self.new_name('v'), self.random.random_bool(0.5));
        let class = if self.random.random_bool(0.3) { "fast" } else { "standard" };
        self.things.push(Thing::new(Kind::Volume, name, by_form, class.to_owned()));
        self.ask_for_volume(self.things.len() - 1).await
    }

    pub async fn ask_for_volume(&mut self, n: usize) -> Result<()> {
        let Thing { name, body: class, by_form, .. } = self.things[n].clone();
        let was_lost = self.things[n].lost.is_some();
        let answer = if by_form {
            let fields = [("name", name.as_str()), ("size", "10"), ("unit", "Mi"), ("class", &class), ("access", "ReadWriteOnce")];
            self.post("make a volume, form", "/volumes/new", &fields).await?
        } else {
            let body = json!({"name": name, "size": "10Mi", "storage_class": class}).to_string();
            self.call("make a volume, call", Method::POST, "/api/volumes/create", &name, JSON, &body).await?
        };
        match answer {
            Answer::Done(page) if by_form => {
                let id = id_of(&page, "/volumes/").with_context(|| format!("{name} leads nowhere: {page:?}"))?;
                self.has_volume(n, &id);
            }
            Answer::Done(page) => {
                let id = read(&page.text)?["id"].as_str().context("an id")?.to_owned();
                self.has_volume(n, &id);
            }
            // A form has no key: that the name is taken says that it was made.
            Answer::Refused(page) => {
                if page.status == StatusCode::TOO_MANY_REQUESTS {
                    return Ok(());
                }
                ensure!(was_lost, "{name} is new and refused: {page:?}");
                if let Answer::Done(page) = self.get("find by name", &format!("/api/volumes/by-name/{name}")).await? {
                    let id = read(&page.text)?["id"].as_str().context("an id")?.to_owned();
                    self.has_volume(n, &id);
                }
            }
            Answer::Lost => self.things[n].may_become(May::LISTED, Act::Make),
        }
        Ok(())
    }

    fn has_volume(&mut self, n: usize, id: &str) {
        self.things[n].becomes(May::LISTED);
        let size = Some("10Mi".to_owned());
        self.things[n].words =
            [("requested_size", size), ("read_only", Some("false".to_owned())), ("labels", Some("{}".to_owned()))].into();
        self.knows_id(n, id);
    }

    fn id(&self, n: usize) -> Result<String> {
        self.things[n].id.clone().with_context(|| format!("{:?} has no id", self.things[n]))
    }

    /// Nothing if the volume cannot be read now.
    async fn uid(&mut self, n: usize) -> Result<Option<String>> {
        let path = format!("/api/volumes/{}", self.id(n)?);
        match self.get("look at a volume", &path).await? {
            Answer::Done(page) => Ok(read(&page.text)?["uid"].as_str().map(str::to_owned)),
            Answer::Refused(_) if !self.things[n].may.is_sure() => Ok(None),
            Answer::Refused(page) => bail!("{:?} is not there: {page:?}", self.things[n]),
            Answer::Lost => Ok(None),
        }
    }

    /// Deletes a volume or a task, to the trash or for good.
    pub async fn remove(&mut self, n: usize, act: Act) -> Result<()> {
        let Thing { kind, name, may, .. } = self.things[n].clone();
        let id = self.id(n)?;
        let by_form = kind == Kind::Volume && self.random.random_bool(0.4);
        let what = match (kind, act) {
            (Kind::Task, _) => "delete a task",
            (Kind::Volume, Act::RemoveForGood) => "delete for good",
            (Kind::Volume, _) => "delete to the trash",
        };
        let answer = if by_form {
            let Some(uid) = self.uid(n).await? else { return Ok(()) };
            let mut fields = vec![("confirm", name.as_str()), ("uid", &uid)];
            fields.extend((act == Act::RemoveForGood).then_some(("now", "yes")));
            self.post(what, &format!("/volumes/{id}/delete"), &fields).await?
        } else {
            let path = match kind {
                Kind::Task => format!("/api/tasks/{id}"),
                Kind::Volume if act == Act::RemoveForGood => format!("/api/volumes/{id}?force=true&now=true"),
                Kind::Volume => format!("/api/volumes/{id}?force=true"),
            };
            self.call(what, Method::DELETE, &path, "", "", "").await?
        };
        match answer {
            Answer::Done(page) => {
                let to_trash = page.location.is_some_and(|to| to.contains("done=trashed")) || page.text.contains("\"InTrash\"");
                self.things[n].becomes(if to_trash { May::TRASHED } else { May::GONE });
            }
            Answer::Refused(page) if page.status == StatusCode::NOT_FOUND => {
                ensure!(may.gone, "{name} is {may:?}, and is not there: {page:?}");
                self.things[n].becomes(May::GONE);
            }
            // It is used, say.
            Answer::Refused(_) => {}
            Answer::Lost if kind == Kind::Volume && act == Act::Remove => self.things[n].may_become(May::TRASHED.or(May::GONE), act),
            Answer::Lost => self.things[n].may_become(May::GONE, act),
        }
        Ok(())
    }

    pub async fn restore(&mut self, n: usize) -> Result<()> {
        let (id, may) = (self.id(n)?, self.things[n].may);
        let answer = if self.random.random_bool(0.5) {
            let Some(uid) = self.uid(n).await? else { return Ok(()) };
            self.post("restore", &format!("/volumes/{id}/restore"), &[("uid", &uid)]).await?
        } else {
            self.call("restore", Method::POST, &format!("/api/volumes/{id}/restore"), "", "", "").await?
        };
        match answer {
            Answer::Done(_) => self.things[n].becomes(May::LISTED),
            Answer::Refused(page) if page.status == StatusCode::NOT_FOUND => ensure!(may.gone, "{may:?}, and not there: {page:?}"),
            Answer::Refused(_) => {}
            Answer::Lost => self.things[n].may_become(May::LISTED, Act::Restore),
        }
        Ok(())
    }

    /// What is told of it from now on; nobody knows if the answer was lost.
    fn keep(&mut self, n: usize, key: &'static str, value: &str, answer: &Answer) {
        match answer {
            Answer::Done(_) => drop(self.things[n].words.insert(key, Some(value.to_owned()))),
            Answer::Refused(_) => {}
            Answer::Lost => drop(self.things[n].words.insert(key, None)),
        }
    }

    pub async fn say(&mut self, n: usize) -> Result<()> {
        let (id, number) = (self.id(n)?, self.random.random_range(0..1000));
        let Some(uid) = self.uid(n).await? else { return Ok(()) };
        let answer = self.post("label", &format!("/volumes/{id}/edit"), &[("labels", &format!("n=x{number}")), ("uid", &uid)]).await?;
        self.keep(n, "labels", &format!("{{\"n\":\"x{number}\"}}"), &answer);
        Ok(())
    }

    /// Refused where it is as large already, or is not bound yet.
    pub async fn grow(&mut self, n: usize) -> Result<()> {
        if self.things[n].body != "fast" {
            return self.say(n).await;
        }
        let (id, size) = (self.id(n)?, self.random.random_range(11..40).to_string());
        let Some(uid) = self.uid(n).await? else { return Ok(()) };
        let path = format!("/volumes/{id}/grow");
        let fields = [("size", size.as_str()), ("unit", "Mi"), ("uid", &uid)];
        let answer = self.post("grow", &path, &fields).await?;
        self.keep(n, "requested_size", &format!("{size}Mi"), &answer);
        Ok(())
    }

    pub async fn publish(&mut self, n: usize) -> Result<()> {
        let (id, read_only) = (self.id(n)?, self.random.random_bool(0.5));
        let path = format!("/api/volumes/{id}/publish");
        let answer = self.call("publish", Method::POST, &path, "", JSON, &json!({"read_only": read_only}).to_string()).await?;
        self.keep(n, "read_only", &read_only.to_string(), &answer);
        Ok(())
    }
}
