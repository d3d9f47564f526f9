//! Is what people see what they were told? Each list has what is theirs, once, and nothing else; each page of one thing has what was
//! last said of it.

use crate::known::{Kind, May};
use crate::person::{Answer, Person};
use crate::volumes::read;
use anyhow::{Context, Result, bail, ensure};
use rand::RngExt;
use reqwest::StatusCode;
use serde_json::Value;

/// What a program reads, and where in the answer the list is.
pub const LISTS: [(&str, &str, Kind, May); 3] = [
    ("/api/volumes", "/volumes", Kind::Volume, May::LISTED),
    ("/api/volumes?trash=true", "/volumes", Kind::Volume, May::TRASHED),
    ("/api/tasks", "/tasks", Kind::Task, May::LISTED),
];
/// What a person reads, and what must be on it.
const PAGES: [(&str, Kind, May); 5] = [
    ("/volumes", Kind::Volume, May::LISTED),
    ("/volumes/download?format=json", Kind::Volume, May::LISTED),
    ("/volumes/trash", Kind::Volume, May::TRASHED),
    ("/tasks", Kind::Task, May::LISTED),
    ("/", Kind::Task, May::GONE),
];

impl Person {
    pub async fn looks_at_a_list(&mut self) -> Result<()> {
        let choice = self.random.random_range(0..LISTS.len() + PAGES.len());
        match choice.checked_sub(LISTS.len()) {
            None => {
                let (path, place, kind, may) = LISTS[choice];
                self.reads_list(path, place, kind, may).await.map(drop)
            }
            Some(choice) => {
                let (path, kind, may) = PAGES[choice];
                self.reads_page(path, kind, may).await
            }
        }
    }

    /// The names, if it can be read now.
    pub async fn reads_list(&mut self, path: &str, place: &str, kind: Kind, may: May) -> Result<Option<Vec<String>>> {
        let page = match self.get("read a list", path).await? {
            Answer::Done(page) => page,
            Answer::Lost => return Ok(None),
            Answer::Refused(page) => bail!("{path}: {page:?}"),
        };
        let answer = read(&page.text)?;
        let rows = answer.pointer(place).and_then(Value::as_array).with_context(|| format!("{path} has no list: {answer}"))?;
        let mut names = Vec::new();
        for row in rows {
            names.push(row["name"].as_str().with_context(|| format!("no name: {row}"))?.to_owned());
        }
        names.sort();
        if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            bail!("{path} has {} twice: {answer}", twice[0]);
        }
        if let Some(odd) = names.iter().find(|name| !self.things.iter().any(|thing| thing.kind == kind && thing.name == **name)) {
            bail!("{path} has {odd}, which {} did not ask for: {answer}", self.name);
        }
        for row in rows {
            let is_gone = |name: &str| self.things.iter().any(|thing| thing.name == name && thing.may == May::GONE);
            let is_leaving = kind == Kind::Task || row["status"] == "Terminating";
            ensure!(is_leaving || !row["name"].as_str().is_some_and(is_gone), "it was deleted, and {path} has it as if not: {row}");
        }
        // What was kept of a task may be missing while the records are away, and is said to be.
        let is_whole = answer["history_error"].is_null();
        for thing in self.things.iter().filter(|thing| thing.kind == kind && is_whole) {
            if let Some(wrong) = thing.wrong(may, names.contains(&thing.name)) {
                bail!("{path}: {} {wrong}, though it is {thing:?}, since {:?}: {answer}", thing.name, thing.since.elapsed());
            }
        }
        Ok(Some(names))
    }

    async fn reads_page(&mut self, path: &str, kind: Kind, may: May) -> Result<()> {
        let page = match self.get("read a page", path).await? {
            Answer::Done(page) => page,
            Answer::Lost => return Ok(()),
            Answer::Refused(page) => bail!("{path}: {page:?}"),
        };
        ensure!(page.text.contains("</html>") || path.contains("json"), "{path} is not whole: {page:?}");
        let missing = self.things.iter().filter(|thing| thing.kind == kind && thing.may == may && may != May::GONE);
        if let Some(thing) = missing.into_iter().find(|thing| !page.text.contains(&thing.name)) {
            bail!("{path} lacks {thing:?}, since {:?}: {}", thing.since.elapsed(), page.text);
        }
        Ok(())
    }

    pub async fn looks_at_one(&mut self) -> Result<()> {
        let known: Vec<_> = (0..self.things.len()).filter(|n| self.things[*n].id.is_some()).collect();
        if known.is_empty() {
            return Ok(());
        }
        // Rather what is there than what has long been gone.
        let first = known.len().saturating_sub(30);
        let thing = self.things[known[self.random.random_range(first..known.len())]].clone();
        let id = thing.id.as_deref().context("an id")?;
        let folder = if thing.kind == Kind::Volume { "volumes" } else { "tasks" };
        let by_page = self.random.random_bool(0.4);
        let path = if by_page { format!("/{folder}/{id}") } else { format!("/api/{folder}/{id}") };
        match self.get("look at one", &path).await? {
            Answer::Done(page) if by_page => ensure!(page.text.contains(&thing.name), "{path} is not of {thing:?}: {page:?}"),
            Answer::Done(page) => {
                let told = read(&page.text)?;
                ensure!(told["name"] == thing.name, "{path} is not of {thing:?}: {told}");
                let place = if told["in_trash"] == true { May::TRASHED } else { May::LISTED };
                if let Some(wrong) = thing.wrong(place, true) {
                    bail!("{path} {wrong}: {thing:?}: {told}");
                }
                for (key, value) in &thing.words {
                    let now = told[key].as_str().map_or_else(|| told[key].to_string(), str::to_owned);
                    ensure!(value.as_ref().is_none_or(|value| *value == now) || thing.may.gone, "{key} is {now}: {thing:?}");
                }
            }
            Answer::Refused(page) if page.status == StatusCode::NOT_FOUND => ensure!(thing.may.gone, "{path} is not there: {thing:?}"),
            Answer::Refused(page) => bail!("{path}: {page:?}"),
            Answer::Lost => {}
        }
        if thing.kind == Kind::Task && thing.may == May::LISTED {
            self.get("read a log", &format!("/api/tasks/{id}/logs")).await?;
        }
        Ok(())
    }
}
