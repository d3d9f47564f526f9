//! What happened in the life of a task, in order, and how long did each step take? From what the cluster still knows.

use super::{PodState, Task, TaskPod, TaskState};
use crate::{event::Event, text, volume::Volume};

/// One step. `at` is unknown when the cluster has forgotten: it keeps events for about an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub what: Moment,
    pub at: Option<i64>,
    /// Seconds since the step before, where both are known.
    pub after: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moment {
    Submitted,
    /// A volume got its storage after the task was submitted.
    VolumeReady {
        name: String,
    },
    Scheduled {
        rank: Option<u32>,
        node: Option<String>,
    },
    ImagePulled {
        rank: Option<u32>,
    },
    Started {
        rank: Option<u32>,
    },
    /// This pod's end, while others may still run.
    RankEnded {
        rank: u32,
        exit_code: Option<i32>,
    },
    /// A pod failed and another one takes its rank.
    Retried {
        rank: u32,
    },
    Succeeded,
    Failed,
    Stopped,
    StopAsked,
}

/// In the order of time; what has no known time stands where it belongs in a life.
pub fn timeline(task: &Task, events: &[Event], volumes: &[Volume], volume_events: &[(String, Vec<Event>)]) -> Vec<Step> {
    let many = task.nodes.max(task.completions) > 1;
    let rank = |pod: &TaskPod| many.then_some(pod.rank);
    // A submission is first, whatever the clocks of nodes say.
    let mut steps = Vec::new();
    for mount in &task.mounts {
        let made = volume_events.iter().filter(|(claim, _)| *claim == mount.claim).flat_map(|(_, events)| events);
        let made = made.filter(|event| event.reason == "ProvisioningSucceeded").map(|event| event.first).min();
        if let Some(at) = made.filter(|at| *at >= task.submitted) {
            let name = volumes.iter().find(|volume| volume.claim == mount.claim).map_or(&mount.claim, |volume| &volume.name);
            steps.push((at, Moment::VolumeReady { name: name.clone() }));
        }
    }
    let current: Vec<&str> = task.current_pods().iter().map(|pod| pod.name.as_str()).collect();
    for pod in &task.pods {
        let first = |reason: &str| pod.events.iter().filter(|event| event.reason == reason).map(|event| event.first).min();
        if let Some(at) = first("Scheduled") {
            steps.push((at, Moment::Scheduled { rank: rank(pod), node: pod.node.clone() }));
        }
        // Only of an image that had to be fetched: `already present on machine` took no time.
        let pulled = pod.events.iter().filter(|event| event.reason == "Pulled" && !event.message.contains("already present"));
        if let Some(at) = pulled.map(|event| event.first).min() {
            steps.push((at, Moment::ImagePulled { rank: rank(pod) }));
        }
        // A pod that could not be started claims to have begun in 1970.
        if let Some(at) = pod.started.filter(|at| *at > 0 && *at >= pod.created.min(task.submitted)) {
            steps.push((at, Moment::Started { rank: rank(pod) }));
        }
        if let Some(at) = pod.ended {
            if pod.state == PodState::Failed && !current.contains(&pod.name.as_str()) {
                steps.push((at, Moment::Retried { rank: pod.rank }));
            } else if many {
                steps.push((at, Moment::RankEnded { rank: pod.rank, exit_code: pod.exit_code }));
            }
        }
    }
    let end = match task.state {
        TaskState::Succeeded => Some(Moment::Succeeded),
        TaskState::Failed => Some(Moment::Failed),
        TaskState::Stopped => Some(Moment::Stopped),
        TaskState::Stopping => {
            let at = events.iter().filter(|event| event.reason == "Suspended").map(|event| event.last).max();
            steps.extend(at.map(|at| (at, Moment::StopAsked)));
            None
        }
        TaskState::Incomplete | TaskState::Running | TaskState::Starting => None,
    };
    steps.sort_by_key(|(at, what)| (*at, what.order()));
    let mut line = vec![Step { what: Moment::Submitted, at: Some(task.submitted), after: None }];
    line.extend(steps.into_iter().map(|(at, what)| Step { what, at: Some(at), after: None }));
    line.extend(end.map(|what| Step { what, at: task.ended, after: None }));
    let times: Vec<Option<i64>> = line.iter().map(|step| step.at).collect();
    for (step, before) in line.iter_mut().skip(1).zip(times) {
        step.after = step.at.zip(before).map(|(at, before)| at.saturating_sub(before).max(0));
    }
    line
}

impl Moment {
    /// Of things in the same second.
    fn order(&self) -> u8 {
        match self {
            Self::Submitted => 0,
            Self::VolumeReady { .. } => 1,
            Self::Scheduled { .. } => 2,
            Self::ImagePulled { .. } => 3,
            Self::Started { .. } => 4,
            Self::StopAsked => 5,
            Self::RankEnded { .. } | Self::Retried { .. } => 6,
            Self::Succeeded | Self::Failed | Self::Stopped => 7,
        }
    }

