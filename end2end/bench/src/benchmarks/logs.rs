//! 11: how fast does the log of a million lines come through the portal's own stream, against the API server's; and does a browser on a
//! slow device keep up with twenty thousand lines a second?
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use futures::AsyncReadExt;
use kube::api::LogParams;
use serde::Deserialize;
use serde_json::json;

use crate::browser::Script;
use crate::figure::Figure;
use crate::node::{Node, Task};
use crate::pairs::Pairs;

const LINES: u64 = 1_000_000;
/// About as long as lines of training are: 92 characters.
const TEXT: &str = "epoch 12 step 3400 loss 0.01234567 rate 0.000100 throughput 1234.5 samples a second ok";
const WRITTEN: Duration = Duration::from_secs(180);
/// The ticks of the stream, and what is written in each: a little more than 20,000 a second, since a tick takes a little longer.
const TICKS: u64 = 150;
const IN_A_TICK: u64 = 2200;
const WANTED_PER_SECOND: f64 = 20_000.0;
/// Seconds before the first of them, in which the page is opened.
const PAUSE: i64 = 12;

pub async fn whole(node: &Node) -> Result<Vec<Figure>> {
    let script = format!("awk 'BEGIN {{ for (i = 1; i <= {LINES}; i++) printf \"%07d {TEXT}\\n\", i }}'");
    let task = node.task(11, &script, None).await?;
    node.until_over(&task, WRITTEN).await?;
    // The first answer of each is the one that is looked at; it also warms up.
    let pairs = Pairs::take(node.pairs(), async || ours(node, &task).await, async || raw(node, &task).await).await?;
    let figure = pairs.figure("11 log of 1,000,000 lines: through the portal", "lines/s", [0.8, 0.5]).at_least();
    let note = format!("{}; server-sent events with times, over the API server's log endpoint without", figure.note);
    Ok(vec![figure.note(note)])
}

/// Lines a second of the stream that the page of a log opens, from the beginning to its end.
async fn ours(node: &Node, task: &Task) -> Result<f64> {
    let start = Instant::now();
    let mut answer = node.visitor.ask(&format!("/tasks/{}/logs/follow", task.id)).header("accept", "text/event-stream").send().await?;
    ensure!(answer.status().is_success(), "the stream answers {}", answer.status());
    let mut seen = Lines::default();
    while let Some(chunk) = answer.chunk().await? {
        seen.take(&chunk, |line| line.starts_with(b"data: ") && line.contains(&b'\t'));
    }
    seen.rate(start)
}

/// The same of the API server's endpoint, as `curl` and `kubectl logs` read it.
async fn raw(node: &Node, task: &Task) -> Result<f64> {
    let pods = node.pods().await?;
    let start = Instant::now();
    let params = LogParams { container: Some("task".to_owned()), ..LogParams::default() };
    let mut answer = Box::pin(pods.log_stream(&task.pod, &params).await?);
    let (mut seen, mut chunk) = (Lines::default(), vec![0; 64 << 10]);
    loop {
        let read = answer.read(&mut chunk).await?;
        if read == 0 {
            break;
        }
        seen.take(chunk.get(..read).unwrap_or_default(), |_| true);
    }
    seen.rate(start)
}

/// How many lines there were, and the last of them.
#[derive(Default)]
struct Lines {
    count: u64,
    last: Vec<u8>,
    rest: Vec<u8>,
}

impl Lines {
    fn take(&mut self, chunk: &[u8], is_one: impl Fn(&[u8]) -> bool) {
        for part in chunk.split_inclusive(|byte| *byte == b'\n') {
            self.rest.extend_from_slice(part);
            if part.ends_with(b"\n") {
                if is_one(&self.rest) {
                    self.count += 1;
                    std::mem::swap(&mut self.last, &mut self.rest);
                }
                self.rest.clear();
            }
        }
    }

    fn rate(&self, start: Instant) -> Result<f64> {
        let took = start.elapsed().as_secs_f64();
        let last = String::from_utf8_lossy(&self.last);
        ensure!(self.count == LINES, "{} lines came, not {LINES}", self.count);
        ensure!(last.trim_end().ends_with(&format!("{LINES} {TEXT}")), "the last line is {last}");
        #[expect(clippy::cast_precision_loss, reason = "a count of lines")]
        Ok(self.count as f64 / took)
    }
}

#[derive(Deserialize)]
struct Streamed {
    /// Longer than 50 ms, while lines came; and the longest in milliseconds.
    long: u32,
    longest: f64,
    /// Lines that the page holds at the end, the last of them, and most rows in the page at a time.
    lines: u64,
    last: String,
    rows: u32,
    /// Between the first and the last line that came.
    seconds: f64,
    /// Megabytes of the script's memory at the end.
    heap: f64,
}

/// The page of a log in Chromium, four times slower, while a task writes.
pub async fn streamed(node: &Node) -> Result<Vec<Figure>> {
    let ticks = if node.quick { 30 } else { TICKS };
    // The pause after each tick begins before it, so that writing takes nothing from the rate.
    let script = format!(
        "echo begins; sleep {PAUSE}; i=0; while [ $i -lt {ticks} ]; do sleep 0.1 & awk -v b=$i 'BEGIN {{ for (j = 1; j <= {IN_A_TICK}; j++) \
         printf \"%07d {TEXT}\\n\", b * {IN_A_TICK} + j }}'; i=$((i + 1)); wait; done; echo ends"
    );
    let task = node.task(12, &script, None).await?;
    let settings = json!({ "url": node.portal.url, "cookie": node.visitor.cookie, "path": format!("/tasks/{}/logs", task.id) });
    let mut browser = Script::start("log", &settings)?;
    let seen: Streamed = browser.next().await?;
    browser.end().await?;
    let written = node.seconds(&task).await? - PAUSE;
    let expected = ticks * IN_A_TICK + 2;
    ensure!(seen.lines == expected, "the page holds {} lines, not {expected}", seen.lines);
    ensure!(seen.last == "ends", "the last line is {}", seen.last);
    ensure!(seen.rows <= 300, "the page has {} rows", seen.rows);
    #[expect(clippy::cast_precision_loss, reason = "counts of lines and seconds")]
    let rates = [expected as f64 / seen.seconds, expected as f64 / written.max(1) as f64];
    let note = format!(
        "at 4x throttle, over what the task wrote in whole seconds, {WANTED_PER_SECOND} a second wanted; at most {} rows, {:.0} MB of heap",
        seen.rows, seen.heap
    );
    let shown = Figure::timed("11 log: shown in the browser, over written", "lines/s", rates, [0.8, 0.5]);
    let long = Figure::timed("11 log: tasks over 50 ms meanwhile", "tasks", [f64::from(seen.long), 1.0], [0.0, 0.0]);
    Ok(vec![shown.at_least().note(note), long.note(format!("the longest {:.0} ms", seen.longest))])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_wherever_the_chunks_end() {
        let mut lines = Lines::default();
        for chunk in [&b"event: lines\nda"[..], b"ta: 1\t0\ta\ndata: 2\t0", b"\tb\n", b"\nevent: ended\ndata: over\n\n"] {
            lines.take(chunk, |line| line.starts_with(b"data: ") && line.contains(&b'\t'));
        }
        assert_eq!((lines.count, lines.last.as_slice()), (2, &b"data: 2\t0\tb\n"[..]));
    }
}
