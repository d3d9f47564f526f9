//! Does a person see the files of their volume, and does what looks into it stay out of everybody's way? A real kubelet runs the real
//! program.

use crate::{
    people::{PATIENCE, Portal, person, until, wish},
    tasks::{is_in, on, plan},
};
use cluster::{Cluster, Error, Options, PodSettings, UserCluster};
use domain::{
    name::VolumeId,
    task::TaskState,
    volume::{
        Volume,
        files::{EntryKind, FilePath, Refused, Window},
    },
};
use futures::TryStreamExt;
use serde_json::Value;
use tokio::time::timeout;

/// The same portal with an image for files.
async fn looking(portal: &Portal) -> Cluster {
    let options = Options {
        kubeconfig: Some(portal.ground.portal_kubeconfig().to_owned()),
        namespace: portal.namespace.name().to_owned(),
        pods: PodSettings { files_image: Some(ground::FILES.to_owned()), ..PodSettings::default() },
        ..Options::default()
    };
    let cluster = Cluster::connect(options).await.unwrap();
    timeout(PATIENCE, cluster.synced()).await.unwrap();
    cluster
}

async fn opened(who: &UserCluster, id: &VolumeId) {
    who.open_window(id).await.unwrap();
    let open = async {
        let mut changes = who.changes();
        loop {
            changes.borrow_and_update();
            match who.window(id).await.unwrap() {
                Window::Open => return,
                Window::Off | Window::Closed | Window::Starting { .. } | Window::Failed { .. } => changes.changed().await.unwrap(),
            }
        }
    };
    timeout(PATIENCE, open).await.expect("what looks into the volume runs");
}

fn path(text: &str) -> FilePath {
    FilePath::new(text.as_bytes().to_vec()).unwrap()
}

async fn content(who: &UserCluster, id: &VolumeId, name: &str, from: u64, length: Option<u64>) -> Vec<u8> {
    let read = who.read_file(id, &path(name), from, length).await.unwrap();
    let bytes: Vec<Vec<u8>> = read.bytes.try_collect().await.unwrap();
    bytes.concat()
}

async fn written(alice: &UserCluster, script: &str) -> Volume {
    let volume = alice.create_volume(&wish("data", "standard")).await.unwrap();
    let made = alice.submit(&on(plan("Write", script), "/data", &volume)).await.unwrap();
    is_in(alice, &made.id, TaskState::Succeeded).await;
    until(alice.changes(), "the volume is bound", || alice.volume(&volume.id).ok().filter(|seen| seen.volume.status.phase() == "Bound"))
        .await;
    volume
}

