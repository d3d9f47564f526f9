//! What is read, and from which words?

use super::*;
use crate::{
    access::AccessMode,
    cause::{Cause, Facts, cause, tests as causes},
    secret::Secret,
    storage_class::{Binding, ClassSettings, Reclaim},
    task::{Medium, preflight::Known},
    volume::{Use, UsePhase, Volume, sample},
};

pub(in crate::task) fn classes() -> Vec<StorageClass> {
    let class = |name: &str, provisioner: &str, default| StorageClass {
        name: name.parse().unwrap(),
        provisioner: provisioner.into(),
        default,
        binding: Binding::WaitForFirstConsumer,
        reclaim: Reclaim::Delete,
        expandable: false,
        description: None,
        proven: vec![],
        settings: ClassSettings::default(),
    };
    vec![class("standard", "ebs.csi.aws.com", true), class("shared", "nfs.csi.k8s.io", false)]
}

pub(in crate::task) fn limits() -> Limits {
    let images = ["stowage.dev", "ghcr.io", "docker.io/library"].map(str::to_owned).to_vec();
    Limits { image: "stowage.dev/busybox:1".parse().ok(), images, ..Limits::default() }
}

fn waiting() -> Cause {
    let classes = classes();
    cause(&Facts { class: Some("standard"), classes: &classes, ..causes::facts() })
}

pub(in crate::task) fn own() -> Vec<Volume> {
    let with = |name: &str, modes: &[AccessMode]| Volume { modes: modes.to_vec(), ..sample(name) };
    let held = Use {
        pod: "p-0".into(),
        task: Some("other".into()),
        node: Some("node-1".into()),
        phase: UsePhase::Running,
        since: 0,
        events: vec![],
    };
    vec![
        sample("train-images"),
        sample("checkpoints"),
        with("shared", &[AccessMode::ReadWriteMany]),
        with("dataset", &[AccessMode::ReadOnlyMany]),
        with("alone", &[AccessMode::ReadWriteOncePod]),
        with("both", &[AccessMode::ReadWriteOnce, AccessMode::ReadOnlyMany]),
        Volume { status: waiting(), ..sample("fresh") },
        Volume { status: causes::in_phase("Lost"), ..sample("lost") },
        Volume { status: causes::deleting(), ..sample("leaving") },
        Volume { used_by: vec![held], ..sample("held") },
        sample("twin"),
        Volume { claim: "twin-2".into(), ..sample("Twin") },
    ]
}

pub(in crate::task) fn secrets() -> Vec<Secret> {
    let secret = |name: &str, keys: &[&str]| Secret {
        name: name.parse().unwrap(),
        keys: keys.iter().map(|key| key.parse().unwrap()).collect(),
        set: 0,
        uid: format!("uid-of-{name}"),
        is_incomplete: false,
    };
    vec![secret("s3", &["ACCESS_KEY", "SECRET_KEY", "ID", "KEY"]), secret("hugging-face", &["TOKEN"])]
}

/// What alice has and may have.
pub(in crate::task) fn world<T>(ask: impl FnOnce(&Known<'_>) -> T) -> T {
    let (own, secrets, classes, limits) = (own(), secrets(), classes(), limits());
    ask(&Known { own: &own, secrets: &secrets, classes: &classes, quota: None, limits: &limits })
}

pub(super) fn reads(text: &str) -> Result<TaskFile, Unreadable> {
    read(text, &limits(), &classes())
}

/// The sentences of a file that is refused.
pub(super) fn refused(text: &str) -> Vec<Remark> {
    reads(text).map(|file| file.spec).expect_err(text).errors
}

const LEAST: &str = "name: a\nrun: ls\n";

fn with(more: &str) -> String {
    format!("{LEAST}{more}\n")
}

#[test]
fn the_least_file_has_what_it_does_not_say() {
    let spec = reads(LEAST).unwrap().spec;
    assert_eq!((spec.nodes, spec.completions, spec.parallelism, spec.retries), (1, 1, 1, 0));
    assert_eq!((spec.time_limit, spec.keep), (limits().max_time, limits().keep));
    assert_eq!(spec.image.as_str(), "stowage.dev/busybox:1");
    let resources = spec.resources;
    assert_eq!((resources.cpu_millis, resources.memory.to_string().as_str(), resources.disk.to_string().as_str()), (1000, "1Gi", "1Gi"));
    assert_eq!((resources.gpus, resources.requested_cpu_millis, resources.requested_memory), (0, None, None));
    let nameless = read(LEAST, &Limits::default(), &[]).unwrap_err();
    assert!(nameless.errors[0].sentence.starts_with("image_id: Name an image"), "{nameless:?}");
}

#[test]
fn g0_38_to_44_the_fields_of_the_guide_are_read() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/task/samples/09_every_field.yaml")).unwrap();
    let spec = reads(&text).unwrap().spec;
    assert_eq!((spec.name.as_str(), spec.nodes, spec.retries, spec.time_limit, spec.keep), ("Everything_1", 1, 2, 5400, 180));
    let resources = &spec.resources;
    assert_eq!((resources.cpu_millis, resources.requested_cpu_millis, resources.gpus), (500, Some(100), 1));
    assert_eq!(resources.gpu_product.as_deref(), Some("NVIDIA-A10"));
    assert_eq!(spec.volumes[0].path.as_ref().unwrap().as_str(), "/data");
    assert!(spec.volumes[0].read_only && !spec.volumes[1].read_only);
    assert_eq!(spec.scratch[0].medium, Medium::Disk);
    let envs: Vec<_> = spec.envs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(envs, [("A", "1"), ("B", ""), ("C", "no")]);
    assert_eq!((spec.setup.as_deref(), spec.run.as_str()), (Some("true\n"), "true\n"));
}

