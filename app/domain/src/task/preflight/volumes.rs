//! Which claim does each line mean, and can it be mounted in this way?

use super::{Known, Level, Lines};
use crate::{
    access::{AccessMode, listed},
    cause::CauseId,
    name::MountPath,
    task::{
        Mount, TaskSpec, Want,
        file::{Place, Places},
        resolve::{Resolved, Unresolved, resolve},
    },
    volume::{Volume, VolumeSpec, differences, not_for_writing},
};

/// The mounts, as far as they can be had; whatever cannot is said.
pub(super) fn mounts(spec: &TaskSpec, places: &Places, known: &Known<'_>, lines: &mut Lines) -> Vec<Mount> {
    let mut mounts: Vec<Mount> = Vec::new();
    for (index, want) in spec.volumes.iter().enumerate() {
        let place = places.volumes.get(index).copied();
        let found = match (resolve(&want.volume, known.own), &want.new) {
            (Ok(resolved), new) => {
                if let Some(writes) = places.writes.iter().find(|(of, _)| *of == index).map(|(_, at)| *at)
                    && resolved.volume.read_only
                {
                    lines.say_of(resolved.volume, Level::Refusal, Some(writes), not_for_writing(&resolved.volume.name));
                }
                there(spec, want, &resolved, new.as_ref(), known, place, lines)
            }
            (Err(Unresolved::Missing { .. }), Some(new)) => to_be_made(spec, want, new, known, place, &mounts, lines),
            (Err(unresolved), _) => {
                lines.say(Level::Refusal, place, unresolved.in_words(&want.volume));
                None
            }
        };
        let Some(mount) = found else { continue };
        let taken = mounts.iter().any(|other| other.path == mount.path) || spec.scratch.iter().any(|scratch| scratch.path == mount.path);
        if taken {
            lines.say(Level::Refusal, place, format!("{} is used twice. Give {} another path.", mount.path, want.volume));
        }
        mounts.push(mount);
    }
    mounts
}

fn there(
    spec: &TaskSpec,
    want: &Want,
    resolved: &Resolved<'_>,
    new: Option<&VolumeSpec>,
    known: &Known<'_>,
    place: Option<Place>,
    lines: &mut Lines,
) -> Option<Mount> {
    let volume = resolved.volume;
    let (path, from) = match &want.path {
        Some(path) => (path.clone(), ""),
        None => (default_path(volume)?, ", where the volume says"),
    };
    let read_only = want.read_only || volume.read_only || volume.modes == [AccessMode::ReadOnlyMany];
    let how = match (volume.read_only, read_only) {
        (true, _) => ", for reading only, because you published it so",
        (false, true) => ", for reading only",
        (false, false) => "",
    };
    let told = format!("{path}{from}: {} ({}), {}{how}.", volume.name, volume.size(), resolved.in_words());
    lines.say_of(volume, Level::Ok, place, told);
    if let Some(new) = new {
        let differences = differences(new, volume);
        if differences.is_empty() {
            lines.say_of(volume, Level::Note, place, format!("{} is there already, so it is not made again.", volume.name));
        } else {
            let told = format!("{} is there already and is used as it is: {}.", volume.name, differences.join("; "));
            lines.say_of(volume, Level::Warning, place, told);
        }
    }
    phase(volume, place, lines);
    many_files(volume.class.as_deref(), &volume.name, known, place, lines);
    access(spec, &volume.modes, read_only, &volume.name, place, lines);
    in_use(volume, place, lines);
    let claim = volume.claim.parse().ok();
    if claim.is_none() {
        lines.say_of(volume, Level::Refusal, place, format!("The claim of {} has a name that cannot be used.", volume.name));
    }
    Some(Mount { path, claim, uid: Some(volume.uid.clone()), new: None, read_only })
}

/// Where the volume itself says, else below `/volumes`.
fn default_path(volume: &Volume) -> Option<MountPath> {
    volume.mount_path.parse().or_else(|_| format!("/volumes/{}", volume.name).parse()).ok()
}

fn to_be_made(
    spec: &TaskSpec,
    want: &Want,
    new: &VolumeSpec,
    known: &Known<'_>,
    place: Option<Place>,
    mounts: &[Mount],
    lines: &mut Lines,
) -> Option<Mount> {
    let same = |mount: &Mount| mount.new.as_ref().is_some_and(|other| other.name.as_str().eq_ignore_ascii_case(new.name.as_str()));
    if mounts.iter().any(same) {
        lines.say(Level::Refusal, place, format!("{} would be made twice. Mount it once.", new.name));
        return None;
    }
    let path = match &want.path {
        Some(path) => path.clone(),
        None => format!("/volumes/{}", new.name).parse().ok()?,
    };
    let told = format!("{path}: {} is made in the same step: {}, class {}, {}.", new.name, new.size, new.class, listed(&new.modes));
    lines.say(Level::Ok, place, told);
    if let Some(sentence) = known.quota.and_then(|quota| quota.refuses(new.class.as_str(), new.size)) {
        lines.say(Level::Refusal, place, sentence);
    }
    many_files(Some(new.class.as_str()), new.name.as_str(), known, place, lines);
    access(spec, &new.modes, want.read_only, new.name.as_str(), place, lines);
    let read_only = want.read_only || new.modes == [AccessMode::ReadOnlyMany];
    if read_only {
        lines.say(Level::Warning, place, format!("{} will be empty, and this task cannot write to it.", new.name));
    }
    Some(Mount { path, claim: None, uid: None, new: Some(new.clone()), read_only })
}

