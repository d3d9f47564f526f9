//! How is one pod's log heard, and in which order do the lines of several stand?

use cluster::LogStream;
use domain::task::{
    TaskPod,
    log::{Painter, Place, Raw, Resume, Splitter, Stamp},
};
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};

/// One pod.
pub(super) struct Lane {
    pub(super) pod: String,
    pub(super) rank: u32,
    pub(super) painter: Painter,
    splitter: Splitter,
    resume: Resume,
    /// It was over before it was read, so that what is read is all there is.
    is_final: bool,
    /// The latest time in it so far.
    latest: Option<Stamp>,
    pub(super) course: Course,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Course {
    Open,
    /// To be asked for again.
    Broken,
    Done,
}

/// A piece of a lane's log; nothing at its end.
pub(super) type Heard = (usize, Option<Result<Vec<u8>, std::io::Error>>);

pub(super) enum Said {
    Line(Raw),
    Own(String),
}

/// What was heard and not told: the time that it stands at, its lane, and what it is.
pub(super) type Waiting = (Option<Stamp>, usize, Said);

impl Lane {
    pub(super) fn of(pod: &TaskPod) -> Self {
        Self {
            pod: pod.name.clone(),
            rank: pod.rank,
            painter: Painter::default(),
            splitter: Splitter::default(),
            resume: Resume::from(None),
            is_final: false,
            latest: None,
            course: Course::Open,
        }
    }

    /// It is read from this place on.
    pub(super) fn open(&mut self, course: Course, is_final: bool, place: Option<Place>) {
        (self.course, self.is_final) = (course, is_final);
        (self.splitter, self.resume) = (Splitter::default(), Resume::from(place));
    }

    /// The lines that were not shown before.
    pub(super) fn hear(&mut self, heard: Option<Result<Vec<u8>, std::io::Error>>) -> Vec<(Option<Stamp>, Raw)> {
        let raws = match heard {
            Some(Ok(bytes)) => self.splitter.push(&bytes),
            // The cluster ends a log also when the way to the node breaks: only of a pod that was over before is it known to be the end.
            None if self.is_final => {
                self.course = Course::Done;
                self.splitter.end().into_iter().collect()
            }
            Some(Err(_)) | None => {
                self.course = Course::Broken;
                Vec::new()
            }
        };
        let mut new = Vec::with_capacity(raws.len());
        for raw in raws {
            if !self.resume.skips(raw.at) {
                self.latest = raw.at.max(self.latest);
                new.push((self.latest, raw));
            }
        }
        new
    }
}

/// By time. What is said of a pod stands before its first line.
pub(super) fn ordered(mut waiting: Vec<Waiting>, lanes: usize) -> Vec<Waiting> {
    if lanes < 2 {
        return waiting;
    }
    let mut first: Vec<Option<Stamp>> = vec![None; lanes];
    for (at, lane, _) in waiting.iter().rev() {
        if let Some(known) = first.get_mut(*lane) {
            *known = at.or(*known);
        }
    }
    let latest = waiting.iter().filter_map(|(at, ..)| *at).max();
    for (at, lane, _) in &mut waiting {
        *at = at.or(first.get(*lane).copied().flatten()).or(latest);
    }
    waiting.sort_by_key(|(at, ..)| *at);
    waiting
}

/// The end is told only of a log that came to it.
pub(super) fn pieces(index: usize, log: LogStream) -> BoxStream<'static, Heard> {
    let read = stream::unfold(Some(log), move |log| async move {
        let mut log = log?;
        Some(match log.next().await {
            Some(Ok(bytes)) => ((index, Some(Ok(bytes))), Some(log)),
            Some(Err(error)) => ((index, Some(Err(error))), None),
            None => ((index, None), None),
        })
    });
    read.boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_several_pods_stand_by_time_and_what_is_said_of_one_before_its_first() {
        let line = |second, lane, text: &str| {
            let at = Some(Stamp { seconds: second, nanos: 0 });
            (at, lane, Said::Line(Raw { at, bytes: text.as_bytes().to_vec() }))
        };
        let waiting = vec![line(1, 0, "a"), line(4, 0, "d"), line(2, 1, "b"), (None, 2, Said::Own("new".into())), line(3, 2, "c")];
        let told: Vec<_> = ordered(waiting, 3)
            .into_iter()
            .map(|(_, _, said)| match said {
                Said::Line(raw) => String::from_utf8(raw.bytes).unwrap(),
                Said::Own(said) => said,
            })
            .collect();
        assert_eq!(told, ["a", "b", "new", "c", "d"]);
    }

    #[test]
    fn a_log_that_ends_while_its_pod_runs_is_asked_for_again() {
        let mut lane = Lane::of(
            &serde_json::from_value(serde_json::json!({
                "name": "a-0-x", "rank": 0, "state": "Running", "node": null, "created": 1, "started": 2, "ended": null, "exit_code": null,
                "reason": null, "message": null, "events": [],
            }))
            .unwrap(),
        );
        let half = b"2026-03-21T14:02:07Z whole\n2026-03-21T14:02:08Z ha".to_vec();
        assert_eq!(lane.hear(Some(Ok(half))).len(), 1);
        assert!(lane.hear(None).is_empty() && lane.course == Course::Broken, "half a line is none");
        lane.open(Course::Open, true, Some(Place { at: Stamp { seconds: 1_774_101_727, nanos: 0 }, lines: 1 }));
        let again = lane.hear(Some(Ok(b"2026-03-21T14:02:07Z whole\n2026-03-21T14:02:08Z half".to_vec())));
        assert!(again.is_empty() && lane.course == Course::Open);
        assert_eq!(lane.hear(None).len(), 1);
        assert!(lane.course == Course::Done);
    }
}
