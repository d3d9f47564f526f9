//! What was written before a moment? All of it, in the order of time, as far as the nodes still have it.

use super::{MESSAGE, Reading, lines, named};
use app::{
    server::told,
    tasks::log::{merge::Merge, read::opened},
};
use axum::response::sse::Event;
use cluster::LogAsk;
use domain::{
    problem::Problem,
    task::{
        Task,
        log::{Painter, Stamp, wire},
    },
};
use futures::{Stream, stream};

struct Whole {
    merge: Merge,
    lanes: Vec<(u32, Painter)>,
    reading: Reading,
    is_broken: bool,
    over: bool,
}

pub(super) async fn start(reading: Reading, task: &Task, before: Stamp) -> Result<impl Stream<Item = Event> + Send + 'static, Problem> {
    let (mut logs, mut lanes) = (Vec::new(), Vec::new());
    for pod in reading.which.pods(task) {
        let ask = LogAsk { pod: pod.name.parse().ok(), timestamps: true, ..LogAsk::default() };
        if let Some(log) = opened(&reading.source, &reading.id, &ask).await.map_err(|error| told(&error))? {
            logs.push(log);
            lanes.push((pod.rank, Painter::default()));
        }
    }
    if logs.is_empty() {
        return Err(Problem::not_found());
    }
    let whole = Whole { merge: Merge::new(logs).until(before), lanes, reading, is_broken: false, over: false };
    Ok(stream::unfold(whole, Whole::next))
}

impl Whole {
    async fn next(mut self) -> Option<(Event, Self)> {
        if self.over {
            return None;
        }
        let mut text = String::with_capacity(MESSAGE + MESSAGE / 4);
        while text.len() < MESSAGE {
            let read = tokio::select! {
                () = self.reading.live.ending.begins() => return None,
                read = self.merge.next() => read,
            };
            match read {
                Some(Ok(read)) => {
                    for (of, raw) in read {
                        let Some((rank, painter)) = self.lanes.get_mut(of) else { continue };
                        wire::line(&mut text, raw.at, *rank, &painter.paint(&raw));
                    }
                }
                Some(Err(_)) => self.is_broken = true,
                None if !text.is_empty() => break,
                None => {
                    self.over = true;
                    let event = named(if self.is_broken { "broken" } else { "ended" });
                    return Some((event, self));
                }
            }
        }
        Some((lines(&text), self))
    }
}