    pub fn in_words(&self) -> String {
        let of = |rank: &Option<u32>| rank.map(|rank| format!("Rank {rank}: ")).unwrap_or_default();
        match self {
            Self::Submitted => "Submitted".into(),
            Self::VolumeReady { name } => format!("Volume {name} ready"),
            Self::Scheduled { rank, node: Some(node) } => format!("{}placed on {node}", of(rank)),
            Self::Scheduled { rank, node: None } => format!("{}placed on a node", of(rank)),
            Self::ImagePulled { rank } => format!("{}image fetched", of(rank)),
            Self::Started { rank } => format!("{}started", of(rank)),
            Self::RankEnded { rank, exit_code: Some(code) } => format!("Rank {rank}: ended with exit code {code}"),
            Self::RankEnded { rank, exit_code: None } => format!("Rank {rank}: ended"),
            Self::Retried { rank } => format!("Rank {rank}: failed, and is tried again"),
            Self::Succeeded => "Succeeded".into(),
            Self::Failed => "Failed".into(),
            Self::Stopped => "Stopped".into(),
            Self::StopAsked => "Asked to stop".into(),
        }
    }

    /// How long it took, where the time before belongs to it: `after 12 s`.
    pub fn took(&self, after: Option<i64>) -> Option<String> {
        let after = after.filter(|after| *after > 0)?;
        Some(format!("after {}", text::age(0, after)))
    }

    /// The name of the silhouette in the icon sprite.
    pub fn icon(&self) -> &'static str {
        match self {
            Self::Submitted => "plus",
            Self::VolumeReady { .. } => "vol",
            Self::Scheduled { .. } => "classes",
            Self::ImagePulled { .. } => "provisioning",
            Self::Started { .. } => "run",
            Self::RankEnded { exit_code: Some(0) | None, .. } => "done",
            Self::RankEnded { .. } | Self::Retried { .. } | Self::Failed => "failed",
            Self::Succeeded => "ready",
            Self::Stopped | Self::StopAsked => "leaving",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::cause::tests::{pod, said, task};

    fn words(steps: &[Step]) -> Vec<(String, Option<i64>, Option<i64>)> {
        steps.iter().map(|step| (step.what.in_words(), step.at, step.after)).collect()
    }

    #[test]
    fn each_step_has_its_time_and_how_long_it_took() {
        let mut ran = pod(0, PodState::Succeeded);
        ran.node = Some("n1".into());
        ran.events = vec![said("Scheduled", "x", 105), said("Pulled", "Successfully pulled image \"a\" in 9s", 115)];
        (ran.created, ran.started, ran.ended, ran.exit_code) = (101, Some(117), Some(160), Some(0));
        let mut done = task(TaskState::Succeeded);
        done.pods = vec![ran];
        done.ended = Some(161);
        let made = [("data-abcdefgh".to_owned(), vec![said("ProvisioningSucceeded", "x", 104)])];
        assert_eq!(
            words(&timeline(&done, &[], &[], &made)),
            [
                ("Submitted".into(), Some(100), None),
                ("Volume data-abcdefgh ready".into(), Some(104), Some(4)),
                ("placed on n1".into(), Some(105), Some(1)),
                ("image fetched".into(), Some(115), Some(10)),
                ("started".into(), Some(117), Some(2)),
                ("Succeeded".into(), Some(161), Some(44)),
            ]
        );
    }

    #[test]
    fn each_rank_has_its_own_steps_and_a_failed_one_is_tried_again() {
        let mut several = task(TaskState::Running);
        several.nodes = 2;
        several.completions = 2;
        let mut first = pod(0, PodState::Failed);
        (first.created, first.started, first.ended, first.exit_code) = (101, Some(110), Some(120), Some(1));
        let mut again = pod(0, PodState::Running);
        (again.name, again.created, again.started) = ("t-0-again".into(), 121, Some(125));
        let mut other = pod(1, PodState::Succeeded);
        (other.created, other.started, other.ended, other.exit_code) = (101, Some(111), Some(130), Some(0));
        several.pods = vec![first, again, other];
        let found: Vec<_> = timeline(&several, &[], &[], &[]).into_iter().map(|step| step.what.in_words()).collect();
        assert_eq!(
            found,
            [
                "Submitted",
                "Rank 0: started",
                "Rank 1: started",
                "Rank 0: failed, and is tried again",
                "Rank 0: started",
                "Rank 1: ended with exit code 0"
            ]
        );
    }

    #[test]
    fn an_image_that_was_there_and_a_start_in_1970_are_no_steps() {
        let mut broken = pod(0, PodState::Failed);
        broken.events = vec![said("Pulled", "Container image \"a\" already present on machine", 102)];
        (broken.created, broken.started, broken.ended) = (101, Some(0), Some(103));
        let mut failed = task(TaskState::Failed);
        failed.pods = vec![broken];
        assert_eq!(
            words(&timeline(&failed, &[], &[], &[])).into_iter().map(|(words, ..)| words).collect::<Vec<_>>(),
            ["Submitted", "Failed"]
        );
    }
}
