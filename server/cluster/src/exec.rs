//! How is a shell opened in a running task? In one pod that is proven to be of it, by a command that nobody can choose.

use crate::{
    act::{DEADLINE, Right, SEEN, within},
    clock::now,
    error::Error,
    job::CONTAINER,
    pods::{PodRow, Viewer},
    scope::{AdminCluster, Cluster, Link, UserCluster},
    tasks::OwnedTask,
    watch::rows::Rows,
};
use domain::{
    allowed::WhyNot,
    name::{ObjectName, TaskId},
    task::{PodState, Task, TaskPod, shell::Ended},
};
use futures::{SinkExt, channel::mpsc, future::BoxFuture};
use k8s_openapi::{api::core::v1::Pod, apimachinery::pkg::apis::meta::v1::Status};
use kube::{
    Api,
    api::{AttachParams, AttachedProcess, TerminalSize},
};
use std::{pin::Pin, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::timeout,
};

/// No word of it is anybody's but ours. `bash` where the image has it.
const COMMAND: [&str; 3] =
    ["/bin/sh", "-c", "TERM=xterm-256color; export TERM; if command -v bash >/dev/null 2>&1; then exec bash; else exec /bin/sh; fi"];
/// So much waits on the way into the pod, and as much on the way out.
const BUFFER: usize = 64 << 10;
/// So long a program has to end after a key.
const HANG_UP: Duration = Duration::from_millis(700);
/// 128 and the number of SIGKILL: how a shell ends whose container is ended.
const KILLED: i32 = 137;

/// A terminal in a container. It is closed when this is dropped.
pub struct Shell {
    pub pod: String,
    /// What is typed.
    pub input: Pin<Box<dyn AsyncWrite + Send>>,
    /// What is to be shown. Its end is the end of the shell.
    pub output: Pin<Box<dyn AsyncRead + Send>>,
    pub sizes: Sizes,
    status: BoxFuture<'static, Option<Status>>,
    link: Arc<Link>,
    task: Task,
    _process: AttachedProcess,
}

/// Tells a terminal its columns and rows.
pub struct Sizes(mpsc::Sender<TerminalSize>);

impl Cluster {
    /// Whether the portal's account may open shells, as the last look at its rights told; before there was one, whoever tries is told.
    pub fn may_open_shells(&self) -> bool {
        let standing = self.link.standing.borrow();
        !standing.as_ref().is_some_and(|standing| ["get", "create"].iter().any(|verb| standing.lacks(verb, "pods/exec")))
    }
}

impl UserCluster {
    /// A shell in the running pod of this rank, of this person's task.
    pub async fn open_shell(&self, id: &TaskId, rank: u32) -> Result<Shell, Error> {
        open(self.link.clone(), self.owned_task(id).await?, &Right::Owner(self.user.clone()), rank).await
    }
}

impl AdminCluster {
    /// The same of anybody's task.
    pub async fn open_shell(&self, id: &TaskId, rank: u32) -> Result<Shell, Error> {
        open(self.link.clone(), self.managed_task(id).await?, &Right::Admin(self.user.clone()), rank).await
    }
}

/// The pod of this rank in which a shell can be opened.
pub fn shell_pod(task: &Task, rank: u32) -> Option<&TaskPod> {
    task.pods.iter().filter(|pod| pod.rank == rank && pod.state == PodState::Running).max_by_key(|pod| pod.created)
}

async fn open(link: Arc<Link>, owned: OwnedTask, right: &Right, rank: u32) -> Result<Shell, Error> {
    let not_running = || Error::NotAllowed(WhyNot::NotRunning);
    let task = owned.task().clone();
    let name: ObjectName = shell_pod(&task, rank).ok_or_else(not_running)?.name.parse().map_err(Error::unexpected)?;
    // Names are used again; the live pod says whose it is, and whether it still runs.
    let live: PodRow = within(DEADLINE, link.get::<PodRow, PodRow>(&name)).await?;
    let job = owned.into_job();
    if !live.is_part_of(&job.meta.uid, &job.owner()) {
        return Err(Error::NotFound);
    }
    if !runs(&live) {
        return Err(not_running());
    }
    // The client of the watches: a shell may be silent for hours.
    let pods: Api<Pod> = Api::namespaced(link.streaming.clone(), &link.namespace);
    let how = AttachParams::interactive_tty().container(CONTAINER).max_stdin_buf_size(BUFFER).max_stdout_buf_size(BUFFER);
    let opened = within(DEADLINE, async { pods.exec(name.as_str(), COMMAND, &how).await.map_err(Error::from) }).await;
    // An exec names no uid: what was opened is only what was meant if the same pod still has the name.
    let after: Result<PodRow, Error> = within(DEADLINE, link.get::<PodRow, PodRow>(&name)).await;
    let is_same = after.as_ref().is_ok_and(|after| after.meta.uid == live.meta.uid && runs(after));
    let mut process = match opened {
        Ok(process) if is_same => process,
        Ok(_) => return Err(not_running()),
        Err(error @ (Error::MissingRight(_) | Error::Unreachable { .. } | Error::Slow)) => return Err(error),
        Err(error) => return Err(if is_same { error } else { not_running() }),
    };
    tracing::info!(by = ?right, pod = %name, "shell opened");
    let missing = || Error::unexpected("a terminal without its streams");
    Ok(Shell {
        pod: name.to_string(),
        input: Box::pin(process.stdin().ok_or_else(missing)?),
        output: Box::pin(process.stdout().ok_or_else(missing)?),
        sizes: Sizes(process.terminal_size().ok_or_else(missing)?),
        status: Box::pin(process.take_status().ok_or_else(missing)?),
        link,
        task,
        _process: process,
    })
}

