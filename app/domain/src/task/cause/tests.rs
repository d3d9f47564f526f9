//! What the scheduler, the kubelet, the Job controller, registries and programs say, as they write it (the source file stands
//! beside each), and which one cause that is.

use super::*;
use crate::{
    cause::tests as volumes,
    event::{Event, Severity},
    task::{Task, TaskMount, TaskPod, TaskScratch},
    volume::{Volume, sample},
};

pub(crate) fn task(state: TaskState) -> Task {
    Task {
        id: "abcdefgh".parse().unwrap(),
        name: "train".into(),
        job: "train-abcdefgh".into(),
        uid: "uid".into(),
        username: "alice".into(),
        owner_subject: None,
        state,
        reason: None,
        message: None,
        nodes: 1,
        completions: 1,
        image: "reg.example/team/a:1".into(),
        accelerators: None,
        mounts: vec![TaskMount { path: "/data".into(), claim: "data-abcdefgh".into(), read_only: false }],
        purpose: None,
        scratch: vec![],
        time_limit: None,
        submitted: 100,
        started: None,
        ended: None,
        pods: vec![],
    }
}

pub(crate) fn pod(rank: u32, state: PodState) -> TaskPod {
    TaskPod {
        name: format!("train-abcdefgh-{rank}"),
        rank,
        state,
        node: None,
        created: 101,
        started: None,
        ended: None,
        exit_code: None,
        reason: None,
        message: None,
        events: vec![],
    }
}

pub(crate) fn said(reason: &str, message: &str, at: i64) -> Event {
    Event { severity: Severity::Warning, reason: reason.into(), message: message.into(), source: "s".into(), count: 1, first: at, last: at }
}

fn judge(task: &Task, events: &[Event], volumes: &[Volume], now: i64) -> Cause {
    cause(&Facts { task, events, volumes, now })
}

/// A task whose one pod has no node, and what the scheduler says.
fn unplaced(message: &str) -> Cause {
    let mut waiting = task(TaskState::Starting);
    waiting.pods = vec![TaskPod { events: vec![said("FailedScheduling", message, 110)], ..pod(0, PodState::Waiting) }];
    judge(&waiting, &[], &[sample("data")], 120)
}

/// A task whose one pod has a node: the container's waiting reason and message, and events.
fn unstarted(reason: &str, message: &str, events: Vec<Event>) -> Cause {
    let mut starting = task(TaskState::Starting);
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    starting.pods =
        vec![TaskPod { node: Some("n1".into()), reason: some(reason), message: some(message), events, ..pod(0, PodState::Starting) }];
    judge(&starting, &[], &[sample("data")], 120)
}

/// A task without pods, and what the Job controller says.
fn unmade(message: &str) -> Cause {
    judge(&task(TaskState::Starting), &[said("FailedCreate", message, 110)], &[], 120)
}

fn failed(reason: &str, message: &str, code: Option<i32>) -> Cause {
    let mut over = task(TaskState::Failed);
    over.reason = Some("BackoffLimitExceeded".into());
    let ended = TaskPod {
        node: Some("n1".into()),
        reason: Some(reason.into()),
        message: Some(message.into()),
        exit_code: code,
        started: Some(110),
        ended: Some(150),
        ..pod(0, PodState::Failed)
    };
    over.pods = vec![ended];
    (over.started, over.ended) = (Some(110), Some(151));
    judge(&over, &[], &[sample("data")], 200)
}

#[test]
fn d_44_a_task_whose_node_was_lost_says_so_and_that_its_volumes_are_untouched() {
    for reason in ["NodeLost", "NodeShutdown", "Terminated"] {
        let cause = failed(reason, "", None);
        let (_, sentence) = cause.explanation().unwrap();
        assert!(cause.id() == CauseId::NodeGone && sentence.contains("Node n1") && sentence.contains("Volumes are untouched"), "{cause:?}");
        assert!(cause.action().is_some());
    }
}

