//! Which lines keep a task's pods harmless, and is each of them missed when it is gone?

use super::{
    INDEX,
    golden::{all, made, plan, plans, user, with_volume},
};
use serde_json::{Value, json};

/// Kubernetes' "restricted" (website, docs/concepts/security/pod-security-standards.md), and of what it leaves open what the portal
/// promises. Says what is wrong.
pub(crate) fn broken_rules(pod: &Value) -> Vec<&'static str> {
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
            let from = &variable["valueFrom"]["secretKeyRef"];
            let own =
                from["name"].as_str().is_some_and(|name| name.starts_with(&format!("s-{}-", user().key()))) && from["optional"] == false;
            check(variable["value"].is_string() || rank || own, "literal variables, and Secrets of its owner");
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
        check(volume["persistentVolumeClaim"].is_object() != volume["emptyDir"].is_object(), "each volume is one of them");
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
    for (name, plan) in all() {
        let made = made(&plan);
        assert_eq!(broken_rules(&made[0]["spec"]["template"]["spec"]), [""; 0], "{name}");
    }
}

#[test]
fn h_each_hardening_line_is_missed_when_it_is_gone() {
    let order = made(&with_volume(plans().remove(7), "data", "/data", false));
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
    // What stands in none of our pods; a value of any kind is too much.
    let more = [
        (
            "",
            "hostNetwork hostPID hostIPC hostUsers hostAliases hostname shareProcessNamespace initContainers ephemeralContainers \
             runtimeClassName tolerations affinity nodeName priorityClassName schedulerName dnsPolicy dnsConfig imagePullSecrets \
             serviceAccount activeDeadlineSeconds",
        ),
        ("/securityContext", "sysctls supplementalGroups seLinuxOptions appArmorProfile windowsOptions"),
        ("/containers/0", "args ports lifecycle livenessProbe readinessProbe startupProbe envFrom volumeDevices stdin tty imagePullPolicy"),
        ("/containers/0/securityContext", "privileged procMount runAsUser runAsNonRoot seccompProfile seLinuxOptions"),
        ("/containers/0/volumeMounts/0", "subPath subPathExpr mountPropagation recursiveReadOnly"),
        ("/volumes/0", "hostPath secret configMap projected downwardAPI nfs csi ephemeral image"),
        ("/nodeSelector", "kubernetes.io/hostname node-role.kubernetes.io/control-plane"),
    ];
    for (parent, fields) in more {
        for field in fields.split_whitespace() {
            let mut pod = pod.clone();
            if parent == "/nodeSelector" {
                pod["nodeSelector"] = json!({});
            }
            pod.pointer_mut(parent).unwrap()[field] = json!(true);
            assert!(!broken_rules(&pod).is_empty(), "{parent}/{field}");
        }
    }
    let mut two = pod.clone();
    two["containers"].as_array_mut().unwrap().push(pod["containers"][0].clone());
    assert!(!broken_rules(&two).is_empty(), "a second container");
    let secret = json!({ "name": "A", "valueFrom": { "secretKeyRef": { "name": "s", "key": "k" } } });
    let mut secretive = pod.clone();
    secretive["containers"][0]["env"].as_array_mut().unwrap().push(secret);
    assert!(!broken_rules(&secretive).is_empty(), "a variable from elsewhere");
    let own = &made(&plans().into_iter().find(|plan| plan.spec.name.as_str() == "secrets").unwrap())[0]["spec"]["template"]["spec"];
    assert_eq!(broken_rules(own), [""; 0]);
    for (field, value) in [("name", json!("s-o1-other-hugging-face")), ("optional", json!(true))] {
        let mut loose = own.clone();
        loose["containers"][0]["env"][1]["valueFrom"]["secretKeyRef"][field] = value;
        assert!(!broken_rules(&loose).is_empty(), "{field}");
    }
}

/// What a Job promises around its pods. Says what is wrong.
fn broken_bounds(job: &Value) -> Vec<&'static str> {
    let mut broken = Vec::new();
    let mut check = |holds: bool, rule| {
        if !holds {
            broken.push(rule);
        }
    };
    let spec = &job["spec"];
    let keys = |object: &Value| object.as_object().map(|map| map.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
    check(spec["activeDeadlineSeconds"].as_u64().is_some_and(|seconds| seconds > 0), "an end");
    check(spec["ttlSecondsAfterFinished"].is_u64(), "it is cleared away");
    check(spec["backoffLimit"].as_u64().is_some_and(|failures| failures <= 3), "few failures");
    check(spec["completions"].is_u64() && spec["parallelism"].as_u64().is_some_and(|pods| pods <= 64), "so many pods");
    check(spec["completionMode"] == "Indexed", "each pod has its number");
    check(spec["podReplacementPolicy"] == "Failed", "no second pod beside one that is ending");
    check(spec["podFailurePolicy"]["rules"][0]["action"] == "Ignore", "a drained node is no failure");
    check(spec["manualSelector"].is_null() && spec["selector"].is_null(), "its own pods only");
    for labels in [&job["metadata"]["labels"], &spec["template"]["metadata"]["labels"]] {
        check(keys(labels) == ["skypilot-task", "stowage.dev/owner", "task-id", "task-name", "username"], "our labels and no others");
    }
    let proof = ["stowage.dev/owner-iss", "stowage.dev/owner-sub"];
    check(keys(&spec["template"]["metadata"]["annotations"]) == proof, "the proof of the label and nothing else");
    check(proof.iter().all(|key| job["metadata"]["annotations"][key].is_string()), "the proof of the label");
    check(job["metadata"]["name"].as_str().is_some_and(|name| name.len() + "-4294967295".len() <= 63), "names of pods fit");
    broken
}

#[test]
fn h_a_job_has_its_bounds_and_only_our_labels() {
    for (name, plan) in all() {
        assert_eq!(broken_bounds(&made(&plan)[0]), [""; 0], "{name}");
    }
    let job = &made(&plan("least"))[0];
    for line in [
        "/spec/activeDeadlineSeconds",
        "/spec/ttlSecondsAfterFinished",
        "/spec/backoffLimit",
        "/spec/completions",
        "/spec/parallelism",
        "/spec/completionMode",
        "/spec/podReplacementPolicy",
        "/spec/podFailurePolicy",
        "/metadata/labels/stowage.dev~1owner",
        "/metadata/annotations/stowage.dev~1owner-iss",
        "/metadata/annotations/stowage.dev~1owner-sub",
        "/spec/template/metadata/labels/stowage.dev~1owner",
        "/spec/template/metadata/annotations/stowage.dev~1owner-sub",
    ] {
        let mut less = job.clone();
        let (parent, field) = line.rsplit_once('/').unwrap();
        let removed = less.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(&field.replace("~1", "/"));
        assert!(removed.is_some(), "{line} is there");
        assert!(!broken_bounds(&less).is_empty(), "{line}");
    }
    for (parent, field) in [("/spec", "manualSelector"), ("/metadata/labels", "x"), ("/spec/template/metadata/annotations", "x")] {
        let mut more = job.clone();
        more.pointer_mut(parent).unwrap()[field] = json!(true);
        assert!(!broken_bounds(&more).is_empty(), "{parent}/{field}");
    }
}
