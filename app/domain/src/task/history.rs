//! What is kept of a task when the cluster has forgotten it? How it went, as it was last seen, and the end of what each pod wrote.

use super::{PodState, Task};
use crate::event::Event;
use serde::{Deserialize, Serialize};

/// So many bytes are kept of what a pod wrote: the last ones.
pub const LOG_KEPT: usize = 64 << 10;

/// Kubernetes has no word for a pod that was deleted before anybody saw it end.
const DELETED: &str = "Deleted";

/// A task that is over, or about to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskRecord {
    /// With every pod that was seen, also those that were deleted meanwhile.
    pub task: Task,
    /// About the Job, newest first.
    pub events: Vec<Event>,
    /// What was asked for, as the JSON of a task file's fields.
    pub file: String,
    /// The Job as it last was; empty if it was gone too soon.
    pub yaml: String,
    /// Of the pods whose log could be read, by rank.
    pub logs: Vec<PodLog>,
}

/// The end of what one pod wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PodLog {
    pub pod: String,
    pub rank: u32,
    pub text: String,
    /// Whether there was more before.
    pub is_cut: bool,
}

impl TaskRecord {
    pub fn new(task: Task, events: Vec<Event>, file: String) -> Self {
        Self { task, events, file, yaml: String::new(), logs: Vec::new() }
    }

    /// The same task, seen later. What it no longer has stays as it was: stopping it deletes its pods.
    pub fn see(&mut self, mut task: Task, events: Vec<Event>) {
        let gone = self.task.pods.drain(..).filter(|pod| task.pods.iter().all(|other| other.name != pod.name));
        let gone: Vec<_> = gone.collect();
        task.pods.extend(gone);
        task.pods.sort_by(|a, b| (a.rank, a.created, &a.name).cmp(&(b.rank, b.created, &b.name)));
        task.started = task.started.or(self.task.started);
        self.task = task;
        if !events.is_empty() {
            self.events = events;
        }
    }

    pub fn keep_log(&mut self, log: PodLog) {
        self.logs.retain(|known| known.pod != log.pod);
        self.logs.push(log);
        self.logs.sort_by(|a, b| (a.rank, &a.pod).cmp(&(b.rank, &b.pod)));
    }

    /// Of a task that is over no pod is left at work: what was not seen to end was deleted.
    pub fn close(&mut self) {
        let ended = self.task.ended;
        for pod in &mut self.task.pods {
            match pod.state {
                PodState::Succeeded | PodState::Failed => {}
                PodState::Waiting | PodState::Starting | PodState::Running => {
                    pod.state = PodState::Failed;
                    pod.reason = Some(DELETED.to_owned());
                    pod.message = None;
                    pod.ended = pod.ended.or(ended);
                }
            }
        }
    }
}

impl PodLog {
    /// Of a log's last bytes: from the first whole line on, if there was more before.
    pub fn of(pod: &str, rank: u32, bytes: &[u8], is_cut: bool) -> Self {
        let start = if is_cut { bytes.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1) } else { 0 };
        let text = String::from_utf8_lossy(&bytes[start..]).into_owned();
        Self { pod: pod.to_owned(), rank, text, is_cut }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::{TaskPod, TaskState};

    fn pod(name: &str, state: PodState) -> TaskPod {
        TaskPod {
            name: name.into(),
            rank: 0,
            state,
            node: None,
            created: 1,
            started: Some(2),
            ended: None,
            exit_code: None,
            reason: None,
            message: None,
            events: Vec::new(),
        }
    }

    fn task(state: TaskState, pods: Vec<TaskPod>) -> Task {
        Task {
            id: "abcdefgh".parse().unwrap(),
            name: "a".into(),
            job: "a-abcdefgh".into(),
            uid: "u".into(),
            username: "alice".into(),
            owner_subject: None,
            state,
            reason: None,
            message: None,
            nodes: 1,
            completions: 1,
            image: "i".into(),
            accelerators: None,
            mounts: Vec::new(),
            purpose: None,
            scratch: Vec::new(),
            time_limit: None,
            submitted: 0,
            started: pods.iter().filter_map(|pod| pod.started).min(),
            ended: state.is_over().then_some(9),
            pods,
        }
    }

    #[test]
    fn a_pod_that_was_deleted_stays_in_the_record_and_is_not_said_to_run() {
        let first = vec![pod("a-0-x", PodState::Failed), pod("a-0-y", PodState::Running)];
        let mut record = TaskRecord::new(task(TaskState::Running, first), Vec::new(), String::new());
        record.see(task(TaskState::Stopping, vec![pod("a-0-y", PodState::Running)]), Vec::new());
        record.see(task(TaskState::Stopped, Vec::new()), Vec::new());
        record.close();
        let told: Vec<_> = record.task.pods.iter().map(|pod| (pod.name.as_str(), pod.state, pod.reason.as_deref(), pod.ended)).collect();
        assert_eq!(told, [("a-0-x", PodState::Failed, None, None), ("a-0-y", PodState::Failed, Some("Deleted"), Some(9))]);
        assert_eq!((record.task.state, record.task.started), (TaskState::Stopped, Some(2)));
    }

    #[test]
    fn a_log_that_is_cut_begins_with_a_whole_line() {
        assert_eq!(PodLog::of("p", 0, b"alf\nwhole\n", true).text, "whole\n");
        assert_eq!(PodLog::of("p", 0, b"one\n\xfftwo", false).text, "one\n\u{fffd}two");
        assert_eq!(PodLog::of("p", 0, b"no end", true).text, "no end");
    }
}
