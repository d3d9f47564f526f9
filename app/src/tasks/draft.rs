//! What is a person working on? The text of a task file, from the page's fields or typed, and what is to be said about it.

use crate::server::told;
use cluster::UserCluster;
use domain::{
    problem::{Code, FieldErrors, Problem},
    task::{
        Limits, Plan, TaskForm, gpus_missing,
        preflight::{Known, Level, Line, Preflight, preflight},
    },
};

/// A file as it stands on the page.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    pub file: String,
    /// The fields as they were typed, where the file came from them.
    pub fields: Option<TaskForm>,
    /// Of the page that it is on: sent twice, it is one task.
    pub key: String,
    /// What the API server said, if it was asked.
    pub asked: Option<Line>,
}

/// What a post of the page wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// The file that the fields write.
    Show,
    /// The verdicts, while somebody types.
    Look,
    /// The verdicts, with the API server's own.
    Check,
    Submit,
}

impl Draft {
    /// From the pairs that the page's two forms send. What they do not have is named.
    pub fn from_pairs(pairs: Vec<(String, String)>) -> Result<(Ask, Self), Problem> {
        let mut draft = Self::default();
        let (mut ask, mut fields) = (None, Vec::new());
        for (name, value) in pairs {
            match name.as_str() {
                "do" => ask = Some(value),
                "key" => draft.key = value,
                // Browsers end lines as in letters.
                "file" => draft.file = value.replace("\r\n", "\n"),
                _ => fields.push((name, value)),
            }
        }
        let ask = match ask.as_deref() {
            Some("show") => Ask::Show,
            Some("look") => Ask::Look,
            Some("check") => Ask::Check,
            Some("submit") => Ask::Submit,
            Some(_) | None => {
                let sentence = "Say what shall happen with the file: check it, or submit it.";
                return Err(Problem::invalid(FieldErrors::one("do", sentence)));
            }
        };
        if ask != Ask::Show {
            return match fields.first() {
                Some((name, _)) => Err(not_taken(name)),
                None => Ok((ask, draft)),
            };
        }
        let form = TaskForm::from_pairs(fields).map_err(|name| not_taken(&name))?;
        Ok((ask, Self { file: form.file(), fields: Some(form), ..draft }))
    }
}

fn not_taken(name: &str) -> Problem {
    let name: String = name.chars().take(40).collect();
    Problem::new(Code::Invalid, format!("The form does not take the field “{name}”, so nothing was changed."))
}

/// The verdicts on a file, by what this person has at this moment, with what they may have.
pub fn judge(caller: &UserCluster, limits: &Limits, file: &str) -> Result<Preflight, Problem> {
    let mut judged = judge_file(caller, limits, file)?;
    crate::limits::judge(caller, &mut judged)?;
    Ok(judged)
}

/// The verdicts on a file alone: how much one person may have is asked of the cluster when the task is made.
pub fn judge_file(caller: &UserCluster, limits: &Limits, file: &str) -> Result<Preflight, Problem> {
    let refused = |error: cluster::Error| told(&error);
    let (own, classes, quota) =
        (caller.volumes_and_trash().map_err(refused)?, caller.storage_classes().map_err(refused)?, caller.quota().map_err(refused)?);
    Ok(preflight(file, &Known { own: &own, classes: &classes, quota: quota.as_ref(), limits }))
}

/// The same, with what the API server says about it. It makes nothing.
pub async fn check(caller: &UserCluster, limits: &Limits, file: &str) -> Result<Preflight, Problem> {
    let mut judged = judge(caller, limits, file)?;
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
