//! Does the namespace's quota have room for one more task? From the quotas as they are enforced now; a task that finds none waits.

use super::{
    Limit,
    words::{amount, bare, in_words},
};
use crate::task::TaskSpec;

/// What the quotas say about pods and Jobs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskQuota(Vec<Limit>);

/// What a quota means for a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// It can never run, or not even be made; otherwise it waits until others end.
    pub is_never: bool,
    pub sentence: String,
}

impl TaskQuota {
    /// Resource, hard limit and use, in the cluster's words. What concerns no task is left out.
    pub fn of<'a>(limits: impl IntoIterator<Item = (&'a str, &'a str, &'a str)>) -> Self {
        let read = |(resource, hard, used): (&str, &str, &str)| {
            let (hard, used) = (amount(resource, hard)?, amount(resource, used).unwrap_or_default());
            in_words(resource, hard).map(|_| Limit { resource: resource.to_owned(), hard, used })
        };
        Self(limits.into_iter().filter_map(read).collect())
    }

    /// Every quota that has no room for this task now.
    pub fn judge(&self, spec: &TaskSpec, gpu_resource: &str) -> Vec<Room> {
        self.0.iter().filter_map(|limit| room(limit, asked(spec, &limit.resource, gpu_resource))).collect()
    }
}

/// How much of a resource all its pods ask for together, in the unit of [`amount`].
fn asked(spec: &TaskSpec, resource: &str, gpu_resource: &str) -> u64 {
    let (pods, each) = (u64::from(spec.pods()), &spec.resources);
    let is_upper_end = resource.starts_with("limits.");
    let one = match bare(resource) {
        "pods" | "count/pods" => 1,
        "cpu" if is_upper_end => each.cpu_millis,
        "cpu" => each.requested_cpu_millis.unwrap_or(each.cpu_millis),
        "memory" if is_upper_end => each.memory.bytes(),
        "memory" => each.requested_memory.unwrap_or(each.memory).bytes(),
        "ephemeral-storage" => each.disk.bytes(),
        gpu if gpu == gpu_resource => each.gpus.into(),
        "count/jobs.batch" => return 1,
        "services" | "count/services" if spec.nodes > 1 => return 1,
        _ => 0,
    };
    one.saturating_mul(pods)
}

fn room(limit: &Limit, asked: u64) -> Option<Room> {
    let Limit { resource, hard, used } = limit;
    if asked == 0 || asked <= hard.saturating_sub(*used) {
        return None;
    }
    // What is counted when it is made is refused then; pods are made when there is room.
    let is_made_at_once = resource.starts_with("count/jobs") || resource.ends_with("services");
    let (most, taken, wants) = (in_words(resource, *hard)?, in_words(resource, *used)?, in_words(resource, asked)?);
    let known = format!("The namespace's quota allows {most} for all people together");
    Some(if asked > *hard {
        Room { is_never: true, sentence: format!("{known}, and this asks for {wants}. Ask for less, or ask an administrator.") }
    } else if is_made_at_once {
        let sentence = format!("{known}, and {taken} are there. Delete one that is over, or ask an administrator.");
        Room { is_never: true, sentence }
    } else {
        let sentence = format!("{known}, {taken} are taken, and this asks for {wants}: it waits until others end.");
        Room { is_never: false, sentence }
    })
}

#[cfg(feature = "yaml")]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::{Limits, file};

    fn told(quota: &[(&str, &str, &str)], file: &str) -> Vec<(bool, String)> {
        let limits = Limits { image: "stowage.dev/busybox:1".parse().ok(), ..Limits::default() };
        let spec = file::read(&format!("name: a\nrun: ls\n{file}\n"), &limits, &[]).unwrap().spec;
        let rooms = TaskQuota::of(quota.iter().copied()).judge(&spec, "nvidia.com/gpu");
        rooms.into_iter().map(|room| (room.is_never, room.sentence)).collect()
    }

    #[test]
    fn what_waits_for_room_is_told_from_what_never_finds_any() {
        let gpus = [("requests.nvidia.com/gpu", "8", "7")];
        assert_eq!(told(&gpus, "resources: {accelerators: 1}"), []);
        assert_eq!(told(&gpus, "resources: {accelerators: 2}"), [(
            false,
            "The namespace's quota allows 8 GPUs for all people together, 7 GPUs are taken, and this asks for 2 GPUs: it waits until others end.".to_owned()
        )]);
        let never = told(&gpus, "num_nodes: 3\nresources: {accelerators: 4}");
        assert!(never[0].0 && never[0].1.contains("and this asks for 12 GPUs. Ask for less"), "{never:?}");
        let cores = told(&[("requests.cpu", "4", "3500m")], "resources: {cpus: 1}");
        assert!(!cores[0].0 && cores[0].1.contains("3.5 cores are taken, and this asks for 1 core:"), "{cores:?}");
        let jobs = told(&[("count/jobs.batch", "10", "10")], "");
        assert!(jobs[0].0 && jobs[0].1.contains("allows 10 tasks for all people together, and 10 tasks are there."), "{jobs:?}");
    }

    #[test]
    fn a_quota_that_concerns_no_task_says_nothing() {
        let quota = [("requests.storage", "1", "1"), ("configmaps", "1", "1"), ("pods", "much", "1"), ("count/services", "1", "1")];
        assert_eq!(told(&quota, ""), []);
    }
}
