//! What is a person working on? The text of a task file, from the page's fields or typed, and what is to be said about it.

use super::submit::in_words;
use crate::server::told;
use cluster::UserCluster;
use data_encoding::BASE64;
use domain::{
    problem::{Code, FieldErrors, Problem},
    secret::Secret,
    task::{
        Attached, Attachments, Limits, Plan, TaskForm,
        file::{Remark, text},
        gpus_missing,
        preflight::{Known, Level, Line, Preflight, preflight},
    },
};
use std::hash::{DefaultHasher, Hash, Hasher};

/// A file as it stands on the page.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    pub file: String,
    /// The fields as they were typed, where they say more than the file.
    pub fields: Option<TaskForm>,
    /// Of the page that it is on: sent twice, it is one task.
    pub key: String,
    /// Small files that go along.
    pub attached: Attachments,
    /// What the API server said, if it was asked.
    pub asked: Option<Line>,
}

/// What a post of the page wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// The file that the fields write.
    Show,
    /// The verdicts, while somebody types; and files that were chosen are taken.
    Look,
    /// The verdicts, with the API server's own.
    Check,
    Submit,
}

/// What the page's form sends.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    pub pairs: Vec<(String, String)>,
    /// Files that were chosen: of which field, with their names or paths.
    pub chosen: Vec<Chosen>,
}

