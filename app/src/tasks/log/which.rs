//! Whose lines are meant? Those of all pods that count, of one rank, or of one try at it.

use domain::task::{PodState, Task, TaskPod};

/// So many pods are read together at most.
pub const PODS: usize = 16;

/// What an address asks for. Nothing said means all that count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Which {
    /// Exactly this pod, also one that was replaced.
    pub pod: String,
    /// The newest pod of this rank, and whatever takes its place.
    pub rank: Option<u32>,
}

impl Which {
    /// `None` if no pod can be meant.
    pub fn read(pod: &str, rank: &str) -> Option<Self> {
        let rank = if rank.is_empty() { None } else { Some(rank.parse().ok()?) };
        Some(Self { pod: pod.to_owned(), rank })
    }

    /// The pods that are meant; of those that were not placed nothing can be read.
    pub fn pods<'a>(&self, task: &'a Task) -> Vec<&'a TaskPod> {
        if !self.pod.is_empty() {
            return task.pods.iter().filter(|known| known.name == self.pod).collect();
        }
        let of_rank = |pod: &&TaskPod| self.rank.is_none_or(|rank| pod.rank == rank) && pod.state != PodState::Waiting;
        task.current_pods().into_iter().filter(of_rank).take(PODS).collect()
    }

    /// The rank that alone is meant, if one is.
    pub fn only_rank(&self, task: &Task) -> Option<u32> {
        let mut ranks = task.pods.iter().map(|pod| pod.rank);
        let first = ranks.next()?;
        let is_single = ranks.all(|rank| rank == first);
        let of_pod = task.pods.iter().find(|pod| pod.name == self.pod).map(|pod| pod.rank);
        self.rank.or(of_pod).or(is_single.then_some(first))
    }

    /// As the parameters of an address.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let pod = (!self.pod.is_empty()).then(|| ("pod", self.pod.clone()));
        pod.into_iter().chain(self.rank.map(|rank| ("rank", rank.to_string()))).collect()
    }

    /// Whether nothing more can be written.
    pub fn is_over(&self, task: &Task) -> bool {
        let pods = self.pods(task);
        let all = |holds: fn(&TaskPod) -> bool| !pods.is_empty() && pods.iter().all(|pod| holds(pod));
        task.state.is_over()
            || (!self.pod.is_empty() && all(|pod| pod.state.is_over()))
            // One that failed may be tried again.
            || (self.rank.is_some() && all(|pod| pod.state == PodState::Succeeded))
    }
}

/// All pods of a rank, the first try first.
pub fn tries(task: &Task, rank: u32) -> Vec<&TaskPod> {
    let mut tries: Vec<_> = task.pods.iter().filter(|pod| pod.rank == rank).collect();
    tries.sort_by_key(|pod| pod.created);
    tries
}