#[test]
fn what_the_scheduler_says_has_its_cause() {
    use CauseId as C;
    for (message, expected) in [
        // scheduler: framework/plugins/noderesources/fit.go
        (
            "0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.",
            C::NoCpu,
        ),
        (
            "0/3 nodes are available: 1 Insufficient cpu, 2 Insufficient memory. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.",
            C::NoMemory,
        ),
        (
            "0/4 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 3 Insufficient nvidia.com/gpu. preemption: 0/4 nodes are available: 1 Preemption is not helpful for scheduling, 3 No preemption victims found for incoming pod.",
            C::NoGpu,
        ),
        (
            "0/2 nodes are available: 2 Insufficient ephemeral-storage. no new claims to deallocate, preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.",
            C::NoDisk,
        ),
        (
            "0/2 nodes are available: 2 Too many pods. preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.",
            C::NodesFull,
        ),
        (
            "0/3 nodes are available: 3 Insufficient memory. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
            C::TooLarge,
        ),
        (
            "0/1 nodes are available: 1 Insufficient nvidia.com/gpu. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
            C::TooLarge,
        ),
        // scheduler: framework/plugins/nodeaffinity/node_affinity.go
        (
            "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
            C::NoSuchNode,
        ),
        // scheduler: framework/plugins/tainttoleration/taint_toleration.go, until 1.34 and since
        (
            "0/2 nodes are available: 2 node(s) had untolerated taint {dedicated: teaching}. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
            C::NodesReserved,
        ),
        (
            "0/2 nodes are available: 2 node(s) had untolerated taint(s). preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
            C::NodesReserved,
        ),
        // scheduler: framework/plugins/nodeunschedulable; and the taints of the node lifecycle controller
        (
            "0/1 nodes are available: 1 node(s) were unschedulable. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
            C::NodesAway,
        ),
        (
            "0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
            C::NodesAway,
        ),
        // scheduler: framework/plugins/volumebinding/binder.go, volumezone, volumerestrictions
        (
            "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match PersistentVolume's node affinity. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
            C::VolumeElsewhere,
        ),
        (
            "0/2 nodes are available: 2 node(s) had volume node affinity conflict. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
            C::VolumeElsewhere,
        ),
        (
            "0/1 nodes are available: 1 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.",
            C::VolumeInUse,
        ),
        (
            "0/1 nodes are available: persistentvolumeclaim \"data-abcdefgh\" not found. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
            C::VolumeGone,
        ),
        (
            "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
            C::WaitsForVolume,
        ),
        ("running PreBind plugin \"VolumeBinding\": binding volumes: context deadline exceeded", C::NotPlaced),
    ] {
        let cause = unplaced(message);
        assert_eq!(cause.id(), expected, "{message}");
        assert!(cause.evidence().iter().any(|seen| seen.line.contains("FailedScheduling")), "{message}");
    }
}

#[test]
fn the_scheduler_is_told_in_words_with_its_numbers() {
    let cause = unplaced(
        "0/4 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 3 Insufficient nvidia.com/gpu. preemption: 0/4 nodes are available: 1 Preemption is not helpful for scheduling, 3 No preemption victims found for incoming pod.",
    );
    let (heading, sentence) = cause.explanation().unwrap();
    assert_eq!(heading, "No node has enough free GPUs");
    assert!(sentence.starts_with("Of 4 nodes, 1 is kept for others; 3 have too few free GPUs."), "{sentence}");
}

