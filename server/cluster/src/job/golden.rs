use super::*;
use domain::{
    owner::Principal,
    quantity::Size,
    task::{Mount, Scratch, Want},
};
use std::path::PathBuf;

fn user() -> User {
    User::from_session(Principal::new("https://id.example", "alice").unwrap(), "alice@example.org".into(), "Alice".into(), false)
}

fn plan(name: &str) -> Plan {
    Plan {
        spec: TaskSpec {
            name: name.parse().unwrap(),
            nodes: 1,
            image: "stowage.dev/busybox:1".parse().unwrap(),
            resources: Resources {
                cpu_millis: 1000,
                memory: Size::from_bytes(64 << 20),
                disk: Size::from_bytes(64 << 20),
                gpus: 0,
                gpu_product: None,
                requested_cpu_millis: None,
                requested_memory: None,
            },
            volumes: Vec::new(),
            scratch: Vec::new(),
            envs: Vec::new(),
            setup: None,
            run: "echo done".into(),
            workdir: None,
            completions: 1,
            parallelism: 1,
            retries: 0,
            time_limit: 3600,
            keep: 600,
        },
        mounts: Vec::new(),
    }
}

fn with_volume(mut plan: Plan, claim: &str, path: &str, read_only: bool) -> Plan {
    plan.spec.volumes.push(Want { path: path.parse().ok(), volume: claim.to_owned(), read_only, new: None });
    plan.mounts.push(Mount {
        path: path.parse().unwrap(),
        claim: claim.parse().ok(),
        uid: Some(format!("{claim}-uid")),
        new: None,
        read_only,
    });
    plan
}

fn with(mut plan: Plan, change: impl FnOnce(&mut TaskSpec)) -> Plan {
    change(&mut plan.spec);
    plan
}

/// Every feature of a task, by the name of its file in `golden/`. Whoever adds a feature adds a plan; `BLESS=1` writes the files.
fn plans() -> Vec<Plan> {
    let env = |name: &str, value: &str| (name.parse().unwrap(), value.to_owned());
    vec![
        plan("least"),
        with(plan("Setup_and_run"), |spec| {
            spec.setup = Some("pip install x\n".into());
            spec.run = "echo $(date) $$ ${HOME}\necho \"it's\" `id`\n".into();
            spec.workdir = Some("/work/dir".parse().unwrap());
        }),
        with(plan("variables"), |spec| {
            spec.envs = vec![env("A", "1"), env("LD_PRELOAD", "x.so"), env("B", "$(A) $$"), env("NODE_RANK", "7"), env("STOWAGE_X", "y")];
        }),
        with_volume(plan("one-volume"), "data-abcdefgh", "/data", false),
        with_volume(with_volume(plan("two-volumes"), "data-abcdefgh", "/data", true), "out-abcdefgh", "/out", false),
        with_volume(with_volume(plan("volume-twice"), "data-abcdefgh", "/in", true), "data-abcdefgh", "/out", false),
        with(plan("scratch"), |spec| {
            let scratch = |path: &str, medium| Scratch { path: path.parse().unwrap(), size: Size::from_bytes(16 << 20), medium };
            spec.scratch = vec![scratch("/fast", Medium::Memory), scratch("/large", Medium::Disk)];
        }),
        with(plan("gpus"), |spec| spec.resources.gpus = 2),
        with(plan("one-gpu-of-a-product"), |spec| {
            spec.resources.gpus = 1;
            spec.resources.gpu_product = Some("A100".into());
        }),
        with(plan("less-requested"), |spec| {
            spec.resources.cpu_millis = 2500;
            spec.resources.requested_cpu_millis = Some(250);
            spec.resources.requested_memory = Some(Size::from_bytes(32 << 20));
        }),
        with_volume(with(plan("two-nodes"), |spec| spec.nodes = 2), "shared-abcdefgh", "/shared", false),
        with(plan("sweep"), |spec| {
            spec.completions = 5;
            spec.parallelism = 2;
            spec.retries = 3;
        }),
    ]
}

fn order<T>(plan: &Plan, look: impl FnOnce(Order<'_>) -> T) -> T {
    let claims: Vec<_> = plan.mounts.iter().map(|mount| (mount.claim.clone().unwrap(), mount.uid.clone())).collect();
    let (id, user, settings) = ("abcdefgh".parse().unwrap(), user(), PodSettings::default());
    look(Order { plan, claims: &claims, id: &id, user: &user, namespace: "work", settings: &settings, now: 0 })
}

fn made(plan: &Plan) -> Value {
    order(plan, |order| match order.service(Some("job-uid")) {
        Some(service) => json!([order.job(), service]),
        None => json!([order.job()]),
    })
}

#[test]
fn every_kind_of_task_makes_exactly_these_objects() {
    for plan in plans() {
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("src/job/golden/{}.json", plan.spec.name));
        let made = serde_json::to_string_pretty(&made(&plan)).unwrap() + "\n";
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&file, &made).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&file).unwrap_or_default(), made, "{}", file.display());
    }
}