#[tokio::test]
async fn c5_086_to_088_files_that_a_task_wrote_are_listed_and_read_as_they_are() {
    let portal = Portal::start().await;
    let cluster = looking(&portal).await;
    let (alice, bob) = (cluster.as_user(person("alice", false)), cluster.as_user(person("bob", false)));
    let script = "cd /data; mkdir -p runs/7; printf model > runs/7/model.pt; printf 0123456789 > ./-rf; ln -s /etc/passwd link; mkfifo fifo; \
                  head -c 3000000 /dev/zero > big; ln -s runs there; printf x > \"$(printf 'a\\nb')\"";
    let volume = written(&alice, script).await;
    let id = &volume.id;
    assert_eq!(alice.window(id).await.unwrap(), Window::Closed);
    assert!(matches!(alice.list_files(id, &path(""), "").await, Err(Error::File(Refused::Closed))), "looking opens nothing");
    opened(&alice, id).await;
    alice.open_window(id).await.unwrap();

    let listing = alice.list_files(id, &path(""), "").await.unwrap();
    let seen: Vec<_> = listing.entries.iter().map(|entry| (entry.name.as_slice(), entry.kind, entry.size)).collect();
    let expected = [
        (&b"runs"[..], EntryKind::Folder, None),
        (b"-rf", EntryKind::File, Some(10)),
        (b"a\nb", EntryKind::File, Some(1)),
        (b"big", EntryKind::File, Some(3_000_000)),
        (b"fifo", EntryKind::Other, None),
        (b"link", EntryKind::Link, None),
        (b"there", EntryKind::Link, None),
    ];
    assert_eq!(seen.len(), expected.len(), "{seen:?}");
    for ((name, kind, size), (expected_name, expected_kind, expected_size)) in seen.into_iter().zip(expected) {
        assert_eq!((name, kind), (expected_name, expected_kind));
        assert!(expected_size.is_none_or(|expected| expected == size), "{name:?}: {size}");
    }
    assert_eq!((listing.total, listing.next.as_str()), (7, ""));

    assert_eq!(content(&alice, id, "runs/7/model.pt", 0, None).await, b"model");
    assert_eq!(content(&alice, id, "-rf", 3, Some(4)).await, b"3456");
    assert_eq!(content(&alice, id, "a\nb", 0, None).await, b"x");
    assert_eq!(content(&alice, id, "big", 0, None).await, vec![0; 3_000_000]);
    for (name, refused) in [
        ("link", Refused::Link),
        ("there/7/model.pt", Refused::Link),
        ("fifo", Refused::NotAFile),
        ("runs", Refused::NotAFile),
        ("absent", Refused::NotFound),
    ] {
        let answer = alice.read_file(id, &path(name), 0, None).await.map(drop);
        assert!(matches!(answer, Err(Error::File(found)) if found == refused), "{name}: {answer:?}");
    }
    let packed: Vec<Vec<u8>> = alice.archive_folder(id, &path("runs")).await.unwrap().try_collect().await.unwrap();
    assert_eq!(packed.concat()[..2], [0x1f, 0x8b], "gzip");

    // Another person's volume is not there, whatever is asked.
    assert!(matches!(bob.open_window(id).await, Err(Error::NotFound)));
    assert!(matches!(bob.window(id).await, Err(Error::NotFound)));
    assert!(matches!(bob.list_files(id, &path(""), "").await, Err(Error::NotFound)));
    assert!(matches!(bob.read_file(id, &path("-rf"), 0, None).await.map(drop), Err(Error::NotFound)));
    portal.end().await;
}

#[tokio::test]
async fn d_21_what_looks_into_a_volume_is_no_task_no_use_and_ends_by_itself() {
    let portal = Portal::start().await;
    let cluster = looking(&portal).await;
    let alice = cluster.as_user(person("alice", false));
    // Waits for its first use: looking is that.
    let volume = alice.create_volume(&wish("data", "standard")).await.unwrap();
    opened(&alice, &volume.id).await;
    assert_eq!(alice.tasks().unwrap().len(), 0);
    let seen = alice.volume(&volume.id).unwrap().volume;
    assert!(seen.used_by.is_empty(), "{:?}", seen.used_by);

    let jobs = "/apis/batch/v1/namespaces";
    let job: Value = portal.admin().get(&format!("{jobs}/{}/jobs/files-{}", portal.namespace.name(), volume.id)).await.unwrap();
    assert_eq!(job["spec"]["activeDeadlineSeconds"], 3600, "it ends also if the portal dies");
    assert_eq!(job["spec"]["template"]["spec"]["containers"][0]["volumeMounts"][0]["readOnly"], true);

    // A portal that was started anew finds it, and the volume can be deleted with it.
    drop((alice, cluster));
    let cluster = looking(&portal).await;
    let alice = cluster.as_user(person("alice", false));
    assert_eq!(alice.window(&volume.id).await.unwrap(), Window::Open);
    alice.owned_volume(&volume.id).await.unwrap().delete(&volume.uid).await.unwrap();
    let gone = || matches!(alice.volume(&volume.id), Err(Error::NotFound)).then_some(());
    until(alice.changes(), "the volume is gone", gone).await;
    assert_eq!(portal.live(&volume).await, Value::Null);
    portal.end().await;
}

#[tokio::test]
async fn without_an_image_nothing_looks_into_volumes() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let volume = alice.create_volume(&wish("data", "standard")).await.unwrap();
    assert_eq!(alice.window(&volume.id).await.unwrap(), Window::Off);
    assert!(matches!(alice.open_window(&volume.id).await, Err(Error::File(Refused::Off))));
    portal.end().await;
}