#[test]
fn values_of_variables_are_the_text_that_was_typed() {
    let spec = reads(&with("envs:\n  A: 0o17\n  B: 1.50\n  C: yes\n  D: \"a\\nb\"\n  E: ${HOME}\n  F: '{{ .Env }}'")).unwrap().spec;
    let values: Vec<_> = spec.envs.iter().map(|(_, value)| value.as_str()).collect();
    assert_eq!(values, ["0o17", "1.50", "yes", "a\nb", "${HOME}", "{{ .Env }}"]);
}

#[test]
fn a_volume_that_is_made_in_the_same_step_is_checked_like_any_new_one() {
    let spec =
        reads(&with("volumes:\n  /r: {name: results, size: 5Gi}\n  /s: {name: all, size: 1Ti, access: [ReadWriteMany, ReadOnlyMany]}"))
            .unwrap()
            .spec;
    let made = spec.volumes[0].new.as_ref().unwrap();
    assert_eq!((made.size.to_string().as_str(), made.class.as_str()), ("5Gi", "standard"));
    assert_eq!(spec.volumes[1].new.as_ref().unwrap().class.as_str(), "shared", "the class follows from how it is used");
    let errors = refused(&with("volumes:\n  /r:\n    name: my results\n    size: 0\n    class: ultra\n    access: all"));
    assert_eq!(errors.iter().map(|error| error.place.line).collect::<Vec<_>>(), [5, 6, 7, 8], "{errors:?}");
    assert!(refused(&with("volumes:\n  /r: {name: results, class: standard}"))[0].sentence.starts_with("size: Enter a size"));
}

#[test]
fn a_field_in_the_wrong_place_is_told_where_it_stands() {
    assert!(refused(&with("cpus: 4"))[0].sentence.contains("it stands below resources"));
    assert!(refused(&with("resources:\n  run: ls"))[0].sentence.contains("beside name"));
}

#[test]
fn every_remark_has_the_place_of_what_it_is_about() {
    let errors = refused("name: a\nrun: ls\nresources:\n    cpus: many\n");
    assert_eq!(errors[0].place, Place { line: 4, column: 11 });
    let errors = refused("name: a\nrun: ls\nfoo: {");
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert_eq!(refused("run: ls")[0].place, Place::START);
}

#[test]
fn cores_and_times_are_written_as_short_as_they_are_exact() {
    for (millis, text) in [(1000, "1"), (500, "0.5"), (1250, "1.25"), (1, "0.001"), (64_000, "64")] {
        assert_eq!(cores(millis), text);
    }
    for (seconds, text) in [(3600, "1h"), (5400, "90m"), (61, "61s"), (86_400, "24h"), (0, "0s")] {
        assert_eq!(time(seconds), text);
    }
}

#[test]
fn what_the_portal_wrote_on_a_job_reads_as_the_task_that_it_was() {
    let written = r#"{"name":"a","resources":{"cpus":"0.5","memory":"1Gi","disk":"1Gi","image_id":"stowage.dev/busybox:1","accelerators":2,
        "requests":{"cpus":null,"memory":"512Mi"}},"volumes":{"/data":"x","/in":{"name":"y","read_only":true}},"scratch":{"/s":{"size":"1Gi","medium":"disk"}},
        "envs":{"A":"1\n\"2\""},"run":"ls\n","time_limit":3600,"keep":180}"#;
    let file = reads(written).unwrap();
    assert_eq!((file.spec.time_limit, file.spec.keep, file.spec.resources.requested_cpu_millis), (3600, 180, None));
    assert_eq!(file.spec.envs[0].1, "1\n\"2\"");
    assert_eq!(file.warnings, []);
    assert!(reads("name: a\nrun: ls\ntime_limit: 24").unwrap().warnings[0].sentence.contains("after 24 seconds"));
}
