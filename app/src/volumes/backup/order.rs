//! Which task backs a volume up, and which makes a new one of a backup? Judged by the same rules as any task.

use crate::{
    server::{Portal, now, told},
    tasks::{
        source::Source,
        submit::{Once, Submitted, submit_planned},
    },
};
use cluster::UserCluster;
use domain::{
    access::AccessMode,
    allowed::may_back_up,
    name::TaskId,
    problem::{Code, FieldErrors, Problem},
    quantity::Size,
    storage_class::StorageClass,
    task::{
        Limits, Mount, Plan,
        preflight::{Known, Level, Preflight, preflight},
        resolve::resolve,
    },
    volume::{
        BACKUP_SCRIPT, Backup, KnownBackup, Purpose, RESTORE_SCRIPT, SOURCE, TARGET, Volume, VolumeForm, VolumeSpec, cannot_hold, taken_by,
    },
};
use serde_json::{Map, Value, json};

/// A day: longer than most backups, shorter than a person waits for one.
const TIME: u32 = 24 * 3600;
/// A list of all files is held at once, to compare it.
const MEMORY: Size = Size::from_bytes(1 << 30);

/// Backs a volume of the caller's up into another one of theirs. `to` is an id, a name or a claim.
pub async fn back_up(portal: &Portal, caller: &UserCluster, id: &str, to: &str, once: Option<Once>) -> Result<Submitted, Problem> {
    let id = id.parse().map_err(|_| Problem::not_found())?;
    let source = caller.volume(&id).map_err(|error| told(&error))?.volume;
    let plan = || {
        may_back_up(&source).map_err(|why| told(&cluster::Error::NotAllowed(why)))?;
        let own = caller.volumes_and_trash().map_err(|error| told(&error))?;
        let wrong = |sentence: String| Problem::invalid(FieldErrors::one("to", sentence));
        if to.is_empty() {
            return Err(wrong("Choose the volume that the backup is written to.".to_owned()));
        }
        let target = match own.iter().find(|volume| volume.id.as_str() == to) {
            Some(target) => target,
            None => resolve(to, &own).map_err(|unresolved| wrong(unresolved.in_words(&shown(to))))?.volume,
        };
        if let Some(sentence) = cannot_hold(target, &source) {
            return Err(wrong(sentence));
        }
        let Judgement { judged, backup } = judge(portal, caller, &source, target, &own)?;
        let plan = planned(judged, "to")?;
        let is_meant = |mount: &Mount, volume: &Volume| mount.uid.as_ref() == Some(&volume.uid);
        if !(plan.mounts.iter().any(|mount| is_meant(mount, &source)) && plan.mounts.iter().any(|mount| is_meant(mount, target))) {
            return Err(wrong("One of both volumes is called like the claim of another. Rename that one first.".to_owned()));
        }
        Ok(Plan { purpose: Some(Purpose::Backup(backup)), ..plan })
    };
    submit_planned(portal, caller, once, plan).await
}

/// What was typed, as much of it as is said again.
fn shown(typed: &str) -> String {
    typed.chars().take(80).collect()
}

/// What is said about one volume as a place for a backup.
pub struct Judgement {
    pub judged: Preflight,
    pub backup: Backup,
}

/// What the rules for all tasks say of a backup from `source` to `target`.
pub fn judge(portal: &Portal, caller: &UserCluster, source: &Volume, target: &Volume, own: &[Volume]) -> Result<Judgement, Problem> {
    let backup = Backup::new(source, target, now()).ok_or_else(Problem::not_found)?;
    let about = json!({
        "volume": source.name, "id": source.id, "claim": source.claim, "size": source.size().to_string(),
        "class": source.class, "at": domain::text::machine_date(backup.at), "portal": env!("CARGO_PKG_VERSION"),
    });
    let volumes = json!({ SOURCE: { "name": source.claim, "read_only": true }, TARGET: target.claim });
    let file = file(&backup, "backup", BACKUP_SCRIPT, about, volumes, &portal.limits)?;
    Ok(Judgement { judged: judged(portal, caller, own, &file)?, backup })
}

/// A backup of the caller's that is whole, and the volume that it lies on.
pub async fn known(portal: &Portal, caller: &UserCluster, task: &str) -> Result<(KnownBackup, Volume), Problem> {
    let id: TaskId = task.parse().map_err(|_| Problem::not_found())?;
    let found = Source::Mine(caller.clone()).look(portal, &id).await?.into_detail();
    let known = KnownBackup::of(&found.task).ok_or_else(Problem::not_found)?;
    if !known.is_whole() {
        return Err(Problem::new(
            Code::Conflict,
            "This backup is not whole, so nothing can be restored from it. Its task says how it went.",
        ));
    }
    let own = caller.volumes_and_trash().map_err(|error| told(&error))?;
    let on = own.into_iter().find(|volume| volume.claim == known.backup.to.as_str() && volume.created <= found.task.submitted);
    let gone = || Problem::new(Code::Conflict, "The volume that this backup was written to is not there any more, and the backup with it.");
    let on = on.ok_or_else(gone)?;
    if let Err(why) = domain::allowed::may_edit(&on) {
        return Err(Problem::new(Code::Conflict, format!("The backup is on {}. {why}", on.name)));
    }
    Ok((known, on))
}

