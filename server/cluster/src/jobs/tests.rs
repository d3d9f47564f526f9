use super::*;
use crate::pods::PodRow;
use serde_json::{Value, json};

fn job(spec: Value, status: Value, annotations: Value) -> JobRow {
    serde_json::from_value(json!({
        "metadata": {"name": "train-abcdefgh", "uid": "u", "creationTimestamp": "1970-01-01T00:01:40Z", "annotations": annotations,
            "labels": {"skypilot-task": "true", "task-id": "abcdefgh", "task-name": "Train"}},
        "spec": spec, "status": status
    }))
    .unwrap()
}

fn condition(kind: &str, reason: &str) -> Value {
    json!({"conditions": [{"type": kind, "status": "True", "reason": reason, "lastTransitionTime": "1970-01-01T00:03:20Z"}]})
}

fn pod(phase: &str, state: Value) -> TaskPod {
    let pod: PodRow = serde_json::from_value(json!({
        "metadata": {"name": "p", "labels": {"batch.kubernetes.io/job-completion-index": "3"}}, "spec": {"nodeName": "n"},
        "status": {"phase": phase, "containerStatuses": [{"name": "sidecar", "state": {"running": {}}}, {"name": "task", "state": state}]}
    }))
    .unwrap();
    pod.task_pod(Vec::new())
}

#[test]
fn a_tasks_state_is_what_its_job_and_its_pods_say() {
    let running = || vec![pod("Running", json!({"running": {"startedAt": "1970-01-01T00:02:00Z"}}))];
    let stopped = json!({"stowage.dev/stopped-at": "1970-01-01T00:02:30Z"});
    let cases = [
        (json!({"suspend": true}), json!({}), json!({}), vec![], TaskState::Incomplete),
        (json!({"suspend": true}), json!({}), json!({"stowage.dev/complete": "true"}), vec![], TaskState::Starting),
        (json!({}), json!(null), json!(null), vec![], TaskState::Starting),
        (json!({}), json!({}), json!({}), running(), TaskState::Running),
        (json!({}), json!({"succeeded": 1}), json!({}), vec![], TaskState::Running),
        (json!({}), json!({}), stopped.clone(), running(), TaskState::Stopping),
        (json!({}), condition("FailureTarget", "DeadlineExceeded"), stopped.clone(), running(), TaskState::Stopping),
        (json!({}), condition("Failed", "DeadlineExceeded"), stopped.clone(), vec![], TaskState::Stopped),
        (json!({}), condition("Failed", "BackoffLimitExceeded"), stopped.clone(), vec![], TaskState::Failed),
        (json!({}), condition("Failed", "DeadlineExceeded"), json!({}), vec![], TaskState::Failed),
        (json!({}), condition("Complete", "CompletionsReached"), stopped, vec![], TaskState::Succeeded),
    ];
    for (spec, status, annotations, pods, expected) in cases {
        let said = format!("{spec} {status} {annotations}");
        assert_eq!(job(spec, status, annotations).task(pods, 1000).state, expected, "{said}");
    }
}

#[test]
fn a_job_is_told_as_a_task() {
    let spec = json!({"completions": 2, "activeDeadlineSeconds": 600, "template": {"spec": {
        "subdomain": "train-abcdefgh",
        "volumes": [{"name": "volume-0", "persistentVolumeClaim": {"claimName": "data-1", "readOnly": true}}, {"name": "scratch-0", "emptyDir": {}},
            {"name": "scratch-1", "emptyDir": {"medium": "Memory", "sizeLimit": "64Mi"}}],
        "containers": [{"image": "i:1", "resources": {"limits": {"cpu": "1", "nvidia.com/gpu": "2"}},
            "volumeMounts": [{"name": "volume-0", "mountPath": "/data"}, {"name": "scratch-0", "mountPath": "/tmp"},
                {"name": "scratch-1", "mountPath": "/dev/shm"}]}]
    }}});
    let task = job(spec, condition("Failed", "x"), json!({})).task(Vec::new(), 1000);
    assert_eq!(
        (task.id.as_str(), task.name.as_str(), task.job.as_str(), task.nodes, task.completions),
        ("abcdefgh", "Train", "train-abcdefgh", 2, 2)
    );
    assert_eq!((task.image.as_str(), task.accelerators.as_deref()), ("i:1", Some("2 nvidia.com/gpu")));
    assert_eq!(task.mounts, [TaskMount { path: "/data".into(), claim: "data-1".into(), read_only: true }]);
    let scratch = |path: &str, size, in_memory| TaskScratch { path: path.into(), size, in_memory };
    assert_eq!(task.scratch, [scratch("/tmp", None, false), scratch("/dev/shm", Some(Size::from_bytes(64 << 20)), true)]);
    assert_eq!((task.submitted, task.started, task.ended, task.time_limit), (100, None, Some(200), Some(600)));
    // A sweep has no peers.
    assert_eq!(job(json!({"completions": 5}), json!({}), json!({})).task(Vec::new(), 0).nodes, 1);
    // Nothing at all is still one task.
    let bare: JobRow = serde_json::from_value(json!({"metadata": {"name": "x", "uid": "0123abcd-0"}})).unwrap();
    assert_eq!(bare.task(Vec::new(), 7).id.as_str(), "0123abcd");
}

#[test]
fn a_pod_says_why_it_waits_and_how_it_ended() {
    let waits = pod("Pending", json!({"waiting": {"reason": "ImagePullBackOff", "message": "m"}}));
    assert_eq!((waits.state, waits.reason.as_deref(), waits.rank), (PodState::Starting, Some("ImagePullBackOff"), 3));
    let ended = pod(
        "Failed",
        json!({"terminated": {"exitCode": 137, "reason": "OOMKilled", "startedAt": "1970-01-01T00:02:00Z", "finishedAt": "1970-01-01T00:03:00Z"}}),
    );
    assert_eq!((ended.state, ended.exit_code, ended.reason.as_deref()), (PodState::Failed, Some(137), Some("OOMKilled")));
    assert_eq!((ended.started, ended.ended), (Some(120), Some(180)));
    let never = pod("Failed", json!({"terminated": {"exitCode": 128, "reason": "StartError", "startedAt": "1970-01-01T00:00:00Z"}}));
    assert_eq!((never.started, never.reason.as_deref()), (None, Some("StartError")));
    let evicted: PodRow = serde_json::from_value(json!({"status": {"phase": "Failed", "reason": "Evicted", "message": "disk"}})).unwrap();
    let evicted = evicted.task_pod(Vec::new());
    assert_eq!((evicted.state, evicted.reason.as_deref(), evicted.message.as_deref()), (PodState::Failed, Some("Evicted"), Some("disk")));
    let waiting: PodRow = serde_json::from_value(json!({"status": {"phase": "Pending"}})).unwrap();
    assert_eq!(waiting.task_pod(Vec::new()).state, PodState::Waiting);
}