#[test]
fn what_keeps_a_placed_pod_from_running_has_its_cause() {
    use CauseId as C;
    let pull =
        |message: &str| unstarted("ErrImagePull", message, vec![said("Failed", &format!("Failed to pull image \"a\": {message}"), 110)]);
    for (cause, expected) in [
        // kubelet: images/image_manager.go around containerd's core/remotes/docker/resolver.go
        (
            pull(
                "rpc error: code = NotFound desc = failed to pull and unpack image \"docker.io/library/nope:1\": failed to resolve reference \"docker.io/library/nope:1\": docker.io/library/nope:1: not found",
            ),
            C::ImageMissing,
        ),
        (pull("reading manifest v9 in quay.io/a/b: manifest unknown"), C::ImageMissing),
        (
            pull(
                "failed to resolve reference \"docker.io/a/b:1\": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
            ),
            C::ImageDenied,
        ),
        (
            pull(
                "failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token: 403 Forbidden",
            ),
            C::ImageDenied,
        ),
        (
            pull(
                "failed to do request: Head \"https://reg.example/v2/a/manifests/1\": dial tcp: lookup reg.example on 10.0.0.10:53: no such host",
            ),
            C::ImageUnreachable,
        ),
        (
            pull("failed to do request: Head \"https://reg.example/v2/a/manifests/1\": dial tcp 192.0.2.1:443: i/o timeout"),
            C::ImageUnreachable,
        ),
        (pull("429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit."), C::ImageRateLimited),
        (pull("no match for platform in manifest: not found"), C::ImageUnfit),
        // kubelet: images/types.go
        (
            unstarted("InvalidImageName", "Failed to apply default image tag \"A:b:c\": couldn't parse image name", vec![]),
            C::ImageNameWrong,
        ),
        (unstarted("ErrImageNeverPull", "Container image \"a\" is not present with pull policy of Never", vec![]), C::ImageNotThere),
        (
            unstarted(
                "ImagePullBackOff",
                "Back-off pulling image \"a\"",
                vec![said("Failed", "Failed to pull image \"a\": a: not found", 105), said("BackOff", "Back-off pulling image \"a\"", 112)],
            ),
            C::ImageMissing,
        ),
        // kubelet: kuberuntime/security_context_others.go, kuberuntime_container.go
        (
            unstarted(
                "CreateContainerConfigError",
                "container has runAsNonRoot and image will run as root (pod: \"p\", container: task)",
                vec![],
            ),
            C::RunsAsRoot,
        ),
        (unstarted("CreateContainerConfigError", "secret \"s\" not found", vec![]), C::SecretMissing),
        (unstarted("CreateContainerConfigError", "configmap \"c\" not found", vec![]), C::ConfigMissing),
        // opencontainers/runc: libcontainer/init_linux.go, through containerd
        (
            unstarted(
                "RunContainerError",
                "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: \"/bin/sh\": stat /bin/sh: no such file or directory",
                vec![],
            ),
            C::NoShell,
        ),
        (unstarted("RunContainerError", "exec /bin/sh: exec format error", vec![]), C::ImageUnfit),
        (
            unstarted(
                "RunContainerError",
                "OCI runtime create failed: runc create failed: unable to start container process: chdir to cwd (\"/root\") set in config.json failed: permission denied",
                vec![],
            ),
            C::StartRefused,
        ),
        // attachdetach: operationexecutor/operation_generator.go; kubelet: volumemanager
        (
            unstarted(
                "ContainerCreating",
                "",
                vec![said(
                    "FailedAttachVolume",
                    "Multi-Attach error for volume \"pvc-1\" Volume is already exclusively attached to one node and can't be attached to another",
                    110,
                )],
            ),
            C::VolumeInUse,
        ),
        (
            unstarted(
                "ContainerCreating",
                "",
                vec![said(
                    "FailedMount",
                    "MountVolume.SetUp failed for volume \"pvc-1\" : mount failed: exit status 32\nOutput: mount.nfs: access denied by server while mounting nfs:/x",
                    110,
                )],
            ),
            C::MountFailed,
        ),
        // kubelet: kuberuntime_manager.go
        (
            unstarted(
                "ContainerCreating",
                "",
                vec![said(
                    "FailedCreatePodSandBox",
                    "Failed to create pod sandbox: plugin type=\"bridge\" failed (add): no more addresses",
                    110,
                )],
            ),
            C::NodeTrouble,
        ),
        (unstarted("ContainerCreating", "", vec![said("Pulling", "Pulling image \"a\"", 110)]), C::ImageBeingPulled),
        (unstarted("ContainerCreating", "", vec![said("Scheduled", "x", 110)]), C::BeingPrepared),
        // what was resolved is over
        (
            unstarted("ContainerCreating", "", vec![said("FailedMount", "MountVolume.SetUp failed", 104), said("Pulled", "x", 110)]),
            C::BeingPrepared,
        ),
    ] {
        assert_eq!(cause.id(), expected, "{cause:?}");
    }
}

