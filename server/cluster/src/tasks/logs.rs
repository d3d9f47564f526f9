//! What has a task written? The output of one pod that is proven to be of it, as it comes, in lines of a bounded length.

use crate::{
    act::{DEADLINE, Right, within},
    clock::now,
    error::Error,
    object::Row,
    pods::PodRow,
    scope::{AdminCluster, Link, UserCluster},
    watch::tasks::TaskRow,
};
use domain::{
    allowed::WhyNot,
    name::{ObjectName, TaskId},
    task::{PodState, TaskPod},
};
use futures::{AsyncReadExt, Stream, stream};
use k8s_openapi::jiff::Timestamp;
use kube::core::{Request, subresource::LogParams};
use std::{io, pin::Pin, sync::Arc};

/// A longer line is cut here, and says so.
const LINE_MAX: usize = 64 << 10;
const CUT: &[u8] = " … (the rest of this line is longer than is shown)".as_bytes();
/// So much is read at once, and no more is kept: whoever reads slowly slows the pod's log, not the portal.
const CHUNK: usize = 16 << 10;

/// What is asked for of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogAsk {
    /// A pod by its name, else the newest of a rank, else the newest of rank 0.
    pub pod: Option<ObjectName>,
    pub rank: Option<u32>,
    /// Go on until the container ends.
    pub follow: bool,
    /// Seconds since 1970.
    pub since_time: Option<i64>,
    pub tail_lines: Option<u32>,
    /// Of the container that was there before this one.
    pub previous: bool,
    /// Only so many bytes from the beginning on.
    pub limit_bytes: Option<u32>,
    /// Begin each line with its time (RFC 3339).
    pub timestamps: bool,
}

/// Bytes as they were written, whole lines or parts of them. The end is the end of the log, or of the container if it is followed.
pub type LogStream = Pin<Box<dyn Stream<Item = io::Result<Vec<u8>>> + Send>>;

impl UserCluster {
    /// What a pod of this person's task wrote.
    pub async fn task_logs(&self, id: &TaskId, ask: &LogAsk) -> Result<LogStream, Error> {
        let row = self.own_task(id)?;
        self.link.logs(&row, &Right::Owner(self.user.clone()), ask).await
    }
}

impl AdminCluster {
    /// The same of anybody's task.
    pub async fn task_logs(&self, id: &TaskId, ask: &LogAsk) -> Result<LogStream, Error> {
        let row = self.any_task(id)?;
        self.link.logs(&row, &Right::Admin(self.user.clone()), ask).await
    }
}

impl Link {
    async fn logs(self: &Arc<Self>, row: &TaskRow, right: &Right, ask: &LogAsk) -> Result<LogStream, Error> {
        let pods = row.task(right.viewer(), now()).pods;
        let pod = chosen(&pods, ask).ok_or(if ask.pod.is_none() { Error::NotAllowed(WhyNot::NoLog) } else { Error::NotFound })?;
        let name: ObjectName = pod.name.parse().map_err(Error::unexpected)?;
        // Names are used again; the live pod says whose it is.
        let live: PodRow = within(DEADLINE, self.get::<PodRow, PodRow>(&name)).await?;
        if !live.is_part_of(&row.job.meta.uid, &row.owner) {
            return Err(Error::NotFound);
        }
        if matches!(pod.state, PodState::Waiting) {
            return Err(Error::NotAllowed(WhyNot::NoLog));
        }
        self.open_log(&name, ask).await
    }

    /// The log of a pod that has been proven.
    pub(crate) async fn open_log(&self, pod: &ObjectName, ask: &LogAsk) -> Result<LogStream, Error> {
        let params = LogParams {
            container: Some(crate::job::CONTAINER.to_owned()),
            follow: ask.follow,
            since_time: ask.since_time.and_then(|at| Timestamp::from_second(at).ok()),
            tail_lines: ask.tail_lines.map(i64::from),
            previous: ask.previous,
            limit_bytes: ask.limit_bytes.map(i64::from),
            timestamps: ask.timestamps,
            ..LogParams::default()
        };
        let request = Request::new(PodRow::path(&self.namespace)).logs(pod.as_str(), &params).map_err(Error::unexpected)?;
        // The client of the watches: a log may be silent for hours.
        let opened = within(DEADLINE, async { self.streaming.request_stream(request).await.map_err(no_log) }).await?;
        let lines = stream::try_unfold((Box::pin(opened), Lines::default()), async |(mut opened, mut lines)| {
            let mut chunk = vec![0; CHUNK];
            let read = opened.read(&mut chunk).await?;
            Ok((read > 0).then(|| (lines.bounded(&chunk[..read]), (opened, lines))))
        });
        Ok(Box::pin(lines))
    }
}