#[derive(Clone, Debug)]
pub struct Chosen {
    pub field: String,
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Says which of both was changed since the page was shown: the file, or the fields.
pub fn mark(file: &str, fields: &TaskForm) -> String {
    format!("{:x}.{:x}", hash(file), hash(&fields.file()))
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

impl Draft {
    /// From what the page's form sends. What it does not have is named; what was typed stays, whatever is wrong with the rest.
    pub fn of(sent: Sent) -> (Self, Result<Ask, Problem>) {
        let mut draft = Self::default();
        let (mut ask, mut shown, mut fields, mut kept) = (None, None, Vec::new(), Vec::new());
        for (name, value) in sent.pairs {
            match name.as_str() {
                "do" => ask = Some(value),
                "key" => draft.key = value,
                // Browsers end lines as in letters.
                "file" => draft.file = value.replace("\r\n", "\n"),
                "shown" => shown = Some(value),
                "kept" => kept.push(value),
                _ => fields.push((name, value)),
            }
        }
        let asked = match ask.as_deref() {
            Some("show") => Ok(Ask::Show),
            Some("look") => Ok(Ask::Look),
            Some("check") => Ok(Ask::Check),
            Some("submit") => Ok(Ask::Submit),
            Some(_) | None => {
                let sentence = "Say what shall happen with the file: check it, or submit it.";
                Err(Problem::invalid(FieldErrors::one("do", sentence)))
            }
        };
        let attached = draft.attach(kept, &sent.chosen);
        let settled = asked.and_then(|ask| draft.settle(ask, shown.as_deref(), fields));
        let opened = draft.open(&sent.chosen);
        // Each is carried out as far as it goes, so that nothing is lost; the first thing that is wrong is said.
        let all = settled.and_then(|ask| attached.and(opened).map(|opened| if opened { Ask::Look } else { ask }));
        (draft, all)
    }

    /// Fields and file are two ways to say the same; whichever was changed is meant.
    fn settle(&mut self, ask: Ask, shown: Option<&str>, fields: Vec<(String, String)>) -> Result<Ask, Problem> {
        let Some((first, _)) = fields.first() else {
            if ask == Ask::Show {
                (self.file, self.fields) = (String::new(), Some(TaskForm::default()));
            }
            return Ok(ask);
        };
        let first = first.clone();
        let form = TaskForm::from_pairs(fields).map_err(|name| not_taken(&name))?;
        let written = form.file();
        let (file_was, fields_were) = match (ask, shown) {
            (Ask::Show, _) | (_, Some("fields")) => {
                (self.file, self.fields) = (written, Some(form));
                return Ok(ask);
            }
            // With scripts both are in step, and the file has the last word.
            (Ask::Look, None) | (_, Some("")) => return Ok(ask),
            (Ask::Look | Ask::Check | Ask::Submit, Some(shown)) => shown.split_once('.').unwrap_or_default(),
            (Ask::Check | Ask::Submit, None) => return Err(not_taken(&first)),
        };
        let is = |text: &str, was: &str| format!("{:x}", hash(text)) == was;
        if is(&written, fields_were) {
            return Ok(ask);
        }
        let file_stands = is(&self.file, file_was);
        self.fields = Some(form);
        if file_stands || self.file == written {
            self.file = written;
            return Ok(ask);
        }
        let sentence = "The fields and the file were both changed. To take the file as it stands, send it once more; to take the fields, press Show as file.";
        Err(Problem { fields: FieldErrors::one("file", sentence), ..Problem::new(Code::Invalid, "It is not clear which of two is meant.") })
    }

    /// What was attached before, and what was chosen now.
    fn attach(&mut self, kept: Vec<String>, chosen: &[Chosen]) -> Result<(), Problem> {
        let wrong = |sentence: String| Problem {
            fields: FieldErrors::one("attach", sentence),
            ..Problem::new(Code::Invalid, "The files that were chosen now are not attached.")
        };
        let kept: Option<Vec<(String, Vec<u8>)>> = kept.iter().map(|text| unpacked(text)).collect();
        let kept = kept.ok_or_else(|| wrong("What was attached before cannot be read any more. Attach it again.".to_owned()))?;
        self.attached = Attachments::of(kept.clone()).map_err(wrong)?;
        let chosen = chosen.iter().filter(|chosen| matches!(chosen.field.as_str(), "attach" | "folder"));
        let new = chosen.map(|chosen| (chosen.name.clone(), chosen.bytes.clone()));
        self.attached = Attachments::of(kept.into_iter().chain(new)).map_err(wrong)?;
        Ok(())
    }

    /// Takes a task file that was chosen in the place of the one that was there. Answers whether there was one.
    fn open(&mut self, chosen: &[Chosen]) -> Result<bool, Problem> {
        let Some(chosen) = chosen.iter().find(|chosen| chosen.field == "upload") else { return Ok(false) };
        let told = |remark: Remark| {
            let line = Line { level: Level::Refusal, place: Some(remark.place), sentence: remark.sentence, volume: None };
            let message = "The file that was chosen cannot be opened, so the one below stays.";
            Problem { fields: FieldErrors::one("upload", in_words(&line)), ..Problem::new(Code::Invalid, message) }
        };
        self.file = text(&chosen.bytes).map_err(told)?;
        self.fields = None;
        Ok(true)
    }
}

/// A file as the page holds it until it is sent: its content in base64, and its path.
pub fn packed(file: &Attached) -> String {
    format!("{} {}", BASE64.encode(&file.bytes), file.path)
}

fn unpacked(text: &str) -> Option<(String, Vec<u8>)> {
    let (bytes, path) = text.split_once(' ')?;
    Some((path.to_owned(), BASE64.decode(bytes.as_bytes()).ok()?))
}

fn not_taken(name: &str) -> Problem {
    let name: String = name.chars().take(40).collect();
    Problem::new(Code::Invalid, format!("The form does not take the field “{name}”, so nothing was changed."))
}

/// Own Secrets, for whatever a file says about them. One that names none needs no answer of the cluster.
pub async fn secrets_for(caller: &UserCluster, file: &str) -> Result<Vec<Secret>, Problem> {
    if file.contains("secrets") { caller.known_secrets().await.map_err(|error| told(&error)) } else { Ok(Vec::new()) }
}

/// The verdicts on a file, by what this person has at this moment, with what they may have.
pub fn judge(caller: &UserCluster, limits: &Limits, file: &str, attached: &Attachments, secrets: &[Secret]) -> Result<Preflight, Problem> {
    let mut judged = judge_file(caller, limits, file, attached, secrets)?;
    crate::limits::judge(caller, &mut judged)?;
    Ok(judged)
}

/// The verdicts on a file alone: how much one person may have is asked of the cluster when the task is made.
pub fn judge_file(
    caller: &UserCluster,
    limits: &Limits,
    file: &str,
    attached: &Attachments,
    secrets: &[Secret],
) -> Result<Preflight, Problem> {
    let refused = |error: cluster::Error| told(&error);
    let (own, classes, quota) =
        (caller.volumes_and_trash().map_err(refused)?, caller.storage_classes().map_err(refused)?, caller.quota().map_err(refused)?);
    Ok(preflight(file, &Known { own: &own, secrets, classes: &classes, quota: quota.as_ref(), limits }).with(attached.clone()))
}

/// The same, with what the API server says about it. It makes nothing.
pub async fn check(caller: &UserCluster, limits: &Limits, file: &str, attached: &Attachments) -> Result<Preflight, Problem> {
    let mut judged = judge(caller, limits, file, attached, &secrets_for(caller, file).await?)?;
    if let Some(said) = ask(caller, &judged).await {
        if said.level == Level::Refusal {
            judged.plan = None;
        }
        judged.lines.push(said);
    }
    Ok(judged)
}

/// What the API server says about a file that has no refusals yet.
pub async fn ask(caller: &UserCluster, judged: &Preflight) -> Option<Line> {
    let plan = judged.plan.as_ref()?;
    let line = |level, sentence: String| Line { level, place: None, sentence, volume: None };
    Some(match caller.try_submit(plan).await {
        Ok(()) => match waits_for_gpus(caller, plan).await {
            Some(sentence) => line(Level::Warning, sentence),
            None => line(Level::Ok, "The cluster would take it as it is.".to_owned()),
        },
        Err(error) => {
            let problem = told(&error);
            let fields: String = problem.fields.iter().map(|(_, sentence)| format!(" {sentence}")).collect();
            // What could not be asked is no refusal.
            let level = if problem.code.status() < 500 { Level::Refusal } else { Level::Warning };
            line(level, format!("{}{fields}", problem.message))
        }
    })
}

/// Whether no node has what the task asks for, with what nodes have. Nothing is said where the portal may not look at nodes, or
/// cannot: that is no fault of the task.
async fn waits_for_gpus(caller: &UserCluster, plan: &Plan) -> Option<String> {
    let product = plan.spec.resources.wanted_product()?;
    let there = caller.gpu_products().await.ok().flatten()?;
    gpus_missing(product, &there)
}
