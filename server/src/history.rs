//! Who writes down how a task went? This follows the tasks of everybody, reads the last lines of each pod when it ends, and writes a
//! task down once it is over: seconds later its Job may be gone.

use crate::background::Background;
use cluster::{Keeper, Standing};
use domain::task::{PodLog, PodState, Task, TaskPod, TaskRecord, TaskState};
use records::History;
use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Between two looks at the rows, however much changes.
const PAUSE: Duration = Duration::from_millis(100);
/// After this, what could not be written is tried again.
const AGAIN: Duration = Duration::from_secs(30);
/// A log that could not be read is asked for so often, with so long in between: its Job stays for at least ten seconds.
const ATTEMPTS: u32 = 3;
const BETWEEN: Duration = Duration::from_secs(1);
/// So long after a task's end its pods may still be said to be at work: pods and Jobs are watched apart from each other.
const BEHIND: Duration = Duration::from_secs(30);
/// So many logs of pods that have ended are read at once.
const AT_ONCE: usize = 8;

/// Keeps the history of tasks for so many days.
pub fn keep(keeper: Keeper, history: History, days: u32) -> Background {
    Background::start("writing the history of tasks", move || {
        let desk = Desk {
            keeper: keeper.clone(),
            history: history.clone(),
            days,
            open: HashMap::new(),
            closed: HashSet::new(),
            reading: JoinSet::new(),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        };
        desk.work()
    })
}

struct Desk {
    keeper: Keeper,
    history: History,
    days: u32,
    /// By the Job's uid: what is not written down yet.
    open: HashMap<String, Page>,
    /// Of the Jobs that are still there, those that are written down.
    closed: HashSet<String>,
    reading: JoinSet<(String, Read)>,
    turns: Arc<Semaphore>,
}

/// What is known of one task so far.
struct Page {
    standing: Standing,
    record: TaskRecord,
    /// The pods whose log was asked for.
    asked: HashSet<String>,
    asked_for_job: bool,
    /// Answers that are not here yet.
    awaited: usize,
    is_there: bool,
    /// When its end was seen here.
    over_since: Option<Instant>,
}

enum Read {
    Log(Option<PodLog>),
    Job(Option<String>),
}

impl Desk {
    async fn work(mut self) {
        let mut changes = self.keeper.changes();
        let mut again = tokio::time::interval(AGAIN);
        loop {
            changes.borrow_and_update();
            self.look().await;
            self.write().await;
            tokio::select! {
                changed = changes.changed() => {
                    // The cluster's rows are gone, and with them the portal.
                    if changed.is_err() {
                        return;
                    }
                    tokio::time::sleep(PAUSE).await;
                }
                Some(read) = self.reading.join_next() => {
                    if let Ok((uid, read)) = read {
                        self.take(&uid, read);
                    }
                }
                _ = again.tick() => {}
            }
        }
    }

    /// Takes in what has changed, and asks for what will soon be gone.
    async fn look(&mut self) {
        let Ok(all) = self.keeper.standing() else { return };
        for page in self.open.values_mut() {
            page.is_there = false;
        }
        let mut there = HashSet::with_capacity(all.len());
        for standing in all {
            let uid = standing.uid().to_owned();
            there.insert(uid.clone());
            if self.closed.contains(&uid) {
                continue;
            }
            if let Some(page) = self.open.get_mut(&uid) {
                page.is_there = true;
                if standing.is_same(&page.standing) {
                    continue;
                }
                page.record = standing.into_record(Some(page.record.clone()));
                page.standing = standing;
            } else {
                let record = standing.into_record(None);
                // What was over when this portal started may be written down already.
                if record.task.state.is_over() && self.history.has(&uid).await.unwrap_or(false) {
                    self.closed.insert(uid);
                    continue;
                }
                let page =
                    Page { standing, record, asked: HashSet::new(), asked_for_job: false, awaited: 0, is_there: true, over_since: None };
                self.open.insert(uid.clone(), page);
            }
            self.ask(&uid);
        }
        for standing in self.keeper.departed() {
            // What was deleted before it was ever seen here leaves its outcome, and nothing that could be read.
            let Some(page) = self.open.get_mut(standing.uid()) else { continue };
            page.record = standing.into_record(Some(page.record.clone()));
        }
        self.closed.retain(|uid| there.contains(uid));
        // One that goes before it is over was deleted by a person.
        self.open.retain(|_, page| page.is_there || page.record.task.state.is_over());
    }

    fn ask(&mut self, uid: &str) {
        let Some(page) = self.open.get_mut(uid) else { return };
        let state = page.record.task.state;
        if state.is_over() {
            page.over_since.get_or_insert_with(Instant::now);
        }
        let wanted: Vec<TaskPod> = page.record.task.pods.iter().filter(|pod| wants_log(pod, state)).cloned().collect();
        for pod in wanted {
            if !page.asked.insert(pod.name.clone()) {
                continue;
            }
            page.awaited += 1;
            let (keeper, standing, uid) = (self.keeper.clone(), page.standing.clone(), uid.to_owned());
            let turns = Arc::clone(&self.turns);
            self.reading.spawn(async move {
                let runs = !pod.state.is_over();
                // What is about to be gone cannot wait for its turn.
                let _turn = if runs { None } else { turns.acquire_owned().await.ok() };
                (uid, Read::Log(last_words(&keeper, &standing, &pod, runs).await))
            });
        }
        if state.is_over() && !page.asked_for_job {
            page.asked_for_job = true;
            page.awaited += 1;
            let (keeper, standing, uid) = (self.keeper.clone(), page.standing.clone(), uid.to_owned());
            self.reading.spawn(async move { (uid, Read::Job(or_nothing(keeper.yaml(&standing).await))) });
        }
    }