fn runs(pod: &PodRow) -> bool {
    !pod.is_deleting() && pod.task_pod(Vec::new()).state == PodState::Running
}

impl Sizes {
    /// May be dropped and called again.
    pub async fn tell(&mut self, (width, height): (u16, u16)) {
        // Whoever would be told is gone: the output ends too.
        drop(self.0.send(TerminalSize { width, height }).await);
    }
}

impl Shell {
    /// Ends it as a person would, with Ctrl+C and Ctrl+D: nobody hangs a terminal up when its connection goes,
    /// so it would stay as long as its pod.
    pub async fn hang_up(mut self) {
        for key in [b"\x03", b"\x04"] {
            let typed = async {
                self.input.write_all(key).await?;
                let mut rest = vec![0; 16 << 10];
                while self.output.read(&mut rest).await? > 0 {}
                Ok::<_, std::io::Error>(())
            };
            // What listens to neither stays.
            drop(timeout(HANG_UP, typed).await);
        }
    }

    /// Why it is over, once its output has ended. Takes a few seconds where that is not known at once.
    pub async fn ended(self) -> Ended {
        let Self { status, link, task, pod, .. } = self;
        let said = timeout(SEEN, status).await.ok().flatten();
        match said.as_ref().map(exit) {
            Some(Some(code)) if code != KILLED => Ended::Exited(code),
            Some(None) if said.as_ref().is_some_and(no_shell) => Ended::NoShell,
            exit => {
                // A container that is ended takes its shells with it before anybody is told of its own end.
                let gone = |rows: &Rows| {
                    let row = rows.job(&task.job).filter(|row| *row.job.meta.uid == task.uid);
                    let pods = row.map(|row| row.task(Viewer::Admin, now()).pods).unwrap_or_default();
                    let runs = pods.iter().any(|known| known.name == pod && known.state == PodState::Running);
                    (!runs).then_some(())
                };
                match (link.cache.until_seen(SEEN, gone).await, exit.flatten()) {
                    (Some(()), _) => Ended::PodGone,
                    (None, Some(code)) => Ended::Exited(code),
                    (None, None) => Ended::Lost,
                }
            }
        }
    }
}

/// The exit code that the kubelet tells (kubelet, `remotecommand.NonZeroExitCodeReason`).
fn exit(status: &Status) -> Option<i32> {
    if status.status.as_deref() == Some("Success") {
        return Some(0);
    }
    let causes = status.details.iter().flat_map(|details| details.causes.iter().flatten());
    causes.filter(|cause| cause.reason.as_deref() == Some("ExitCode")).find_map(|cause| cause.message.as_ref()?.parse().ok())
}

/// Whether the program itself could not be started (runc: `exec: "/bin/sh": stat /bin/sh: no such file or directory`).
fn no_shell(status: &Status) -> bool {
    status.message.as_deref().is_some_and(|said| said.contains("no such file or directory") || said.contains("executable file not found"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kube::core::Request;
    use serde_json::{Value, json};

    fn status(of: Value) -> Status {
        serde_json::from_value(of).unwrap()
    }

    #[test]
    fn the_end_of_a_shell_is_read_from_what_the_kubelet_says() {
        let failed = json!({
            "status": "Failure", "reason": "NonZeroExitCode", "message": "command terminated with non-zero exit code",
            "details": {"causes": [{"reason": "ExitCode", "message": "3"}]}
        });
        assert_eq!(exit(&status(failed)), Some(3));
        assert_eq!(exit(&status(json!({"status": "Success"}))), Some(0));
        let absent = status(json!({
            "status": "Failure", "reason": "InternalError",
            "message": "failed to start exec: OCI runtime exec failed: exec failed: unable to start container process: exec: \"/bin/sh\": stat /bin/sh: no such file or directory"
        }));
        assert!(exit(&absent).is_none() && no_shell(&absent));
    }

    #[test]
    fn c5_098_nothing_of_the_command_comes_from_anybody() {
        let sent = Request::new("/pods").exec("p", COMMAND, &AttachParams::interactive_tty().container(CONTAINER)).unwrap();
        let query = sent.uri().query().unwrap();
        assert_eq!(query.matches("command=").count(), 3, "{query}");
        assert!(query.contains("command=%2Fbin%2Fsh") && query.contains("container=task") && query.contains("tty=true"), "{query}");
    }
}
