//! Which tasks end together, and which of those that were chosen cannot? A person reads it before they confirm.

use super::{TaskState, listing::Judged};
use crate::{allowed::WhyNot, name::TaskId, problem::FieldErrors};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// At most so many tasks end by one form.
pub const AT_ONCE: usize = 500;

/// What happens to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Stop,
    /// Only what runs no more: what runs is deleted by itself, on its own page.
    Delete,
}

impl End {
    /// Whether a task can end like this among others, and if not, why.
    pub fn allows(self, state: TaskState) -> Result<(), WhyNot> {
        match (self, state) {
            (Self::Stop, TaskState::Running | TaskState::Starting) => Ok(()),
            (Self::Stop, TaskState::Incomplete) => Err(WhyNot::TaskIncomplete),
            (Self::Stop, TaskState::Stopping) => Err(WhyNot::TaskStops),
            (Self::Stop, TaskState::Failed | TaskState::Stopped | TaskState::Succeeded) => Err(WhyNot::TaskIsOver),
            (Self::Delete, TaskState::Failed | TaskState::Stopped | TaskState::Succeeded | TaskState::Incomplete) => Ok(()),
            (Self::Delete, TaskState::Running | TaskState::Starting | TaskState::Stopping) => Err(WhyNot::TaskRuns),
        }
    }
}

/// Tasks that somebody chose, as a review shows them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    pub can: Vec<Judged>,
    pub cannot: Vec<(Judged, WhyNot)>,
    /// Chosen, but not there.
    pub absent: usize,
    /// Left out, since there were more than [`AT_ONCE`].
    pub too_many: usize,
}

impl Selection {
    /// Of these tasks, the ones with these ids, in the order of the list.
    pub fn of(end: End, tasks: Vec<Judged>, ids: &[String]) -> Self {
        let wanted: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
        let absent = wanted.iter().filter(|id| !tasks.iter().any(|judged| judged.task.id.as_str() == **id)).count();
        let mut selection = Self { absent, ..Self::default() };
        for judged in tasks.into_iter().filter(|judged| wanted.contains(judged.task.id.as_str())) {
            match end.allows(judged.task.state) {
                Err(why) => selection.cannot.push((judged, why)),
                Ok(()) if selection.can.len() == AT_ONCE => selection.too_many += 1,
                Ok(()) => selection.can.push(judged),
            }
        }
        selection
    }

    /// Exactly the tasks that the person sees, for the form's hidden field.
    pub fn chosen(&self) -> String {
        self.can.iter().map(|judged| format!("{}:{}", judged.task.id, judged.task.uid)).collect::<Vec<_>>().join(",")
    }
}

/// The form that ends many tasks: exactly those that the person saw.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BulkForm {
    /// `id:uid` of each, separated by commas.
    pub chosen: String,
}

impl BulkForm {
    /// The tasks, each with the uid that the person saw. Nothing is never everything.
    pub fn check(&self) -> Result<Vec<(TaskId, String)>, FieldErrors> {
        let wrong = |sentence: String| FieldErrors::one("chosen", sentence);
        let parts = self.chosen.split(',').filter(|part| !part.is_empty()).take(AT_ONCE + 1);
        let read = |part: &str| part.split_once(':').and_then(|(id, uid)| Some((id.parse().ok()?, uid.to_owned())));
        let chosen: Option<Vec<(TaskId, String)>> = parts.map(read).collect();
        let chosen = chosen.ok_or_else(|| wrong("The list cannot be read, so nothing was done. Choose again.".to_owned()))?;
        let ids: BTreeSet<&str> = chosen.iter().map(|(id, _)| id.as_str()).collect();
        match chosen.len() {
            0 => Err(wrong("No task is chosen, so nothing was done.".to_owned())),
            many if many > AT_ONCE => Err(wrong(format!("At most {AT_ONCE} tasks end at once, so nothing was done. Choose fewer."))),
            many if ids.len() < many => Err(wrong("The list names a task twice, so nothing was done. Choose again.".to_owned())),
            _ => Ok(chosen),
        }
    }

    /// The ids alone, to show the review again; no more than can end at once, whatever was sent.
    pub fn ids(&self) -> Vec<String> {
        self.chosen.split(',').filter_map(|part| part.split_once(':')).take(AT_ONCE).map(|(id, _)| id.to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::{
        Task,
        cause::{Facts, cause, tests::task},
    };

    fn judged(number: u64, state: TaskState) -> Judged {
        let task = Task { id: TaskId::from_random(number), uid: format!("u-{number}"), ..task(state) };
        let cause = cause(&Facts { task: &task, events: &[], volumes: &[], now: 200 });
        Judged { task, cause, is_kept: false }
    }

    fn id(number: u64) -> String {
        TaskId::from_random(number).to_string()
    }

    #[test]
    fn what_runs_is_stopped_what_is_over_is_deleted_and_the_rest_is_left_out_with_its_reason() {
        let all = || TaskState::ALL.into_iter().zip(0..).map(|(state, number)| judged(number, state)).collect::<Vec<_>>();
        let ids: Vec<_> = (0..7).map(id).chain(["zzzzzzzz".into(), "not an id".into(), "zzzzzzzz".into()]).collect();
        let states = |selection: &Selection| selection.can.iter().map(|judged| judged.task.state).collect::<Vec<_>>();
        let stop = Selection::of(End::Stop, all(), &ids);
        assert_eq!((states(&stop), stop.absent), (vec![TaskState::Running, TaskState::Starting], 2));
        assert_eq!(
            stop.cannot.iter().map(|(_, why)| why.clone()).collect::<Vec<_>>(),
            [WhyNot::TaskIncomplete, WhyNot::TaskStops, WhyNot::TaskIsOver, WhyNot::TaskIsOver, WhyNot::TaskIsOver]
        );
        let delete = Selection::of(End::Delete, all(), &ids);
        assert_eq!(states(&delete), [TaskState::Incomplete, TaskState::Failed, TaskState::Stopped, TaskState::Succeeded]);
        assert!(delete.cannot.iter().all(|(_, why)| *why == WhyNot::TaskRuns));
        assert_eq!(Selection::of(End::Stop, all(), &[]), Selection::default(), "nothing chosen is nothing, not all");
    }

    #[test]
    fn more_than_are_allowed_never_end_at_once() {
        let many: Vec<_> = (0..530).map(|number| judged(number, TaskState::Running)).collect();
        let chosen = Selection::of(End::Stop, many.clone(), &(0..530).map(id).collect::<Vec<_>>());
        assert_eq!((chosen.can.len(), chosen.too_many), (AT_ONCE, 30));
        let form = BulkForm { chosen: Selection { can: many, ..Selection::default() }.chosen() };
        assert!(form.check().unwrap_err().get("chosen").unwrap().contains("At most 500"));
        assert_eq!(form.ids().len(), AT_ONCE);
    }

    #[test]
    fn c4_084_exactly_the_tasks_that_were_seen_are_read_and_an_empty_list_never_means_all() {
        let form = |chosen: &str| BulkForm { chosen: chosen.into() };
        assert_eq!(form("abcdefgh:u-1").check().unwrap(), [("abcdefgh".parse().unwrap(), "u-1".to_owned())]);
        for unreadable in ["", ",", "abc:u", "abcdefgh", "abcdefgh:u,../x:y", "abcdefgh:u,abcdefgh:v", "*:*", "all"] {
            assert!(form(unreadable).check().is_err(), "{unreadable}");
        }
    }
}