#[test]
fn a_job_without_pods_is_explained_by_its_events() {
    use CauseId as C;
    for (message, expected) in [
        // apiserver: plugin/resourcequota/controller.go
        (
            "Error creating: pods \"train-x\" is forbidden: exceeded quota: tasks, requested: requests.nvidia.com/gpu=2, used: requests.nvidia.com/gpu=7, limited: requests.nvidia.com/gpu=8",
            C::QuotaReached,
        ),
        ("Error creating: pods \"train-x\" is forbidden: failed quota: tasks: must specify limits.cpu for: task", C::QuotaReached),
        // apiserver: plugin/limitranger/admission.go
        ("Error creating: pods \"train-x\" is forbidden: maximum memory usage per Container is 4Gi, but limit is 8Gi", C::LimitRefused),
        // pod-security-admission: admission/admission.go
        (
            "Error creating: pods \"train-x\" is forbidden: violates PodSecurity \"restricted:latest\": runAsNonRoot != true (pod must set securityContext.runAsNonRoot=true)",
            C::RulesRefused,
        ),
        ("Error creating: admission webhook \"policy.example\" denied the request: no", C::RulesRefused),
    ] {
        assert_eq!(unmade(message).id(), expected, "{message}");
    }
    let quota = unmade(
        "Error creating: pods \"train-x\" is forbidden: exceeded quota: tasks, requested: requests.nvidia.com/gpu=2, used: requests.nvidia.com/gpu=7, limited: requests.nvidia.com/gpu=8",
    );
    let (_, sentence) = quota.explanation().unwrap();
    assert!(
        sentence.contains("allows 8 GPUs for all people together; 7 GPUs are taken, and this asks for 2 GPUs. It starts by itself"),
        "{sentence}"
    );

    let range = unmade("Error creating: pods \"train-x\" is forbidden: maximum memory usage per Container is 4Gi, but limit is 8Gi");
    let (_, sentence) = range.explanation().unwrap();
    assert!(sentence.contains("One pod may have at most 4 Gi of memory, and it asks for 8 Gi of memory. Run it again"), "{sentence}");
    let rules =
        unmade("Error creating: pods \"train-x\" is forbidden: violates PodSecurity \"restricted:latest\": runAsNonRoot != true (x)");
    assert!(rules.explanation().unwrap().1.contains("violates PodSecurity"), "{rules:?}");

    let made = [said("FailedCreate", "Error creating: exceeded quota", 105), said("SuccessfulCreate", "Created pod", 110)];
    assert_eq!(judge(&task(TaskState::Starting), &made, &[], 120).id(), C::BeingScheduled, "what was resolved is over");
    let silent = |now| judge(&task(TaskState::Starting), &[], &[], now).id();
    assert_eq!((silent(159), silent(160)), (C::BeingScheduled, C::ControllerSilent));
    let held = Task { reason: Some("JobSuspended".into()), ..task(TaskState::Starting) };
    assert_eq!(judge(&held, &[], &[], 500).id(), C::Suspended);
}

