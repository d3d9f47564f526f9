//! Would this task run, and with what? Every volume and every wish with a verdict, before anything is made.
//!
//! | Module | Answers |
//! |---|---|
//! | `volumes` | which claim is meant, and can it be mounted in this way |
//! | `secrets` | which Secret does each variable come from |
//! | `wishes` | may it have what it asks for, and what will be lost |

mod secrets;
mod volumes;
mod wishes;

use super::{
    Attachments, Limits, Plan, attached,
    file::{Place, Remark, TaskFile, Unreadable, read},
};
use crate::{name::VolumeId, quota::QuotaLeft, secret::Secret, storage_class::StorageClass, volume::Volume};

/// How much a line weighs. A refusal forbids the task; a warning is for its owner to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Refusal,
    Warning,
    Note,
    Ok,
}

impl Level {
    pub const ALL: [Self; 4] = [Self::Refusal, Self::Warning, Self::Note, Self::Ok];

    /// As programs read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refusal => "refusal",
            Self::Warning => "warning",
            Self::Note => "note",
            Self::Ok => "ok",
        }
    }

    /// The word before the sentence.
    pub fn label(self) -> &'static str {
        match self {
            Self::Refusal => "Must change",
            Self::Warning => "Look at this",
            Self::Note => "Note",
            Self::Ok => "Good",
        }
    }
}

/// One verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub level: Level,
    /// Where in the file it is about; nothing if it is about the whole.
    pub place: Option<Place>,
    pub sentence: String,
    /// The volume that it is about, if it is there.
    pub volume: Option<VolumeId>,
}

/// What a task is judged by: what the person owns and what may be had.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Provably the person's own.
    pub own: &'a [Volume],
    /// The same of Secrets.
    pub secrets: &'a [Secret],
    pub classes: &'a [StorageClass],
    pub quota: Option<&'a QuotaLeft>,
    pub limits: &'a Limits,
}

/// All verdicts, and the plan if none of them is a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preflight {
    /// In the order of the file; what is about the whole comes last.
    pub lines: Vec<Line>,
    pub plan: Option<Plan>,
}

impl Preflight {
    pub fn of(&self, level: Level) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(move |line| line.level == level)
    }

    /// The same with files that go along.
    pub fn with(mut self, files: Attachments) -> Self {
        let Some(plan) = &mut self.plan else { return self };
        let mut say = |level, sentence: String| self.lines.push(Line { level, place: None, sentence, volume: None });
        let folder = attached::FOLDER;
        if files.is_empty() {
            let scripts = [plan.spec.setup.as_deref().unwrap_or_default(), &plan.spec.run];
            if scripts.iter().any(|script| script.contains(folder)) {
                say(Level::Warning, format!("Shell lines name {folder}, and no file is attached. Attach it beside the task file."));
            }
            return self;
        }
        let paths = plan.mounts.iter().map(|mount| &mount.path).chain(plan.spec.scratch.iter().map(|scratch| &scratch.path));
        let inside = |path: &str| path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let taken = paths.map(|path| path.as_str()).find(|path| inside(path)).map(str::to_owned);
        match taken {
            Some(path) => {
                say(
                    Level::Refusal,
                    format!("{path} is where the attached files are. Choose another path for the volume or the scratch space."),
                );
                self.plan = None;
            }
            None => {
                say(Level::Note, format!("Attached: {files}, in {folder}, for reading."));
                plan.attached = files;
            }
        }
        self
    }
}

/// Judges the text of a file.
pub fn preflight(text: &str, known: &Known<'_>) -> Preflight {
    match read(text, known.limits, known.classes) {
        Ok(file) => judge(file, known),
        Err(Unreadable { errors, warnings }) => {
            let mut lines = Lines::default();
            lines.remarks(Level::Refusal, errors);
            lines.remarks(Level::Warning, warnings);
            Preflight { lines: lines.sorted(), plan: None }
        }
    }
}

fn judge(file: TaskFile, known: &Known<'_>) -> Preflight {
    let TaskFile { spec, warnings, places } = file;
    let mut lines = Lines::default();
    lines.remarks(Level::Warning, warnings);
    let mounts = volumes::mounts(&spec, &places, known, &mut lines);
    secrets::judge(&spec, &places, known, &mut lines);
    wishes::judge(&spec, &places, known, &mut lines);
    wishes::kept(&spec, &mounts, &mut lines);
    let lines = lines.sorted();
    let refused = lines.iter().any(|line| line.level == Level::Refusal);
    Preflight { lines, plan: (!refused).then_some(Plan { spec, mounts, attached: Attachments::default(), purpose: None }) }
}

#[derive(Default)]
struct Lines(Vec<Line>);

impl Lines {
    fn say(&mut self, level: Level, place: Option<Place>, sentence: impl Into<String>) {
        self.0.push(Line { level, place, sentence: sentence.into(), volume: None });
    }

    fn say_of(&mut self, volume: &Volume, level: Level, place: Option<Place>, sentence: impl Into<String>) {
        self.0.push(Line { level, place, sentence: sentence.into(), volume: Some(volume.id.clone()) });
    }

    fn remarks(&mut self, level: Level, remarks: Vec<Remark>) {
        for Remark { place, sentence } in remarks {
            self.say(level, Some(place), sentence);
        }
    }

    fn sorted(mut self) -> Vec<Line> {
        self.0.sort_by_key(|line| (line.place.is_none(), line.place, line.level));
        self.0
    }
}

#[cfg(test)]
mod tests;