    fn take(&mut self, uid: &str, read: Read) {
        let Some(page) = self.open.get_mut(uid) else { return };
        page.awaited -= 1;
        match read {
            Read::Log(Some(log)) => page.record.keep_log(log),
            Read::Job(Some(yaml)) => page.record.yaml = yaml,
            Read::Log(None) | Read::Job(None) => {}
        }
    }

    /// Writes down what is over and has been read.
    async fn write(&mut self) {
        let ready: Vec<String> = self.open.iter().filter(|(_, page)| page.is_ready()).map(|(uid, _)| uid.clone()).collect();
        for uid in ready {
            let Some(page) = self.open.get_mut(&uid) else { continue };
            page.record.close();
            match self.history.write(page.standing.owner(), &page.record, self.days).await {
                Ok(()) => {
                    self.open.remove(&uid);
                    self.closed.insert(uid);
                }
                Err(error) => {
                    tracing::warn!(error = &error as &dyn Error, uid, "the history of a task could not be written; it is tried again");
                }
            }
        }
    }
}

impl Page {
    fn is_ready(&self) -> bool {
        let is_late = self.over_since.is_some_and(|since| since.elapsed() >= BEHIND);
        self.record.task.state.is_over()
            && self.awaited == 0
            && (!self.is_there || is_late || is_whole(&self.record, &self.standing.task()))
    }
}

/// Whether the pods of a task that is over are seen as they ended. `now` has those that the cluster still has.
fn is_whole(record: &TaskRecord, now: &Task) -> bool {
    let is_known = match now.state {
        TaskState::Succeeded => record.task.current_pods().len() >= usize::try_from(now.completions).unwrap_or(usize::MAX),
        TaskState::Failed => !record.task.pods.is_empty(),
        // Stopping deletes the pods, if there were any.
        TaskState::Stopped | TaskState::Incomplete | TaskState::Running | TaskState::Starting | TaskState::Stopping => true,
    };
    is_known && now.pods.iter().all(|pod| pod.state.is_over() || pod.state == PodState::Waiting)
}

/// The end of a pod's log. Only what is not there at all is given up at once.
async fn last_words(keeper: &Keeper, standing: &Standing, pod: &TaskPod, runs: bool) -> Option<PodLog> {
    for attempt in 1..=ATTEMPTS {
        match keeper.last_words(standing, pod, runs).await {
            Ok(log) => return Some(log),
            Err(error @ cluster::Error::NotFound) => return or_nothing(Err(error)),
            Err(error) if attempt == ATTEMPTS => return or_nothing(Err(error)),
            Err(_) => tokio::time::sleep(BETWEEN).await,
        }
    }
    None
}

/// A pod that has ended, or that is about to be ended: when it has, it is deleted. One of a task that is over has ended, too, whatever
/// is known of it so far.
fn wants_log(pod: &TaskPod, state: TaskState) -> bool {
    match pod.state {
        PodState::Succeeded | PodState::Failed => true,
        PodState::Running => state == TaskState::Stopping || state.is_over(),
        PodState::Starting => state.is_over(),
        PodState::Waiting => false,
    }
}

fn or_nothing<T>(read: Result<T, cluster::Error>) -> Option<T> {
    read.inspect_err(|error| tracing::debug!(error = error as &dyn Error, "a part of a task's history was gone")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(state: &str) -> TaskPod {
        let pod = serde_json::json!({
            "name": "a-0-x", "rank": 0, "state": state, "node": null, "created": 1, "started": 2, "ended": null, "exit_code": null,
            "reason": null, "message": null, "events": [],
        });
        serde_json::from_value(pod).unwrap()
    }

    fn task(state: &str, pods: Vec<TaskPod>) -> Task {
        let task = serde_json::json!({
            "id": "abcdefgh", "name": "a", "job": "a-abcdefgh", "uid": "u", "username": "alice", "state": state, "nodes": 1,
            "completions": 1, "image": "i", "accelerators": null, "mounts": [], "submitted": 0, "started": null, "ended": 9, "pods": pods,
        });
        serde_json::from_value(task).unwrap()
    }

    #[test]
    fn d_13_a_task_that_is_over_is_not_closed_before_its_pods_are_seen_to_end() {
        let is_whole =
            |now: &Task, seen: Vec<TaskPod>| is_whole(&TaskRecord::new(Task { pods: seen, ..now.clone() }, Vec::new(), String::new()), now);
        let of = |state, pods: Vec<TaskPod>| is_whole(&task(state, pods.clone()), pods);
        assert!(of("Succeeded", vec![pod("Succeeded")]) && of("Failed", vec![pod("Failed")]));
        assert!(!of("Succeeded", vec![pod("Running")]), "its Job is ahead of its pod");
        assert!(!of("Succeeded", vec![]) && !of("Failed", vec![]), "its pod was not seen at all");
        assert!(of("Stopped", vec![]), "whoever stops it deletes its pods");
        assert!(is_whole(&task("Succeeded", vec![]), vec![pod("Succeeded")]), "seen, and gone since");
        assert!(wants_log(&pod("Running"), TaskState::Succeeded) && wants_log(&pod("Starting"), TaskState::Failed));
        assert!(!wants_log(&pod("Running"), TaskState::Running) && !wants_log(&pod("Waiting"), TaskState::Failed));
    }
}
