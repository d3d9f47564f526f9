//! Exactly which objects are made of each kind of task, of each sample file and of each template?

use super::*;
use domain::{
    owner::Principal,
    quantity::Size,
    storage_class::{Binding, ClassSettings, Reclaim, StorageClass},
    task::{Attachments, FromSecret, Limits, Mount, Scratch, Template, Want, file},
};
use std::{fs, path::PathBuf};

pub(super) fn user() -> User {
    User::from_session(Principal::new("https://id.example", "alice").unwrap(), "alice@example.org".into(), "Alice".into(), false)
}

pub(super) fn plan(name: &str) -> Plan {
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
            secrets: Vec::new(),
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
        attached: Attachments::default(),
        purpose: None,
    }
}

pub(super) fn with_volume(mut plan: Plan, claim: &str, path: &str, read_only: bool) -> Plan {
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
pub(super) fn plans() -> Vec<Plan> {
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
        with(plan("secrets"), |spec| {
            let from = |env: &str, text| FromSecret::read(env.parse().unwrap(), text).unwrap();
            spec.envs = vec![env("A", "$(TOKEN)")];
            spec.secrets = vec![from("TOKEN", "hugging-face/TOKEN"), from("NODE_RANK_X", "s3/KEY_1")];
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

/// The task of a file, its volumes resolved to claims of their names.
fn read(text: &str) -> Option<Plan> {
    let image = "stowage.dev/busybox:1".parse().ok();
    let limits = Limits { image, ..Limits::default() };
    let class = StorageClass {
        name: "standard".parse().unwrap(),
        provisioner: "nfs.csi.k8s.io".into(),
        default: true,
        binding: Binding::Immediate,
        reclaim: Reclaim::Delete,
        expandable: false,
        description: None,
        proven: vec![],
        settings: ClassSettings::default(),
    };
    let spec = file::read(text, &limits, &[class]).ok()?.spec;
    let mount = |want: &Want| {
        let volume = want.volume.to_lowercase();
        let claim = format!("{volume}-abcdefgh");
        Some(Mount {
            path: want.path.clone().or_else(|| format!("/volumes/{volume}").parse().ok())?,
            uid: Some(format!("{claim}-uid")),
            claim: Some(claim.parse().ok()?),
            new: None,
            read_only: want.read_only,
        })
    };
    let mounts = spec.volumes.iter().map(mount).collect::<Option<_>>()?;
    Some(Plan { spec, mounts, attached: Attachments::default(), purpose: None })
}

/// Every sample file that can be read and every template, by the name of its file in `golden/`.
fn files() -> Vec<(String, Plan)> {
    let samples = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../app/domain/src/task/samples");
    let mut paths: Vec<_> = fs::read_dir(samples).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let sample = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        // From 40 on they are refused: some are read, and their volumes are what is wrong.
        let plan = (name.as_str() < "40").then(|| read(&fs::read_to_string(&path).unwrap()).expect(&name));
        Some((name, plan?))
    };
    let template = |template: &Template| (format!("template_{}", template.slug), read(&template.file(None, None)).unwrap());
    paths.into_iter().filter_map(sample).chain(Template::ALL.iter().map(template)).collect()
}

/// All that has a file in `golden/`.
pub(super) fn all() -> Vec<(String, Plan)> {
    plans().into_iter().map(|plan| (plan.spec.name.to_string(), plan)).chain(files()).collect()
}

fn order<T>(plan: &Plan, look: impl FnOnce(Order<'_>) -> T) -> T {
    let claims: Vec<_> = plan.mounts.iter().map(|mount| (mount.claim.clone().unwrap(), mount.uid.clone())).collect();
    let (id, user, settings) = ("abcdefgh".parse().unwrap(), user(), PodSettings::default());
    look(Order { plan, claims: &claims, id: &id, user: &user, namespace: "work", settings: &settings, now: 0 })
}

pub(super) fn made(plan: &Plan) -> Value {
    order(plan, |order| [order.job()].into_iter().chain(order.between(Some("job-uid"))).collect())
}

#[test]
fn every_kind_of_task_makes_exactly_these_objects() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/job/golden");
    let all = all();
    for (name, plan) in &all {
        let file = folder.join(format!("{name}.json"));
        let made = serde_json::to_string_pretty(&made(plan)).unwrap() + "\n";
        if std::env::var_os("BLESS").is_some() {
            fs::write(&file, &made).unwrap();
        }
        assert_eq!(fs::read_to_string(&file).unwrap_or_default(), made, "{}", file.display());
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), all.len(), "no file of a task that is no more");
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
    let (job, service, policy) = (&made[0], &made[1], &made[2]);
    assert_eq!((&job["spec"]["completions"], &job["spec"]["parallelism"], &job["spec"]["suspend"]), (&json!(2), &json!(2), &json!(true)));
    assert!(job["metadata"]["annotations"][labels::COMPLETE].is_null(), "it is complete with its Service");
    let env = job["spec"]["template"]["spec"]["containers"][0]["env"].as_array().unwrap();
    let value = |name: &str| env.iter().find(|variable| variable["name"] == name).unwrap()["value"].clone();
    assert_eq!(
        (value("NUM_NODES"), value("NODE_PEERS")),
        (json!("2"), json!("two-nodes-abcdefgh-0.two-nodes-abcdefgh\ntwo-nodes-abcdefgh-1.two-nodes-abcdefgh"))
    );
    assert_eq!(service["spec"]["clusterIP"], "None");
    assert_eq!(service["metadata"]["name"], job["spec"]["template"]["spec"]["subdomain"]);
    // To each other, and to nobody else by this.
    let own = json!({ "matchLabels": { "batch.kubernetes.io/job-name": "two-nodes-abcdefgh" } });
    let expected = json!({ "podSelector": own, "policyTypes": ["Ingress"], "ingress": [{ "from": [{ "podSelector": own }] }] });
    assert_eq!(policy["spec"], expected);
    for object in [service, policy] {
        assert_eq!(object["metadata"]["ownerReferences"][0]["uid"], "job-uid");
        assert_eq!(object["metadata"]["labels"], job["metadata"]["labels"]);
    }
    assert_eq!(self::made(&plan("least")).as_array().unwrap().len(), 1, "one node has nobody to find");
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
