//! What does a task find where it runs? Its peers by their names, and nothing that is not its own. A real kubelet, a real name
//! server; the bridge of the ground enforces no NetworkPolicy, so of these only the form is looked at.

use crate::{
    interference::Fault,
    people::{PATIENCE, Portal, person, wish},
    spoilt::Spoilt,
    tasks::{is_in, log, plan},
};
use cluster::{Cluster, LogAsk, Options, PodSettings, UserCluster};
use domain::{
    name::MountPath,
    task::{Mount, Plan, Task, TaskState, Want},
    volume::Volume,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn on(mut plan: Plan, path: &str, volume: &Volume) -> Plan {
    let path: MountPath = path.parse().unwrap();
    plan.spec.volumes.push(Want { path: Some(path.clone()), volume: volume.name.clone(), read_only: false, new: None });
    plan.mounts.push(Mount { path, claim: volume.claim.parse().ok(), uid: Some(volume.uid.clone()), new: None, read_only: false });
    plan
}

/// Runs to its end; what it wrote.
async fn run(person: &UserCluster, plan: &Plan) -> (Task, String) {
    let made = person.submit(plan).await.unwrap();
    let over = is_in(person, &made.id, TaskState::Succeeded).await;
    let said = log(person, &made.id, &LogAsk::default()).await;
    (over, said)
}

/// Each serves its rank, reads everybody's by their names, and stays until the others have read its own.
const MEET: &str = r#"mkdir -p /tmp/www
echo "rank $NODE_RANK of $NUM_NODES" > /tmp/www/index.html
httpd -p 8080 -h /tmp/www
set -- $NODE_PEERS
for peer in "$@"; do
  echo "$peer"
  until wget -q -O - "http://$peer:8080/" 2>/dev/null; do sleep 0.2; done
done
if [ "$NODE_RANK" = 0 ]; then nc -l -p 9000; else until echo "all read" | nc "$1" 9000 2>/dev/null; do sleep 0.2; done; fi
"#;

#[tokio::test]
async fn c4_078_two_nodes_find_each_other_by_the_names_that_they_are_told() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let mut two = plan("Meet", MEET);
    two.spec.nodes = 2;
    let made = alice.submit(&two).await.unwrap();
    is_in(&alice, &made.id, TaskState::Succeeded).await;
    let job = &made.job;
    let both = format!("{job}-0.{job}\nrank 0 of 2\n{job}-1.{job}\nrank 1 of 2\n");
    let said = async |rank| log(&alice, &made.id, &LogAsk { rank: Some(rank), ..LogAsk::default() }).await;
    assert_eq!((said(0).await, said(1).await), (format!("{both}all read\n"), both));
    portal.end().await;
}

/// Every line is `what: how it went`.
const LOOK: &str = r#"try() { what=$1; shift; if "$@" >/dev/null 2>&1; then echo "$what: yes"; else echo "$what: no"; fi; }
echo "id: $(id -u) $(id -g) $(id -G), process $$"
grep -E '^(NoNewPrivs|Seccomp|Cap[A-Z][a-z]+):' /proc/self/status | tr -s '\t ' ' '
try token ls /var/run/secrets
try "become root" su -c true root
try "set uid" sh -c 'cp /bin/busybox /tmp/su && chmod 4755 /tmp/su && [ "$(/tmp/su id -u)" = 0 ]'
touch /tmp/mine
try chown chown 0 /tmp/mine
try mount mount -t tmpfs none /tmp
try device mknod /tmp/sda b 8 0
try "host name" hostname other
try "kernel setting" sh -c 'echo 1 > /proc/sys/kernel/panic'
try "write to the image" sh -c 'echo x > /bin/x || echo x > /etc/x'
try "write to scratch" sh -c 'echo x > /tmp/x'
try "write to the volume" sh -c 'echo x > /data/x'
try "files of others" sh -c 'find / -name "of-bob*" 2>/dev/null | grep -q .'
cut -d ' ' -f 2 /proc/mounts | grep -vE '^/(proc|sys|dev)(/|$)' | sort | tr '\n' ' '
echo
"#;