fn phase(volume: &Volume, place: Option<Place>, lines: &mut Lines) {
    let (name, status) = (&volume.name, &volume.status);
    if status.is_deleting() {
        lines.say_of(volume, Level::Refusal, place, format!("{name} is being deleted. Use another volume."));
        return;
    }
    if let Some(trash) = volume.trash {
        lines.say_of(volume, Level::Refusal, place, format!("{name} is in the trash {}. Restore it first.", trash.in_words()));
        return;
    }
    match status.phase() {
        "Bound" => {
            if let Some((heading, _)) = status.explanation() {
                lines.say_of(volume, Level::Warning, place, format!("{name}: {heading}. Its page says what to do."));
            }
        }
        "Pending" if status.id() == CauseId::WaitsForFirstUse => {
            let told = format!("{name} waits for its first use: its storage is made when this task starts.");
            lines.say_of(volume, Level::Note, place, told);
        }
        "Pending" => {
            let told = format!("{name} is not ready ({}). The task waits until it is; its page says why.", status.label().to_lowercase());
            lines.say_of(volume, Level::Warning, place, told);
        }
        "Lost" => {
            lines.say_of(
                volume,
                Level::Refusal,
                place,
                format!("{name} has lost its storage and cannot be mounted. Its page says what to do."),
            );
        }
        other => lines.say_of(volume, Level::Warning, place, format!("{name} is in state {other}, which the portal does not know.")),
    }
}

/// What is known of the kind of storage that it lies on.
fn many_files(class: Option<&str>, name: &str, known: &Known<'_>, place: Option<Place>, lines: &mut Lines) {
    let class = known.classes.iter().find(|known| Some(known.name.as_str()) == class);
    if class.is_some_and(|class| class.note().is_some()) {
        let told = format!(
            "{name} is on a file system that many share: slow with very many small files. Keep them packed, and unpack them into scratch space."
        );
        lines.say(Level::Note, place, told);
    }
}

/// What its modes say about this many pods on this many nodes (`accessModes`, Kubernetes' persistent volumes).
fn access(spec: &TaskSpec, modes: &[AccessMode], read_only: bool, name: &str, place: Option<Place>, lines: &mut Lines) {
    let pods = spec.nodes.max(spec.parallelism);
    if pods > 1 && modes == [AccessMode::ReadWriteOncePod] {
        let told =
            format!("{name} is for one pod at a time (ReadWriteOncePod), and here are {pods} at once. Use a volume with ReadWriteMany.");
        lines.say(Level::Refusal, place, told);
        return;
    }
    let for_reading = modes.contains(&AccessMode::ReadOnlyMany);
    if modes.contains(&AccessMode::ReadWriteMany) || (for_reading && (read_only || modes.len() == 1)) {
        return;
    }
    let more = if for_reading { ", or mount it with read_only: true if nobody writes" } else { "" };
    if spec.nodes > 1 {
        let told = format!(
            "{name} can be mounted by one node at a time ({}), and this task runs on {}. Use a volume with ReadWriteMany{more}, or set num_nodes to 1.",
            listed(modes),
            spec.nodes
        );
        lines.say(Level::Refusal, place, told);
    } else if pods > 1 {
        let told = format!(
            "{name} can be mounted by one node at a time ({}): runs that land on another node wait. Use a volume with ReadWriteMany{more}.",
            listed(modes)
        );
        lines.say(Level::Warning, place, told);
    }
}

/// Who holds it now, where only one node or pod can.
fn in_use(volume: &Volume, place: Option<Place>, lines: &mut Lines) {
    if volume.modes.iter().any(|mode| mode.is_for_many()) {
        return;
    }
    let Some(user) = volume.used_by.iter().find(|user| user.phase.is_use()) else { return };
    let (name, label) = (&volume.name, user.label());
    let told = match (&user.node, volume.modes.contains(&AccessMode::ReadWriteOncePod)) {
        (_, true) => format!("{name} is in use by {label}, and only one pod may: this task waits until that has ended."),
        (Some(node), false) => {
            format!("{name} is held on node {node} by {label}: this task must find room there, or waits until that has ended.")
        }
        (None, false) => format!("{name} is wanted by {label} too, which waits for a node: both must run on one node, or one waits."),
    };
    lines.say_of(volume, Level::Warning, place, told);
}