/// Kubernetes' "restricted" (website, docs/concepts/security/pod-security-standards.md), and of what it leaves open what the portal
/// promises. Says what is wrong.
fn broken_rules(pod: &Value) -> Vec<&'static str> {
    let mut broken = Vec::new();
    let mut check = |holds: bool, rule| {
        if !holds {
            broken.push(rule);
        }
    };
    let fields = |object: &Value, known: &[&str]| object.as_object().is_none_or(|map| map.keys().all(|key| known.contains(&key.as_str())));
    let known = [
        "restartPolicy",
        "serviceAccountName",
        "automountServiceAccountToken",
        "enableServiceLinks",
        "securityContext",
        "containers",
        "volumes",
        "subdomain",
        "nodeSelector",
    ];
    check(fields(pod, &known), "no further field of a pod");
    check(pod["restartPolicy"] == "Never", "a failed run is a failed pod");
    check(pod["serviceAccountName"] == "stowage-task", "an account without rights");
    check(pod["automountServiceAccountToken"] == false, "no token");
    check(pod["enableServiceLinks"] == false, "no service links");
    let context = &pod["securityContext"];
    let id = |key: &str| context[key].as_u64().is_some_and(|id| id > 0);
    check(context["runAsNonRoot"] == true, "runAsNonRoot");
    check(id("runAsUser") && id("runAsGroup") && id("fsGroup"), "no root");
    check(context["fsGroupChangePolicy"] == "OnRootMismatch", "large volumes are not walked");
    check(context["seccompProfile"]["type"] == "RuntimeDefault", "seccomp");
    check(context.as_object().is_some_and(|map| map.len() == 6), "no further security field, such as sysctls or supplemental groups");
    let containers = pod["containers"].as_array().map(Vec::as_slice).unwrap_or_default();
    check(containers.len() == 1, "one container");
    for container in containers {
        let known =
            ["name", "image", "command", "env", "resources", "securityContext", "volumeMounts", "workingDir", "terminationMessagePolicy"];
        check(fields(container, &known), "no further field of a container");
        let context = &container["securityContext"];
        check(context["allowPrivilegeEscalation"] == false, "no escalation");
        check(context["capabilities"] == json!({"drop": ["ALL"]}), "no capabilities");
        check(fields(context, &["allowPrivilegeEscalation", "capabilities"]), "nothing privileged");
        let command = container["command"].as_array().map(Vec::as_slice).unwrap_or_default();
        check(command.len() == 3 && command[..2] == [json!("/bin/sh"), json!("-c")], "one script as one argument");
        for variable in container["env"].as_array().into_iter().flatten() {
            let rank = variable["name"] == "NODE_RANK" && variable["valueFrom"]["fieldRef"]["fieldPath"] == INDEX;
            check(variable["value"].is_string() || rank, "literal variables");
        }
        for amounts in ["limits", "requests"] {
            for resource in ["cpu", "memory", "ephemeral-storage"] {
                check(container["resources"][amounts][resource].is_string(), "every resource has its amount");
            }
        }
        for mount in container["volumeMounts"].as_array().into_iter().flatten() {
            check(fields(mount, &["name", "mountPath", "readOnly"]), "no subPath and no propagation");
        }
    }
    let mut claims = Vec::new();
    for volume in pod["volumes"].as_array().into_iter().flatten() {
        check(fields(volume, &["name", "persistentVolumeClaim", "emptyDir"]), "claims and scratch, no other kind of volume");
        check(volume["emptyDir"].is_null() || volume["emptyDir"]["sizeLimit"].is_string(), "scratch is bounded");
        claims.extend(volume["persistentVolumeClaim"]["claimName"].as_str());
    }
    let all = claims.len();
    claims.sort_unstable();
    claims.dedup();
    check(claims.len() == all, "each claim once");
    let product = |key: &String| key == "nvidia.com/gpu.product";
    check(pod["nodeSelector"].as_object().is_none_or(|map| map.keys().all(product)), "no placement but by the product of GPUs");
    broken
}

#[test]
fn h_every_kind_of_task_keeps_the_restricted_rules() {
    for plan in plans() {
        let made = made(&plan);
        assert_eq!(broken_rules(&made[0]["spec"]["template"]["spec"]), [""; 0], "{}", plan.spec.name);
    }
}