#[tokio::test]
async fn h_from_inside_a_task_nothing_is_found_that_is_not_its_own() {
    let portal = Portal::start().await;
    let (alice, bob) = (portal.alice(), portal.bob());
    let his = bob.create_volume(&wish("his", "standard")).await.unwrap();
    let hers = alice.create_volume(&wish("hers", "standard")).await.unwrap();
    // Bob's runs on the same node meanwhile.
    let stays = "echo secret > /data/of-bob; touch /tmp/of-bob-too; trap 'exit 0' TERM; while :; do sleep 0.2; done";
    let his_task = bob.submit(&on(plan("stays", stays), "/data", &his)).await.unwrap();
    is_in(&bob, &his_task.id, TaskState::Running).await;

    let (task, said) = run(&alice, &on(plan("look", LOOK), "/data", &hers)).await;
    let expected = "id: 1000 1000 1000, process 1\n\
        CapInh: 0000000000000000\nCapPrm: 0000000000000000\nCapEff: 0000000000000000\nCapBnd: 0000000000000000\nCapAmb: 0000000000000000\n\
        NoNewPrivs: 1\nSeccomp: 2\n\
        token: no\nbecome root: no\nset uid: no\nchown: no\nmount: no\ndevice: no\nhost name: no\nkernel setting: no\n\
        write to the image: no\nwrite to scratch: yes\nwrite to the volume: yes\n\
        files of others: no\n\
        / /data /etc/hostname /etc/hosts /etc/resolv.conf \n";
    assert_eq!(said, expected);

    // The rule for the network that its pods fall under: nothing comes in; names and the outside may be reached, no private
    // address and no node's metadata.
    let policies = format!("/apis/networking.k8s.io/v1/namespaces/{}/networkpolicies", portal.namespace.name());
    let rule = portal.admin().get(&format!("{policies}/stowage-tasks")).await.unwrap();
    let pods = portal.namespace.path(&format!("pods?labelSelector=batch.kubernetes.io/job-name={}", task.job));
    let pod = portal.admin().list(&pods).await.unwrap().remove(0);
    for (label, value) in rule["spec"]["podSelector"]["matchLabels"].as_object().unwrap() {
        assert_eq!(pod["metadata"]["labels"][label], *value, "{label}");
    }
    assert_eq!((&rule["spec"]["policyTypes"], &rule["spec"]["ingress"]), (&json!(["Ingress", "Egress"]), &Value::Null));
    let blocks: Vec<&Value> = rule["spec"]["egress"].as_array().unwrap().iter().flat_map(|to| to["to"].as_array().unwrap()).collect();
    let outside = blocks.iter().find(|to| to["ipBlock"]["cidr"] == "0.0.0.0/0").unwrap();
    for kept in ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"] {
        assert!(outside["ipBlock"]["except"].as_array().unwrap().contains(&json!(kept)), "{kept}");
    }
    portal.end().await;
}

#[tokio::test]
async fn g4_31_the_products_of_gpus_are_what_nodes_say_and_unknown_without_the_right_to_look() {
    let spoilt = Spoilt::start().await;
    let label = format!("stowage.dev/gpu-of-{}", spoilt.namespace.name());
    let node = "/api/v1/nodes/localhost";
    let labelled = |value: Value| json!({ "metadata": { "labels": { (&label): value } } });
    let pods = PodSettings { gpu_label: label.clone(), ..PodSettings::default() };
    let options = Options {
        kubeconfig: Some(spoilt.between.kubeconfig.clone()),
        namespace: spoilt.namespace.name().to_owned(),
        pods,
        ..Options::default()
    };
    let cluster = Cluster::connect(options).await.unwrap();
    tokio::time::timeout(PATIENCE, cluster.synced()).await.unwrap();
    let alice = cluster.as_user(person("alice", false));
    assert_eq!(alice.gpu_products().await.unwrap(), Some(BTreeSet::new()));
    spoilt.ground.admin().patch_merge(node, &labelled(json!("NVIDIA-A10"))).await.unwrap();
    assert_eq!(alice.gpu_products().await.unwrap(), Some(BTreeSet::from(["NVIDIA-A10".to_owned()])));

    // A task that wants another waits, and says that it does.
    let mut wants = plan("wants", "true");
    (wants.spec.resources.gpus, wants.spec.resources.gpu_product) = (1, Some("NVIDIA-H100".to_owned()));
    let made = alice.submit(&wants).await.unwrap();
    let pods = spoilt.namespace.path(&format!("pods?labelSelector=batch.kubernetes.io/job-name={}", made.job));
    let waits = |pods: &Value| pods["items"][0]["status"]["conditions"][0]["reason"] == "Unschedulable";
    let pod = spoilt.ground.admin().wait_until(&pods, PATIENCE, waits).await.unwrap();
    assert_eq!(pod["items"][0]["spec"]["nodeSelector"], json!({ (&label): "NVIDIA-H100" }));
    spoilt.ground.admin().patch_merge(node, &labelled(Value::Null)).await.unwrap();

    let message = "nodes is forbidden: User \"u\" cannot list resource \"nodes\" in API group \"\" at the cluster scope";
    let status = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Forbidden", "code": 403, "message": message});
    spoilt.between.spoil(move |request| request.contains("/nodes").then(|| Fault::Answer(403, status.clone())));
    assert_eq!(alice.gpu_products().await.unwrap(), None);
    spoilt.namespace.delete().await.unwrap();
}
