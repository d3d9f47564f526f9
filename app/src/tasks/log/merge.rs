//! In which order do several pods' lines stand? By their time; a line without one stays behind the line before it.

use cluster::LogStream;
use domain::task::log::{Raw, Splitter, Stamp};
use futures::StreamExt;
use std::{collections::VecDeque, io};

/// Logs that end, read together. Of each no more is held than was read at once.
pub struct Merge {
    lanes: Vec<Lane>,
    until: Option<Stamp>,
}

struct Lane {
    /// `None` when it is over.
    log: Option<LogStream>,
    splitter: Splitter,
    /// Its last line may be half of one.
    is_written: bool,
    ready: VecDeque<Raw>,
    /// The latest time in it so far: times of one pod never go back here.
    latest: Option<Stamp>,
}

/// A line, and which of the logs it is of.
pub type Of = (usize, Raw);

impl Merge {
    pub fn new(logs: impl IntoIterator<Item = LogStream>) -> Self {
        let lane = |log| Lane { log: Some(log), splitter: Splitter::default(), is_written: false, ready: VecDeque::new(), latest: None };
        Self { lanes: logs.into_iter().map(lane).collect(), until: None }
    }

    /// Only what was written before.
    pub fn until(self, at: Stamp) -> Self {
        Self { until: Some(at), ..self }
    }

    /// Of those whose program still writes, a line without an end is left out: it comes whole later.
    pub fn still_written(mut self, is_written: impl Fn(usize) -> bool) -> Self {
        for (index, lane) in self.lanes.iter_mut().enumerate() {
            lane.is_written = is_written(index);
        }
        self
    }

    /// The next lines. An error ends the log that it came from, not the others.
    pub async fn next(&mut self) -> Option<io::Result<Vec<Of>>> {
        for lane in &mut self.lanes {
            if let Err(error) = lane.fill(self.until).await {
                return Some(Err(error));
            }
        }
        let mut lines = Vec::new();
        loop {
            let first = |lane: &Lane| lane.ready.front().map(|raw| raw.at.max(lane.latest));
            let earliest = self.lanes.iter().enumerate().filter_map(|(index, lane)| Some((first(lane)?, index))).min();
            let Some((at, index)) = earliest else { break };
            let Some(lane) = self.lanes.get_mut(index) else { break };
            lane.latest = at;
            lines.extend(lane.ready.pop_front().map(|raw| (index, raw)));
            // What it writes next may be earlier than what the others have.
            if lane.ready.is_empty() && lane.log.is_some() {
                break;
            }
        }
        (!lines.is_empty()).then_some(Ok(lines))
    }
}

impl Lane {
    /// Until it has a line, or is over.
    async fn fill(&mut self, until: Option<Stamp>) -> io::Result<()> {
        while self.ready.is_empty() {
            let Some(log) = &mut self.log else { return Ok(()) };
            match log.next().await {
                Some(Ok(read)) => self.ready.extend(self.splitter.push(&read)),
                // Half a line is none.
                Some(Err(error)) => {
                    self.log = None;
                    return Err(error);
                }
                None => {
                    self.log = None;
                    let rest = self.splitter.end().filter(|_| !self.is_written);
                    self.ready.extend(rest);
                }
            }
            let is_late = |raw: &Raw| until.is_some_and(|until| raw.at.is_some_and(|at| at >= until));
            if let Some(end) = self.ready.iter().position(is_late) {
                self.ready.truncate(end);
                self.log = None;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::{FutureExt, stream};

    fn log(pieces: &[&str]) -> LogStream {
        let pieces: Vec<_> = pieces.iter().map(|piece| Ok(piece.as_bytes().to_vec())).collect();
        Box::pin(stream::iter(pieces))
    }

    fn line(second: u32, text: &str) -> String {
        format!("2026-03-21T14:02:{second:02}Z {text}\n")
    }

    fn all(mut merge: Merge) -> Vec<String> {
        let mut told = Vec::new();
        while let Some(read) = merge.next().now_or_never().expect("nothing is waited for") {
            match read {
                Ok(lines) => told.extend(lines.into_iter().map(|(of, raw)| format!("{of}:{}", String::from_utf8_lossy(&raw.bytes)))),
                Err(_) => told.push("!".into()),
            }
        }
        told
    }

    #[test]
    fn lines_of_several_pods_stand_by_their_time_in_whatever_pieces_they_come() {
        let (a, b) = (line(1, "a") + &line(3, "c")[..9], line(3, "c")[9..].to_owned() + &line(5, "e") + "no time\n");
        let other = line(2, "b") + &line(4, "d") + &line(9, "last");
        let told = all(Merge::new([log(&[&a, &b]), log(&[&other])]));
        assert_eq!(told, ["0:a", "1:b", "0:c", "1:d", "0:e", "0:no time", "1:last"]);
        let early = all(Merge::new([log(&[&a, &b]), log(&[&other])]).until(Stamp::rfc3339("2026-03-21T14:02:04Z").unwrap()));
        assert_eq!(early, ["0:a", "1:b", "0:c"]);
    }

    #[test]
    fn a_log_that_breaks_off_ends_with_what_it_had_and_the_others_go_on() {
        let broken: LogStream = Box::pin(stream::iter([Ok(line(1, "a").into_bytes()), Err(io::Error::other("cut"))]));
        assert_eq!(all(Merge::new([broken, log(&[&line(2, "b")])])), ["0:a", "!", "1:b"]);
    }

    #[test]
    fn half_a_line_of_a_program_that_still_writes_is_not_shown() {
        let half = line(1, "whole") + "2026-03-21T14:02:07Z half";
        assert_eq!(all(Merge::new([log(&[&half])]).still_written(|_| true)), ["0:whole"]);
        assert_eq!(all(Merge::new([log(&[&half])])), ["0:whole", "0:half"]);
    }

    #[test]
    fn lines_of_one_pod_never_change_their_order() {
        let back = line(5, "first") + &line(1, "clock went back") + &line(6, "third");
        assert_eq!(all(Merge::new([log(&[&back]), log(&[&line(3, "x")])])), ["1:x", "0:first", "0:clock went back", "0:third"]);
    }
}