#[test]
fn h_each_hardening_line_is_missed_when_it_is_gone() {
    let order = made(&with_volume(plans().remove(6), "data", "/data", false));
    let pod = &order[0]["spec"]["template"]["spec"];
    let lines = [
        "/serviceAccountName",
        "/automountServiceAccountToken",
        "/enableServiceLinks",
        "/restartPolicy",
        "/securityContext",
        "/securityContext/runAsNonRoot",
        "/securityContext/runAsUser",
        "/securityContext/runAsGroup",
        "/securityContext/fsGroup",
        "/securityContext/fsGroupChangePolicy",
        "/securityContext/seccompProfile",
        "/containers/0/securityContext",
        "/containers/0/securityContext/allowPrivilegeEscalation",
        "/containers/0/securityContext/capabilities",
        "/containers/0/command",
        "/containers/0/resources",
        "/containers/0/resources/limits/cpu",
        "/containers/0/resources/limits/memory",
        "/containers/0/resources/limits/ephemeral-storage",
        "/containers/0/resources/requests/memory",
        "/volumes/1/emptyDir/sizeLimit",
    ];
    for line in lines {
        let mut less = pod.clone();
        let (parent, field) = line.rsplit_once('/').unwrap();
        let removed = less.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(field);
        assert!(removed.is_some(), "{line} is there");
        assert!(!broken_rules(&less).is_empty(), "{line}");
    }
    for more in
        ["hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "initContainers", "runtimeClassName", "tolerations", "hostname"]
    {
        let mut pod = pod.clone();
        pod[more] = json!(true);
        assert!(!broken_rules(&pod).is_empty(), "{more}");
    }
}

#[test]
fn h_a_job_has_its_bounds_and_only_our_labels() {
    for plan in plans() {
        let job = &made(&plan)[0];
        let spec = &job["spec"];
        for bound in ["activeDeadlineSeconds", "ttlSecondsAfterFinished", "backoffLimit", "completions", "parallelism"] {
            assert!(spec[bound].is_u64(), "{bound} {}", plan.spec.name);
        }
        assert_eq!((&spec["completionMode"], &spec["podReplacementPolicy"]), (&json!("Indexed"), &json!("Failed")));
        assert!(spec["manualSelector"].is_null() && spec["selector"].is_null());
        for labels in [&job["metadata"]["labels"], &spec["template"]["metadata"]["labels"]] {
            let keys: Vec<_> = labels.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(keys, ["skypilot-task", "stowage.dev/owner", "task-id", "task-name", "username"]);
        }
        assert!(job["metadata"]["name"].as_str().unwrap().len() + "-4294967295".len() <= 63);
    }
}

#[test]
fn a_job_stays_until_its_last_words_can_have_been_read() {
    for (asked, stays) in [(0, 10), (1, 10), (10, 10), (600, 600)] {
        let job = &made(&with(plan("brief"), |spec| spec.keep = asked))[0];
        assert_eq!(job["spec"]["ttlSecondsAfterFinished"], json!(stays), "{asked}");
    }
}

#[test]
fn c4_078_each_of_several_nodes_knows_its_rank_and_its_peers() {
    let two = plans().into_iter().find(|plan| plan.spec.nodes == 2).unwrap();
    let made = made(&two);
    let (job, service) = (&made[0], &made[1]);
    assert_eq!((&job["spec"]["completions"], &job["spec"]["parallelism"], &job["spec"]["suspend"]), (&json!(2), &json!(2), &json!(true)));
    assert!(job["metadata"]["annotations"][labels::COMPLETE].is_null(), "it is complete with its Service");
    let env = job["spec"]["template"]["spec"]["containers"][0]["env"].as_array().unwrap();
    let value = |name: &str| env.iter().find(|variable| variable["name"] == name).unwrap()["value"].clone();
    assert_eq!(
        (value("NUM_NODES"), value("NODE_PEERS")),
        (json!("2"), json!("two-nodes-abcdefgh-0.two-nodes-abcdefgh\ntwo-nodes-abcdefgh-1.two-nodes-abcdefgh"))
    );
    assert_eq!(service["metadata"]["ownerReferences"][0]["uid"], "job-uid");
    assert_eq!(service["spec"]["clusterIP"], "None");
    assert_eq!(service["metadata"]["name"], job["spec"]["template"]["spec"]["subdomain"]);
}

#[test]
fn what_was_asked_for_is_written_down_and_reads_back() {
    let plan = plans().into_iter().find(|plan| plan.spec.name.as_str() == "one-gpu-of-a-product").unwrap();
    let text = written::written(&plan).to_string();
    let read = written::Written::read(Some(&text));
    assert_eq!((read.run.as_str(), read.setup.as_deref()), ("echo done", None));
    assert_eq!(read.resources_in_words(), "1 CPU, 64 Mi of memory, 64 Mi of disk, 1 GPU (A100)");
    for odd in [None, Some(""), Some("[]"), Some("{\"resources\": 5}")] {
        assert_eq!(written::Written::read(odd).resources_in_words(), "", "{odd:?}");
    }
}
