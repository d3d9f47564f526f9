//! What comes behind a cursor? The lines of the pods that are meant, of those that are started later, and of those that take the
//! place of others, each once.

use super::{
    MESSAGE, Reading,
    lane::{Course, Heard, Lane, Said, Waiting, ordered, pieces},
    lines, named,
};
use crate::live::{HEARTBEAT, SPACING};
use app::{
    server::told,
    tasks::log::{read::opened, which::PODS},
};
use axum::response::sse::Event;
use cluster::{LogAsk, Revision};
use domain::{
    problem::Problem,
    task::{
        Task, TaskPod,
        log::{Cursor, wire},
    },
};
use futures::{
    Stream, StreamExt,
    stream::{self, BoxStream, SelectAll},
};
use std::{collections::HashMap, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, Interval, MissedTickBehavior, sleep_until},
};

/// After this, a log that broke off is asked for again; also one whose pod is not known to be over.
const AGAIN: Duration = Duration::from_millis(500);
/// After the first failure; longer, it is asked less often.
const LATER: Duration = Duration::from_secs(5);
/// What stands before the text of a line.
const HEAD: usize = 20;

struct Follow {
    reading: Reading,
    lanes: Vec<Lane>,
    logs: SelectAll<BoxStream<'static, Heard>>,
    cursor: Cursor,
    /// What was heard and not told.
    waiting: Vec<Waiting>,
    size: usize,
    changes: watch::Receiver<Revision>,
    beat: Interval,
    last: Instant,
    again: Option<Instant>,
    /// Since when pods are there that take the place of one that is still read.
    patience: HashMap<String, Instant>,
    /// The cluster did not answer when it was asked last.
    is_lost: bool,
    is_told_lost: bool,
    over: bool,
}

pub(super) async fn start(reading: Reading, cursor: Cursor) -> Result<impl Stream<Item = Event> + Send + 'static, Problem> {
    let mut beat = tokio::time::interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let changes = reading.source.changes();
    let mut follow = Follow {
        reading,
        lanes: Vec::new(),
        logs: SelectAll::new(),
        cursor,
        waiting: Vec::new(),
        size: 0,
        changes,
        beat,
        last: Instant::now(),
        again: None,
        patience: HashMap::new(),
        is_lost: false,
        is_told_lost: false,
        over: false,
    };
    let task = follow.reading.source.task(&follow.reading.id).map_err(|error| told(&error))?.task;
    // Those that the browser was shown and that were replaced since: their last lines come first.
    let before: Vec<TaskPod> = task.pods.iter().filter(|pod| follow.is_replaced(&task, pod)).cloned().collect();
    for pod in &before {
        follow.open(pod).await.map_err(|error| told(&error))?;
    }
    for pod in follow.reading.which.pods(&task) {
        follow.open_new(pod).await.map_err(|error| told(&error))?;
    }
    // Of a pod that is about to start there is a log in a moment.
    if follow.lanes.is_empty() && follow.reading.which.pods(&task).is_empty() {
        return Err(Problem::not_found());
    }
    Ok(stream::unfold(follow, Follow::next))
}

impl Follow {
    async fn next(mut self) -> Option<(Event, Self)> {
        loop {
            if self.over {
                return None;
            }
            if self.is_lost != self.is_told_lost {
                self.is_told_lost = self.is_lost;
                return Some((named(if self.is_lost { "lost" } else { "found" }), self));
            }
            let due = self.last + SPACING;
            if !self.waiting.is_empty() && (self.size >= MESSAGE || Instant::now() >= due) {
                return Some((self.tell(), self));
            }
            if self.waiting.is_empty() && self.is_over() {
                self.over = true;
                return Some((named("ended"), self));
            }
            let again = self.again;
            tokio::select! {
                () = self.reading.live.ending.begins() => return None,
                _ = self.beat.tick() => {
                    if self.reading.is_signed_out().await {
                        self.over = true;
                        return Some((named("signed-out"), self));
                    }
                    return Some((Event::default().comment(""), self));
                }
                Some(heard) = self.logs.next(), if !self.logs.is_empty() => self.hear(heard),
                () = sleep_until(due), if !self.waiting.is_empty() => {}
                changed = self.changes.changed() => {
                    changed.ok()?;
                    self.look().await;
                }
                // What was heard is told first: the cursor says from where on it is asked for again.
                () = sleep_until(again.unwrap_or(due)), if again.is_some() && self.waiting.is_empty() => {
                    self.again = None;
                    self.look().await;
                }
            }
        }
    }

    /// Whether the pod was shown, and another has its place.
    fn is_replaced(&self, task: &Task, pod: &TaskPod) -> bool {
        let which = &self.reading.which;
        let is_meant = which.pod.is_empty() && which.rank.is_none_or(|rank| rank == pod.rank);
        is_meant && self.cursor.of(&pod.name).is_some() && task.current_pods().iter().all(|current| current.name != pod.name)
    }

    fn knows(&self, pod: &TaskPod) -> bool {
        self.lanes.iter().any(|lane| lane.pod == pod.name)
    }

    /// Opens the log of a pod that was not read before. Where it takes the place of another, that is said first.
    async fn open_new(&mut self, pod: &TaskPod) -> Result<(), cluster::Error> {
        let former = self.lanes.iter().rposition(|lane| lane.rank == pod.rank && lane.pod != pod.name);
        let former = former.and_then(|index| self.lanes.get(index)).map(|lane| lane.pod.clone()).or_else(|| self.former_in_cursor(pod));
        let is_new = self.cursor.of(&pod.name).is_none() && !self.knows(pod);
        let lane = self.lanes.len();
        self.open(pod).await?;
        if let Some(former) = former.filter(|_| is_new && self.knows(pod)) {
            self.cursor.forget(&former);
            let said = format!("— pod {former} was replaced by {}, its log goes on here —", pod.name);
            self.waiting.push((None, lane, Said::Own(said)));
        }
        Ok(())
    }