#[test]
fn a_failed_task_is_explained_by_what_happened_first_and_nearest() {
    use CauseId as C;
    for (reason, message, code, expected) in [
        // kubelet: the container's own status (cgroup's OOM killer)
        ("OOMKilled", "", Some(137), C::OutOfMemory),
        // kubelet: eviction/helpers.go
        (
            "Evicted",
            "The node was low on resource: ephemeral-storage. Threshold quantity: 1Gi, available: 900Mi. Container task was using 9Gi, request is 0, has larger consumption of ephemeral-storage. ",
            None,
            C::NodeDiskFull,
        ),
        ("Evicted", "The node had condition: [DiskPressure]. ", None, C::NodeDiskFull),
        ("Evicted", "The node was low on resource: memory. Threshold quantity: 100Mi, available: 80Mi. ", None, C::NodeMemoryFull),
        ("Evicted", "Pod ephemeral local storage usage exceeds the total limit of containers 1Gi. ", None, C::DiskLimit),
        ("Evicted", "Container task exceeded its local ephemeral storage limit \"1Gi\". ", None, C::DiskLimit),
        ("Evicted", "Usage of EmptyDir volume \"scratch-0\" exceeds the limit \"64Mi\". ", None, C::ScratchFull),
        // kubelet: active_deadline.go
        ("DeadlineExceeded", "Pod was active on the node longer than the specified deadline", None, C::TimeLimit),
        // kubelet: nodeshutdown
        ("Terminated", "Pod was terminated in response to imminent node shutdown.", None, C::NodeGone),
        // kubelet: lifecycle/predicate.go, cm/devicemanager
        (
            "UnexpectedAdmissionError",
            "Pod was rejected: Allocate failed due to requested number of devices unavailable for nvidia.com/gpu",
            None,
            C::NodeRefused,
        ),
        ("OutOfcpu", "Pod was rejected: Node didn't have enough resource: cpu", None, C::NodeRefused),
        // runc, with startedAt 1970
        (
            "StartError",
            "failed to create containerd task: exec: \"/bin/sh\": stat /bin/sh: no such file or directory",
            Some(128),
            C::NoShell,
        ),
        // shells: POSIX, XCU 2.8.2
        ("Error", "", Some(1), C::ExitError),
        ("Error", "usage: train.py [-h] --data DATA", Some(2), C::ExitError),
        ("Error", "/bin/sh: ./run.sh: Exec format error", Some(126), C::NotExecutable),
        ("Error", "/bin/sh: nvidia-smi: not found", Some(127), C::CommandMissing),
        ("Error", "", Some(137), C::Killed),
        ("Error", "Segmentation fault", Some(139), C::Crashed),
        ("Error", "", Some(143), C::Killed),
        ("Error", "", Some(77), C::ExitError),
        // errno's words (strerror), PyTorch's
        ("Error", "touch: /data/x: Permission denied", Some(1), C::PermissionDenied),
        ("Error", "OSError: [Errno 28] No space left on device: '/data/ckpt/1.pt'", Some(1), C::NoSpaceLeft),
        ("Error", "touch: /data/x: Read-only file system", Some(1), C::ReadOnlyFiles),
        ("Error", "mkdir: can't create directory '/data/out': File exists", Some(1), C::AlreadyThere),
        (
            "Error",
            "RuntimeError: DataLoader worker (pid 7) is killed by signal: Bus error. It is possible that dataloader's workers are out of shared memory.",
            Some(1),
            C::SharedMemory,
        ),
        ("Error", "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.", Some(1), C::GpuMemory),
    ] {
        assert_eq!(failed(reason, message, code).id(), expected, "{reason} {message} {code:?}");
    }
}

#[test]
fn the_volume_of_a_path_in_the_last_lines_is_named() {
    let full = failed("Error", "step 1\nOSError: [Errno 28] No space left on device: '/data/ckpt/1.pt'\n", Some(1));
    assert_eq!((full.reason(), full.action()), (Some("volume data is full"), Some(&Action::OpenVolume { claim: "data-abcdefgh".into() })));
    assert_eq!(full.lines(), Some("step 1\nOSError: [Errno 28] No space left on device: '/data/ckpt/1.pt'"));
    // Another folder that only begins alike.
    let other = failed("Error", "touch: /data2/x: Permission denied", Some(1));
    assert_eq!(other.action(), Some(&Action::ReadLog));
}

