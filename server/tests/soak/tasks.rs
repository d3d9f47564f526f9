//! What do people do with tasks?

use crate::known::{Act, Kind, May, Thing};
use crate::person::{Answer, Person};
use crate::volumes::{id_of, read};
use anyhow::{Context, Result, ensure};
use rand::RngExt;
use reqwest::{Method, StatusCode};

impl Person {
    pub async fn submit(&mut self) -> Result<()> {
        let (name, by_form) = (self.new_name('t'), self.random.random_bool(0.5));
        let mut more = String::new();
        if self.random.random_bool(0.3) {
            more.push_str("num_nodes: 2\n");
        } else if self.random.random_bool(0.5)
            && let Some(n) = self.any(Kind::Volume, May::LISTED)
        {
            more.push_str(&format!("volumes:\n  /data: {}\n", self.things[n].name));
        }
        let seconds = self.random.random_range(0..20);
        let file = format!(
            "name: {name}\nresources:\n  cpus: 50m\n  memory: 16Mi\n  disk: 16Mi\n{more}run: echo hello; sleep {seconds}\ntime_limit: 10m\n"
        );
        self.things.push(Thing::new(Kind::Task, name, by_form, file));
        self.ask_for_task(self.things.len() - 1).await
    }

    pub async fn ask_for_task(&mut self, n: usize) -> Result<()> {
        let Thing { name, body: file, by_form, lost, .. } = self.things[n].clone();
        let answer = if by_form {
            self.post("submit a task, form", "/tasks/new", &[("do", "submit"), ("key", &name), ("file", &file)]).await?
        } else {
            self.call("submit a task, call", Method::POST, "/api/tasks/submit", &name, "text/yaml", &file).await?
        };
        match answer {
            Answer::Done(page) => {
                let id = if by_form { id_of(&page, "/tasks/") } else { read(&page.text)?["id"].as_str().map(str::to_owned) };
                self.things[n].becomes(May::LISTED);
                self.knows_id(n, &id.with_context(|| format!("{name} leads nowhere: {page:?}"))?);
            }
            // The volume that it names has been deleted since the first time; so it was not made then.
            Answer::Refused(page) if page.status == StatusCode::UNPROCESSABLE_ENTITY => {
                let mounted = self.things.iter().find(|thing| file.contains(&format!("/data: {}\n", thing.name)));
                ensure!(lost.is_some() && mounted.is_some_and(|volume| volume.may != May::LISTED), "{name} is refused: {page:?}");
                self.things[n].becomes(May::GONE);
            }
            // It may still be under way, as far as the portal knows.
            Answer::Refused(page) => {
                let is_under_way = lost.is_some() && page.status == StatusCode::CONFLICT;
                ensure!(is_under_way || page.status == StatusCode::TOO_MANY_REQUESTS, "{name} is refused: {page:?}");
            }
            Answer::Lost => self.things[n].may_become(May::LISTED, Act::Make),
        }
        Ok(())
    }

    pub async fn stop(&mut self, n: usize) -> Result<()> {
        let id = self.things[n].id.clone().context("an id")?;
        let answer = self.call("stop a task", Method::POST, &format!("/api/tasks/{id}/stop"), "", "", "").await?;
        let is_absent = matches!(&answer, Answer::Refused(page) if page.status == StatusCode::NOT_FOUND);
        ensure!(!is_absent, "{:?} is not there: {answer:?}", self.things[n]);
        Ok(())
    }
}
