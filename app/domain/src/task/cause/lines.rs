//! What do a program's last lines say about its end? What many programs say in the same words (errno's, `strerror(3)`).

use super::{Action, Cause, CauseId, Facts};
use crate::{
    task::{TaskMount, TaskScratch},
    text::is_invisible,
};

/// At most so many lines, of at most so many characters each.
const LINES: usize = 12;
const WIDTH: usize = 300;

/// The last lines that say anything, without what cannot be seen.
pub(super) fn last(text: &str) -> Option<String> {
    let lines: Vec<String> = text
        .lines()
        .map(|line| line.chars().filter(|c| !is_invisible(*c) || *c == '\t').take(WIDTH).collect::<String>().trim_end().to_owned())
        .filter(|line| !line.is_empty())
        .collect();
    let from = lines.len().saturating_sub(LINES);
    (!lines.is_empty()).then(|| lines.get(from..).unwrap_or_default().join("\n"))
}

/// From the last line that says one of the known things.
pub(super) fn cause(facts: &Facts<'_>, text: &str) -> Option<Cause> {
    text.lines().rev().take(80).find_map(|line| of_line(facts, line))
}

fn of_line(facts: &Facts<'_>, line: &str) -> Option<Cause> {
    let says = |parts: &[&str]| parts.iter().any(|part| line.contains(part));
    if says(&["out of shared memory", "insufficient shared memory"])
        || (says(&["No space left on device", "Errno 28"]) && says(&["/dev/shm"]))
    {
        return Some(shared_memory(facts));
    }
    if says(&["CUDA out of memory", "OutOfMemoryError: CUDA", "CUDA_ERROR_OUT_OF_MEMORY", "HIP out of memory"]) {
        return Some(
            Cause::new(CauseId::GpuMemory)
                .because("GPU out of memory")
                .saying("The memory of the GPU was used up. Take smaller batches or a smaller model, or ask for a GPU with more memory.")
                .offering(Action::RunAgain),
        );
    }
    if says(&["No space left on device", "Disk quota exceeded", "Errno 28", "ENOSPC"]) {
        return Some(no_space(facts, line));
    }
    if says(&["Read-only file system", "EROFS"]) {
        return Some(read_only(facts, line));
    }
    if says(&["Permission denied", "EACCES", "Operation not permitted"]) {
        return Some(denied(facts, line));
    }
    if says(&["File exists", "EEXIST"]) {
        return Some(
            Cause::new(CauseId::AlreadyThere)
                .because("it was there already")
                .saying(
                    "It made something that was there already, commonly a folder of an earlier run: volumes keep what was written. Write mkdir \
                     -p, or take another name.",
                )
                .offering(Action::RunAgain),
        );
    }
    None
}

/// `/dev/shm` is small unless the task asked for more; what it asked for was full, too.
fn shared_memory(facts: &Facts<'_>) -> Cause {
    if let Some(scratch) = facts.task.scratch.iter().find(|scratch| scratch.in_memory && scratch.path == "/dev/shm") {
        return memory_scratch(scratch);
    }
    Cause::new(CauseId::SharedMemory)
        .because("shared memory too small")
        .saying(
            "/dev/shm, where processes share memory, has only 64 MiB unless more is asked for. Ask for scratch of kind memory at /dev/shm, \
             or let the program use fewer workers.",
        )
        .offering(Action::RunAgain)
}

/// Scratch in memory that a line names as full.
pub(super) fn memory_scratch(scratch: &TaskScratch) -> Cause {
    let size = scratch.size.map(|size| format!(" ({})", size.rounded())).unwrap_or_default();
    Cause::new(CauseId::MemoryScratchFull)
        .because(format!("{} in memory was full", scratch.path))
        .saying(format!(
            "{}{size} is scratch space in the memory of the task, and it was full; volumes are untouched. Take scratch on disk for what \
             need not be in memory, or ask for more of it and for as much more memory.",
            scratch.path
        ))
        .offering(Action::RunAgain)
}

/// Whether the line names this path, or one below it.
fn names(line: &str, path: &str) -> bool {
    let is_of_a_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    line.match_indices(path).any(|(at, path)| {
        let before = line.get(..at).and_then(|rest| rest.chars().next_back());
        let after = line.get(at + path.len()..).and_then(|rest| rest.chars().next());
        !before.is_some_and(is_of_a_name) && after.is_none_or(|c| !c.is_alphanumeric() && c != '-' && c != '_')
    })
}

/// The mount in which a path of the line lies; the longest, since mounts can lie in each other.
fn mount<'a>(facts: &Facts<'a>, line: &str) -> Option<&'a TaskMount> {
    facts.task.mounts.iter().filter(|mount| names(line, &mount.path)).max_by_key(|mount| mount.path.len())
}

fn no_space(facts: &Facts<'_>, line: &str) -> Cause {
    let scratch = facts.task.scratch.iter().filter(|scratch| names(line, &scratch.path)).max_by_key(|scratch| scratch.path.len());
    let mounted = mount(facts, line).map_or(0, |mount| mount.path.len());
    if let Some(scratch) = scratch.filter(|scratch| scratch.in_memory && scratch.path.len() > mounted) {
        return memory_scratch(scratch);
    }
    let cause = Cause::new(CauseId::NoSpaceLeft);
    match mount(facts, line) {
        Some(mount) => {
            let name = facts.name(&mount.claim);
            cause
                .because(format!("volume {name} is full"))
                .saying(format!("Volume {name} at {} is full. Remove what is not needed or let it grow, then run this again.", mount.path))
                .offering(Action::OpenVolume { claim: mount.claim.clone() })
        }
        None => cause
            .because("no space left")
            .saying("Where it wrote, there was no space left. Outside its volumes a task has only little disk: write to a volume, or ask for more.")
            .offering(Action::RunAgain),
    }
}

fn read_only(facts: &Facts<'_>, line: &str) -> Cause {
    let cause = Cause::new(CauseId::ReadOnlyFiles).because("wrote to what is read-only").offering(Action::RunAgain);
    match mount(facts, line) {
        Some(mount) if mount.read_only => {
            let name = facts.name(&mount.claim);
            cause.saying(format!(
                "Volume {name} is mounted read-only at {}. Run it again without read-only, or write elsewhere.",
                mount.path
            ))
        }
        Some(mount) => cause.saying(format!(
            "The volume at {} could not be written, although it is mounted for it. A disk that had errors is made read-only; ask an \
             administrator if it happens again.",
            mount.path
        )),
        None => cause.saying("It wrote to a part of the image, which is read-only. Write to a volume or to scratch space."),
    }
}

fn denied(facts: &Facts<'_>, line: &str) -> Cause {
    let cause = Cause::new(CauseId::PermissionDenied);
    match mount(facts, line) {
        Some(mount) => {
            let name = facts.name(&mount.claim);
            cause
                .because(format!("permission denied on volume {name}"))
                .saying(format!(
                    "What is at {} on volume {name} belongs to another user than the one that tasks run as. What tasks of this portal wrote \
                     fits; what others wrote needs its owner or its group changed.",
                    mount.path
                ))
                .offering(Action::OpenVolume { claim: mount.claim.clone() })
        }
        None => cause
            .because("permission denied")
            .saying(
                "A file was not to be read, written or run by the user that tasks run as. In the image only its own user may write; \
                 volumes and scratch space are open.",
            )
            .offering(Action::ReadLog),
    }
}