#[test]
fn g2_82_a_secret_that_is_gone_is_named_as_its_owner_calls_it() {
    let object = format!("s-o1-{}-hugging-face", "a".repeat(52));
    for (message, words) in [
        (format!("secret \"{object}\" not found"), "Your Secret hugging-face is not there any more"),
        (format!("couldn't find key TOKEN in Secret work/{object}"), "Your Secret hugging-face has no key TOKEN any more"),
        ("secret \"other\" not found".to_owned(), "A Secret is not there any more"),
    ] {
        let cause = unstarted("CreateContainerConfigError", &message, vec![]);
        assert!(cause.explanation().is_some_and(|(_, told)| told.contains(words)), "{cause:?}");
        assert_eq!(cause.action(), Some(&Action::OpenSecrets));
    }
}

#[test]
fn the_last_lines_are_few_short_and_plain() {
    let text = format!("{}\n\u{1b}[31mred\u{202e}\n\n{}\n", "x\n".repeat(50), "y".repeat(1000));
    let lines = lines::last(&text).unwrap();
    assert_eq!(lines.lines().count(), 12);
    assert!(lines.lines().all(|line| line.chars().count() <= 300) && lines.contains("[31mred\n"), "{lines}");
    assert_eq!(lines::last(" \n\n"), None);
}

#[test]
fn the_deadline_explains_more_than_how_its_pods_were_ended() {
    // job controller: job_controller.go
    let mut over = task(TaskState::Failed);
    over.pods = vec![TaskPod { exit_code: Some(137), reason: Some("Error".into()), ended: Some(150), ..pod(0, PodState::Failed) }];
    let events = [said("DeadlineExceeded", "Job was active longer than specified deadline", 150)];
    assert_eq!(judge(&over, &events, &[], 200).id(), CauseId::TimeLimit);
    over.pods.clear();
    over.reason = Some("BackoffLimitExceeded".into());
    assert_eq!(judge(&over, &[], &[], 200).id(), CauseId::FailedUnexplained);
}

#[test]
fn of_several_nodes_the_first_failure_counts() {
    let mut over = task(TaskState::Failed);
    over.nodes = 2;
    let ended = |rank, reason: &str, at| TaskPod {
        reason: Some(reason.into()),
        exit_code: Some(1),
        ended: Some(at),
        ..pod(rank, PodState::Failed)
    };
    over.pods = vec![ended(0, "Error", 160), ended(1, "OOMKilled", 150)];
    assert_eq!(judge(&over, &[], &[], 200).id(), CauseId::OutOfMemory);
}

#[test]
fn a_volume_that_is_not_ready_is_the_root_and_the_scheduler_only_the_last_link() {
    let mut waiting = task(TaskState::Starting);
    waiting.pods = vec![pod(0, PodState::Waiting)];
    let with = |status| [Volume { status, capacity: None, ..sample("data") }];
    // Silence on the pod: the scheduler can wait ten minutes without a word.
    let broken = judge(&waiting, &[], &with(volumes::in_phase("Pending")), 1000);
    assert_eq!(broken.id(), CauseId::VolumeNotReady, "{broken:?}");
    assert_eq!(broken.action(), Some(&Action::OpenVolume { claim: "data-abcdefgh".into() }));
    assert!(broken.explanation().unwrap().1.contains("The storage class does not exist"), "{broken:?}");
    let leaving = judge(&waiting, &[], &[Volume { status: volumes::deleting(), ..sample("data") }], 1000);
    assert_eq!(leaving.id(), CauseId::VolumeLeaving);
}

#[test]
fn a_running_task_whose_other_rank_is_stuck_says_so() {
    let mut running = task(TaskState::Running);
    running.nodes = 2;
    let message =
        "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.";
    running.pods =
        vec![pod(0, PodState::Running), TaskPod { events: vec![said("FailedScheduling", message, 110)], ..pod(1, PodState::Waiting) }];
    assert_eq!(judge(&running, &[], &[], 200).id(), CauseId::NoCpu);
    running.pods.truncate(1);
    assert_eq!(judge(&running, &[], &[], 200).id(), CauseId::Running);
}

#[test]
fn a_killed_child_is_told_although_the_task_succeeded() {
    let mut done = task(TaskState::Succeeded);
    done.pods = vec![TaskPod { reason: Some("OOMKilled".into()), exit_code: Some(0), ..pod(0, PodState::Succeeded) }];
    assert_eq!(judge(&done, &[], &[], 200).id(), CauseId::ChildKilled);
}