/// "container is waiting to start" and "previous terminated container not found" are bad requests to the kubelet's interface.
fn no_log(error: kube::Error) -> Error {
    let is_bad = matches!(&error, kube::Error::Api(status) if status.code == 400);
    if is_bad { Error::NotAllowed(WhyNot::NoLog) } else { error.into() }
}

fn chosen<'a>(pods: &'a [TaskPod], ask: &LogAsk) -> Option<&'a TaskPod> {
    match (&ask.pod, ask.rank) {
        (Some(name), _) => pods.iter().find(|pod| pod.name == name.as_str()),
        (None, rank) => pods.iter().filter(|pod| pod.rank == rank.unwrap_or_default()).max_by_key(|pod| pod.created),
    }
}

/// How long the line is that is being read.
#[derive(Default)]
struct Lines {
    length: usize,
}

impl Lines {
    fn bounded(&mut self, read: &[u8]) -> Vec<u8> {
        let mut shown = Vec::with_capacity(read.len());
        for part in read.split_inclusive(|byte| *byte == b'\n') {
            let (text, ends) = match part.split_last() {
                Some((b'\n', text)) => (text, true),
                _ => (part, false),
            };
            let room = LINE_MAX.saturating_sub(self.length);
            shown.extend(text.iter().take(room));
            // Said once: when the line goes over its length.
            if text.len() > room && self.length <= LINE_MAX {
                shown.extend(CUT);
                self.length = LINE_MAX + 1;
            } else {
                self.length = self.length.saturating_add(text.len());
            }
            if ends {
                shown.push(b'\n');
                self.length = 0;
            }
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(chunks: &[&[u8]]) -> Vec<u8> {
        let mut lines = Lines::default();
        chunks.iter().flat_map(|chunk| lines.bounded(chunk)).collect()
    }

    #[test]
    fn c5_101_lines_pass_as_they_are_and_a_very_long_one_is_cut_and_says_so() {
        assert_eq!(read(&[b"a\nb", b"c\n", b"\xff\n\n"]), b"a\nbc\n\xff\n\n");
        let whole = vec![b'x'; LINE_MAX];
        assert_eq!(read(&[&whole, b"\ny\n"]), [whole.as_slice(), b"\ny\n"].concat(), "exactly as long as may be");
        let cut = [whole.as_slice(), CUT, b"\ny\n"].concat();
        assert_eq!(read(&[&whole, b"xx", b"xx\ny\n"]), cut);
        assert_eq!(read(&[&[whole.as_slice(), b"xxxx\ny\n"].concat()]), cut);
    }

    #[test]
    fn without_a_name_the_newest_pod_of_the_rank_is_meant() {
        let pod = |name: &str, rank, created| TaskPod {
            name: name.into(),
            rank,
            state: PodState::Running,
            node: None,
            created,
            started: None,
            ended: None,
            exit_code: None,
            reason: None,
            message: None,
            events: Vec::new(),
        };
        let pods = [pod("a-0-x", 0, 1), pod("a-0-y", 0, 2), pod("a-1-x", 1, 1)];
        let name = |ask: LogAsk| chosen(&pods, &ask).map(|pod| pod.name.as_str());
        assert_eq!(name(LogAsk::default()), Some("a-0-y"));
        assert_eq!(name(LogAsk { rank: Some(1), ..LogAsk::default() }), Some("a-1-x"));
        assert_eq!(name(LogAsk { pod: "a-0-x".parse().ok(), ..LogAsk::default() }), Some("a-0-x"));
        assert_eq!(name(LogAsk { pod: "b-0-x".parse().ok(), ..LogAsk::default() }), None, "a pod of another task");
    }
}