/// Makes a new volume, and the task that unpacks a backup into it and verifies every file.
pub async fn restore(
    portal: &Portal,
    caller: &UserCluster,
    backup: &str,
    form: &VolumeForm,
    once: Option<Once>,
) -> Result<Submitted, Problem> {
    let (known, on) = known(portal, caller, backup).await?;
    let plan = || {
        let classes = caller.storage_classes().map_err(|error| told(&error))?;
        let own = caller.volumes_and_trash().map_err(|error| told(&error))?;
        let spec = wanted(&filled(form, &known), &known, &classes, &own)?;
        let new = json!({
            "name": spec.name, "size": spec.size.to_string(), "class": spec.class,
            "access": spec.modes.iter().map(|mode| mode.as_str()).collect::<Vec<_>>(),
        });
        let volumes = json!({ SOURCE: { "name": on.claim, "read_only": true }, TARGET: new });
        let file = file(&known.backup, "restore", RESTORE_SCRIPT, Value::Null, volumes, &portal.limits)?;
        let mut plan = planned(judged(portal, caller, &own, &file)?, "name")?;
        let mut is_new = false;
        for mount in plan.mounts.iter_mut().filter(|mount| mount.claim.is_none()) {
            mount.new = Some(spec.clone());
            is_new = true;
        }
        // Never over what is there.
        if !is_new || !plan.mounts.iter().any(|mount| mount.uid.as_ref() == Some(&on.uid)) {
            return Err(Problem::invalid(FieldErrors::one("name", "Choose another name for the new volume.")));
        }
        Ok(Plan { purpose: Some(Purpose::Restore(known.task.clone())), ..plan })
    };
    submit_planned(portal, caller, once, plan).await
}

/// What was left out is as it was, or as the form begins.
fn filled(form: &VolumeForm, known: &KnownBackup) -> VolumeForm {
    let mut form = form.clone();
    if form.size.is_empty() {
        form.size = known.backup.size.max(known.least()).to_string();
    }
    if form.access.is_empty() {
        form.access = AccessMode::ReadWriteOnce.to_string();
    }
    form
}

/// The new volume, with a sentence for each field that does not do.
fn wanted(form: &VolumeForm, known: &KnownBackup, classes: &[StorageClass], own: &[Volume]) -> Result<VolumeSpec, Problem> {
    let checked = form.check(classes);
    let mut errors = checked.as_ref().err().cloned().unwrap_or_default();
    if let Some(sentence) = taken_by(&form.name, own) {
        errors.add("name", sentence);
    }
    if let Ok(spec) = &checked {
        if spec.size < known.least() {
            errors.add("size", format!("The files alone are {}. Ask for at least that, and a fifth more.", known.least().rounded()));
        }
        if spec.modes.iter().all(|mode| mode.as_str() == "ReadOnlyMany") {
            errors.add("access", "It is written to, once. Choose a mode for writing; publish it as read-only afterwards.");
        }
    }
    match checked {
        Ok(spec) if errors.is_empty() => Ok(spec),
        Ok(_) | Err(_) => Err(Problem::invalid(errors)),
    }
}

/// A task file, as JSON, which is YAML as well. Nothing in it is as somebody typed it.
fn file(backup: &Backup, what: &str, script: &str, about: Value, volumes: Value, limits: &Limits) -> Result<String, Problem> {
    let name = backup.task_name(what).ok_or_else(Problem::not_found)?;
    let variables = backup.variables(about.to_string()).into_iter().map(|(name, value)| (name.to_owned(), value.into()));
    let mut envs: Map<String, Value> = variables.collect();
    if about.is_null() {
        envs.remove("BACKUP_ABOUT");
    }
    Ok(json!({
        "name": name,
        "resources": {
            "cpus": 1, "memory": MEMORY.min(limits.max_memory).to_string(), "disk": "512Mi", "requests": { "cpus": "0.05", "memory": "32Mi" },
        },
        "volumes": volumes,
        "envs": envs,
        "run": script,
        "time_limit": TIME.min(limits.max_time),
    })
    .to_string())
}

fn judged(portal: &Portal, caller: &UserCluster, own: &[Volume], file: &str) -> Result<Preflight, Problem> {
    let (classes, quota) = (caller.storage_classes().map_err(|error| told(&error))?, caller.quota().map_err(|error| told(&error))?);
    Ok(preflight(file, &Known { own, secrets: &[], classes: &classes, quota: quota.as_ref(), limits: &portal.limits }))
}

/// The plan, or every reason why there is none.
fn planned(judged: Preflight, field: &str) -> Result<Plan, Problem> {
    let refusals: Vec<_> = judged.of(Level::Refusal).map(|line| line.sentence.clone()).collect();
    judged.plan.ok_or_else(|| Problem::invalid(FieldErrors::one(field, refusals.join(" "))))
}