#[test]
fn every_cause_of_a_task_has_a_name_of_its_own_and_a_heading_unless_all_is_said() {
    let names: std::collections::BTreeSet<_> = CauseId::ALL.iter().map(|id| id.as_str()).collect();
    assert_eq!(names.len(), CauseId::ALL.len());
    assert!(CauseId::ALL.iter().all(|id| id.as_str().parse() == Ok(*id)));
    let silent: Vec<_> = CauseId::ALL.iter().filter(|id| id.heading().is_none()).collect();
    assert_eq!(silent, [&CauseId::Running, &CauseId::Stopped, &CauseId::Succeeded]);
}

/// 2.87
#[test]
fn g2_87_scratch_in_memory_that_is_full_is_told_apart_from_disks_and_from_memory() {
    let with = |reason: &str, message: &str, code: Option<i32>| {
        let mut over = task(TaskState::Failed);
        let scratch =
            |path: &str, in_memory| TaskScratch { path: path.into(), size: crate::quantity::Size::from_kubernetes("1Gi"), in_memory };
        over.scratch = vec![scratch("/scratch", false), scratch("/ram", true), scratch("/dev/shm", true)];
        over.pods = vec![TaskPod {
            reason: Some(reason.into()),
            message: Some(message.into()),
            exit_code: code,
            ended: Some(150),
            ..pod(0, PodState::Failed)
        }];
        judge(&over, &[], &[sample("data")], 200)
    };
    let full = with("Error", "dd: error writing '/ram/x': No space left on device", Some(1));
    assert_eq!((full.id(), full.reason()), (CauseId::MemoryScratchFull, Some("/ram in memory was full")));
    assert!(full.explanation().unwrap().1.contains("/ram (1 Gi) is scratch space in the memory of the task"), "{full:?}");
    let shm = with("Error", "OSError: [Errno 28] No space left on device: '/dev/shm/x'", Some(1));
    assert_eq!((shm.id(), shm.reason()), (CauseId::MemoryScratchFull, Some("/dev/shm in memory was full")));
    assert_eq!(with("Error", "write /scratch/x: No space left on device", Some(1)).id(), CauseId::NoSpaceLeft);
    assert_eq!(with("Error", "write /data/ram/x: No space left on device", Some(1)).reason(), Some("volume data is full"));
    assert_eq!(
        with("Evicted", "Usage of EmptyDir volume \"scratch-1\" exceeds the limit \"1Gi\". ", None).id(),
        CauseId::MemoryScratchFull
    );
    assert_eq!(with("Evicted", "Usage of EmptyDir volume \"scratch-0\" exceeds the limit \"1Gi\". ", None).id(), CauseId::ScratchFull);
    let killed = with("OOMKilled", "", Some(137));
    assert_eq!(killed.id(), CauseId::OutOfMemory);
    assert!(killed.explanation().unwrap().1.contains("What lies in /ram and /dev/shm counts, too"), "{killed:?}");
}

/// 4.15
#[test]
fn g4_15_what_runs_for_long_asks_whether_it_is_still_needed_and_says_when_it_ends() {
    let mut running = task(TaskState::Running);
    running.pods = vec![pod(0, PodState::Running)];
    (running.started, running.time_limit) = (Some(100), Some(12 * 3600));
    let after = |hours: i64| judge(&running, &[], &[], 100 + hours * 3600);
    assert_eq!(after(7).id(), CauseId::Running);
    let long = after(9);
    assert_eq!((long.id(), long.reason(), long.needs_you()), (CauseId::RunsLong, Some("for 9 h"), false));
    assert!(long.explanation().unwrap().1.contains("It is ended in 3 h at the latest. If you have what you wanted, stop it"), "{long:?}");
    assert_eq!(judge(&Task { time_limit: None, ..running.clone() }, &[], &[], 100 + 9 * 3600).id(), CauseId::RunsLong);
}
