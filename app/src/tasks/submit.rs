//! How does a file become a task, at most once?

use super::{
    draft::{judge_file, secrets_for},
    source::Source,
};
use crate::{
    limits::in_turn,
    server::{Portal, records_failed, told},
};
use cluster::UserCluster;
use domain::{
    name::TaskId,
    problem::{Code, FieldErrors, Problem},
    secret::Secret,
    task::{
        Attachments, Plan, Task, TaskState,
        preflight::{Level, Line},
    },
};
use futures::{FutureExt, future::BoxFuture};
use records::{Attempt, Begun};
use std::hash::{DefaultHasher, Hash, Hasher};

/// A task, and whether this call made it.
pub type Submitted = (Task, bool);

/// What a task is made of.
#[derive(Clone, Debug, Default)]
pub struct Work {
    pub file: String,
    pub attached: Attachments,
}

/// A call that may come twice: whatever names it, and what was sent.
#[derive(Clone, Debug)]
pub struct Once {
    pub key: String,
    pub body: Vec<u8>,
}

/// Makes the task, at most once per key. The file is judged once more, unless it is a task already: the volumes that it names may have
/// been made by that one, or be gone since.
pub async fn submit(portal: &Portal, caller: &UserCluster, once: Option<Once>, work: &Work) -> Result<Submitted, Problem> {
    let secrets = secrets_for(caller, &work.file).await?;
    submit_planned(portal, caller, once, || plan(portal, caller, work, &secrets)).await
}

/// Makes the task that is planned, at most once per key. What was made before is the answer, whatever could be planned now.
pub async fn submit_planned(
    portal: &Portal,
    caller: &UserCluster,
    once: Option<Once>,
    plan: impl FnOnce() -> Result<Plan, Problem> + Send,
) -> Result<Submitted, Problem> {
    let Some(Once { key, body }) = once else {
        let plan = plan()?;
        return in_turn(&portal.records, caller, made(caller, &plan, None)).await.map(|task| (task, true));
    };
    let attempt = Attempt::new(caller.user().key().clone(), &key, &body);
    let keys = portal.records.idempotency();
    // The same id each time: what an attempt without an answer has made is found by it.
    let id = id_of(caller, &key);
    let found = match keys.begin(&attempt).await.map_err(|error| records_failed(&error))? {
        Begun::First => None,
        Begun::Again => caller.task(&id).ok(),
        Begun::Made(id) => return earlier(portal, caller, &id).await,
        Begun::Underway => {
            return Err(Problem::new(
                Code::Conflict,
                "The same task is being submitted at this moment. Look at the list of tasks in a few seconds.",
            ));
        }
        Begun::Other => {
            let sentence = "This key was used for another call in the last 24 hours. Use a new key for each task.";
            return Err(Problem { fields: FieldErrors::one("Idempotency-Key", sentence), ..Problem::new(Code::Invalid, sentence) });
        }
    };
    let made = match (found, plan) {
        (Some(detail), _) if detail.task.state != TaskState::Incomplete => Ok(detail.task),
        (found, plan) => match (plan(), found) {
            (Ok(plan), _) => in_turn(&portal.records, caller, made(caller, &plan, Some(&id))).await,
            // Made in part, and now it could not be planned: its page offers to go on.
            (Err(_), Some(detail)) => Ok(detail.task),
            (Err(problem), None) => Err(problem),
        },
    };
    let noted = match &made {
        Ok(task) => keys.made(&attempt, task.id.as_str()).await,
        Err(problem) if matches!(problem.code, Code::ClusterUnreachable | Code::ClusterSlow | Code::Internal) => {
            keys.unknown(&attempt).await
        }
        Err(_) => keys.failed(&attempt).await,
    };
    if let Err(error) = noted {
        tracing::error!(error = &error as &dyn std::error::Error, "an idempotency key stays taken");
    }
    made.map(|task| (task, true))
}

/// Makes the task, as this id if one is given. On the heap from the start: it is large, and stands within much else.
fn made<'a>(caller: &'a UserCluster, plan: &'a Plan, id: Option<&'a TaskId>) -> BoxFuture<'a, Result<Task, Problem>> {
    let made = async move {
        match id {
            Some(id) => caller.submit_as(id, plan).await,
            None => caller.submit(plan).await,
        }
    };
    made.map(|made| made.map_err(|error| told(&error))).boxed()
}

/// What the file asks for, or every reason why it cannot be had.
fn plan(portal: &Portal, caller: &UserCluster, work: &Work, secrets: &[Secret]) -> Result<Plan, Problem> {
    let judged = judge_file(caller, &portal.limits, &work.file, &work.attached, secrets)?;
    let refusals: Vec<String> = judged.of(Level::Refusal).map(in_words).collect();
    judged.plan.ok_or_else(|| {
        let message = match refusals.len() {
            1 => "One thing in the file must change, so no task was made.".to_owned(),
            many => format!("{many} things in the file must change, so no task was made."),
        };
        Problem { fields: FieldErrors::one("file", refusals.join("\n")), ..Problem::new(Code::Invalid, message) }
    })
}

/// `Line 3, column 7: ...`
pub fn in_words(line: &Line) -> String {
    match line.place {
        Some(place) => format!("Line {}, column {}: {}", place.line, place.column, line.sentence),
        None => line.sentence.clone(),
    }
}

impl Work {
    /// What makes it this one: the same file with other files beside it is another.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.file.clone().into_bytes();
        for file in &self.attached {
            bytes.extend(format!("\0{}\0{}\0", file.path, file.bytes.len()).bytes());
            bytes.extend(&file.bytes);
        }
        bytes
    }
}

async fn earlier(portal: &Portal, caller: &UserCluster, id: &str) -> Result<Submitted, Problem> {
    let id = id.parse().map_err(|_| crate::server::went_wrong())?;
    // Also one whose Job the cluster has removed: it was made, and is still there to read.
    match Source::Mine(caller.clone()).look(portal, &id).await {
        Ok(found) => Ok((found.into_detail().task, false)),
        Err(problem) if problem.code == Code::NotFound => Err(Problem::new(
            Code::Conflict,
            "The task that was made under this key has been deleted since. Use a new key to run it again.",
        )),
        Err(problem) => Err(problem),
    }
}

/// The id that this person's key stands for. A handle, so that any spread of the keys will do.
fn id_of(caller: &UserCluster, key: &str) -> TaskId {
    let mut hasher = DefaultHasher::new();
    caller.user().key().as_str().hash(&mut hasher);
    key.hash(&mut hasher);
    TaskId::from_random(hasher.finish())
}