    /// A pod of the same rank that was shown and is not there any more: its name says which rank it had.
    fn former_in_cursor(&self, pod: &TaskPod) -> Option<String> {
        let stem = |name: &str| name.rsplit_once('-').map(|(stem, _)| stem.to_owned());
        self.cursor.pods().find(|name| *name != pod.name && stem(name) == stem(&pod.name)).map(str::to_owned)
    }

    /// Opens the log of a pod behind what was shown of it.
    async fn open(&mut self, pod: &TaskPod) -> Result<(), cluster::Error> {
        let known = self.lanes.iter().position(|lane| lane.pod == pod.name);
        let is_wanted = known.and_then(|index| self.lanes.get(index)).is_none_or(|lane| lane.course == Course::Broken);
        if !is_wanted || !pod.state.has_log() || (known.is_none() && self.lanes.len() >= 4 * PODS) {
            return Ok(());
        }
        let place = self.cursor.of(&pod.name);
        let is_final = pod.state.is_over();
        let ask = LogAsk {
            pod: pod.name.parse().ok(),
            follow: !is_final,
            since_time: place.map(|place| place.at.seconds).filter(|at| *at > 0),
            timestamps: true,
            ..LogAsk::default()
        };
        let log = opened(&self.reading.source, &self.reading.id, &ask).await?;
        // A container that is about to be there, or whose node does not answer yet.
        if log.is_none() && !is_final {
            self.again.get_or_insert(Instant::now() + AGAIN);
            return Ok(());
        }
        // What was over and has no log is gone with what was not read of it, or never began.
        let course = if log.is_some() { Course::Open } else { Course::Done };
        let index = known.unwrap_or(self.lanes.len());
        match self.lanes.get_mut(index) {
            Some(lane) => lane.open(course, is_final, place),
            None => {
                self.cursor.begin(&pod.name);
                let mut lane = Lane::of(pod);
                lane.open(course, is_final, place);
                self.lanes.push(lane);
            }
        }
        self.logs.extend(log.map(|log| pieces(index, log)));
        Ok(())
    }

    fn hear(&mut self, (index, heard): Heard) {
        let Some(lane) = self.lanes.get_mut(index) else { return };
        for (at, raw) in lane.hear(heard) {
            self.size += raw.bytes.len() + HEAD;
            self.waiting.push((at, index, Said::Line(raw)));
        }
        if lane.course == Course::Broken {
            self.again.get_or_insert(Instant::now() + AGAIN);
        }
    }

    /// What was heard, in the order of time.
    fn tell(&mut self) -> Event {
        self.last = Instant::now();
        self.size = 0;
        let waiting = ordered(std::mem::take(&mut self.waiting), self.lanes.len());
        let mut text = String::with_capacity(MESSAGE + MESSAGE / 2);
        for (_, index, said) in waiting {
            let Some(lane) = self.lanes.get_mut(index) else { continue };
            match said {
                Said::Line(raw) => {
                    self.cursor.shows(&lane.pod, raw.at);
                    wire::line(&mut text, raw.at, lane.rank, &lane.painter.paint(&raw));
                }
                Said::Own(said) => wire::own(&mut text, None, lane.rank, &said),
            }
        }
        lines(&text).id(self.cursor.to_string())
    }

    /// Asks for the logs that broke off, once their time has come, and for those of pods that have been started.
    async fn look(&mut self) {
        let Ok(task) = self.reading.source.task(&self.reading.id).map(|detail| detail.task) else {
            self.again.get_or_insert(Instant::now() + LATER);
            return;
        };
        let (is_time, mut failed) = (self.again.is_none(), false);
        for lane in self.lanes.iter_mut().filter(|lane| is_time && lane.course == Course::Broken) {
            if task.pods.iter().all(|pod| pod.name != lane.pod) {
                lane.course = Course::Done;
            }
        }
        for pod in task.pods.iter().filter(|_| is_time) {
            if self.knows(pod) {
                failed |= self.open(pod).await.is_err();
            }
        }
        for pod in self.reading.which.pods(&task) {
            if self.knows(pod) || !pod.state.has_log() {
                continue;
            }
            // What the former one wrote last stands before; but one whose node is gone may never come to its end.
            let is_read = self.lanes.iter().all(|lane| lane.rank != pod.rank || lane.course == Course::Done);
            let since = self.patience.entry(pod.name.clone()).or_insert_with(Instant::now);
            if is_read || since.elapsed() > LATER {
                failed |= self.open_new(pod).await.is_err();
            } else {
                self.again.get_or_insert(Instant::now() + AGAIN);
            }
        }
        if is_time || failed {
            self.is_lost = failed;
        }
        if failed {
            self.again = Some(Instant::now() + LATER);
        }
    }

    /// Whether everything was read, and nothing more can be written.
    fn is_over(&self) -> bool {
        if self.lanes.iter().any(|lane| lane.course != Course::Done) {
            return false;
        }
        match self.reading.source.task(&self.reading.id) {
            Ok(detail) => {
                let all_read = self.reading.which.pods(&detail.task).iter().all(|pod| self.knows(pod) || !pod.state.has_log());
                all_read && self.reading.which.is_over(&detail.task)
            }
            Err(cluster::Error::NotFound) => true,
            Err(_) => false,
        }
    }
}
