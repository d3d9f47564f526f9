//! What does an exit code commonly mean? With the last lines of the program, which often say it better.

use super::{Action, Cause, CauseId, Facts, lines};
use crate::task::TaskPod;

/// What shells and programs agree on: 126, 127 and 128 + signal (POSIX, XCU 2.8.2), 2 for wrong use (bash, "Exit Status").
pub(super) fn meaning(code: i32) -> Option<&'static str> {
    Some(match code {
        1 => "the program itself says that it failed",
        2 => "usually a wrong option, or a mistake in a shell line",
        126 => "a command was found and cannot be run",
        127 => "a command was not found",
        129 => "it was hung up (SIGHUP)",
        130 => "it was interrupted (SIGINT)",
        131 => "it was asked to quit (SIGQUIT)",
        132 => "it used an instruction that this processor does not have (SIGILL)",
        134 => "it ended itself because of an error (SIGABRT)",
        135 => "it used memory that could not be given; often /dev/shm is too small (SIGBUS)",
        136 => "it made an arithmetic error (SIGFPE)",
        137 => "it was killed at once (SIGKILL)",
        139 => "it used memory that is not its own (SIGSEGV)",
        141 => "what it wrote to had gone away (SIGPIPE)",
        143 => "it was asked to end (SIGTERM)",
        152 => "it used too much processor time (SIGXCPU)",
        153 => "it wrote a file that was too large (SIGXFSZ)",
        255 => "the program itself says that it failed, without saying how",
        _ => return None,
    })
}

pub(super) fn cause(facts: &Facts<'_>, pod: &TaskPod) -> Cause {
    let code = pod.exit_code.unwrap_or_default();
    let last = lines::last(pod.said());
    let told = lines::cause(facts, pod.said());
    let words = meaning(code).map(|words| format!(": {words}")).unwrap_or_default();
    if let Some(cause) = told {
        return cause.with_lines(last);
    }
    let on = if facts.task.nodes > 1 { format!(" on rank {}", pod.rank) } else { String::new() };
    let see = if last.is_some() { " Its last lines are below." } else { " Its log may say more." };
    let (id, advice) = match code {
        126 => (CauseId::NotExecutable, " Look at the file's rights and at its first line (#!), or start it with its interpreter."),
        127 => (CauseId::CommandMissing, " Look at its spelling; it may also be missing in the image."),
        135 => (CauseId::SharedMemory, " Ask for scratch of kind memory at /dev/shm, then run it again."),
        137 => (
            CauseId::Killed,
            " That is commonly the end of its patience when it was asked to stop, or a part of it that used up the memory.",
        ),
        143 | 130 | 129 | 131 => (CauseId::Killed, ""),
        132 | 134 | 136 | 139 | 152 | 153 => (CauseId::Crashed, ""),
        _ => (CauseId::ExitError, ""),
    };
    Cause::new(id)
        .because(format!("exit code {code}"))
        .saying(format!("Its program ended{on} with exit code {code}{words}.{advice}{see}"))
        .offering(Action::ReadLog)
        .with_lines(last)
}
