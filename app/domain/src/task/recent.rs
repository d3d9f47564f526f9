//! Which tasks matter at the moment? What failed lately, what runs, and what has ended; of kept tasks as of those that the cluster has.

use super::listing::Judged;

/// After so long, what failed is history: it stays in the list of tasks. Seconds.
const LATELY: i64 = 3 * 86_400;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recent {
    /// What needs its owner: the newest first.
    pub failed: Vec<Judged>,
    /// What is not over: what runs comes first, as in lists.
    pub running: Vec<Judged>,
    /// All else, by its end, the latest first.
    pub over: Vec<Judged>,
}

impl Recent {
    /// `tasks` in the order of lists. What failed and was run again since needs nobody: its successor speaks for it.
    pub fn of(tasks: Vec<Judged>, now: i64) -> Self {
        let newest = |name: &str| tasks.iter().filter(|other| other.task.name == name).map(|other| other.task.submitted).max();
        let needs: Vec<bool> = tasks
            .iter()
            .map(|judged| {
                let task = &judged.task;
                let is_recent = !task.state.is_over() || now.saturating_sub(task.ended.unwrap_or(task.submitted)) < LATELY;
                judged.cause.needs_you() && is_recent && newest(&task.name) == Some(task.submitted)
            })
            .collect();
        let mut recent = Self::default();
        for (judged, needs) in tasks.into_iter().zip(needs) {
            if needs {
                recent.failed.push(judged);
            } else if judged.task.state.is_over() {
                recent.over.push(judged);
            } else {
                recent.running.push(judged);
            }
        }
        recent.failed.sort_by_key(|judged| std::cmp::Reverse(judged.task.submitted));
        recent.over.sort_by_key(|judged| std::cmp::Reverse(judged.task.ended.unwrap_or(judged.task.submitted)));
        recent
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::{
        Task, TaskState,
        cause::{Facts, cause, tests::task},
    };

    const NOW: i64 = 10 * 86_400;

    fn judged(name: &str, state: TaskState, submitted: i64, ended: Option<i64>, is_kept: bool) -> Judged {
        let task = Task { name: name.into(), submitted, started: Some(submitted), ended, ..task(state) };
        let cause = cause(&Facts { task: &task, events: &[], volumes: &[], now: NOW });
        Judged { task, cause, is_kept }
    }

    fn names(tasks: &[Judged]) -> Vec<&str> {
        tasks.iter().map(|judged| judged.task.name.as_str()).collect()
    }

    #[test]
    fn what_failed_lately_comes_first_also_when_its_job_is_gone_until_it_is_run_again() {
        let recent = Recent::of(
            vec![
                judged("runs", TaskState::Running, NOW - 50, None, false),
                judged("fails", TaskState::Failed, NOW - 900, Some(NOW - 800), false),
                judged("good", TaskState::Succeeded, NOW - 700, Some(NOW - 600), false),
                judged("again", TaskState::Succeeded, NOW - 500, Some(NOW - 400), false),
                judged("again", TaskState::Failed, NOW - 1000, Some(NOW - 990), false),
                judged("gone", TaskState::Failed, NOW - 300, Some(NOW - 200), true),
                judged("long-ago", TaskState::Failed, NOW - LATELY - 10, Some(NOW - LATELY), true),
            ],
            NOW,
        );
        assert_eq!(names(&recent.failed), ["gone", "fails"]);
        assert_eq!(names(&recent.running), ["runs"]);
        assert_eq!(names(&recent.over), ["again", "good", "again", "long-ago"]);
        assert!(recent.failed.iter().all(|judged| judged.cause.reason().is_some()), "with why");
    }
}
