//! What becomes of small files that go along with a task?

use crate::{
    interference::Fault,
    people::{PATIENCE, Portal, until},
    spoilt::Spoilt,
    tasks::plan,
};
use cluster::{Error, LogAsk};
use domain::{
    allowed::WhyNot,
    name::TaskId,
    task::{Attachments, Plan, TaskState},
};
use futures::TryStreamExt;
use serde_json::json;

fn with_files(name: &str, run: &str) -> Plan {
    let script = b"#!/bin/sh\necho \"$(cat /task/files/lib/word.txt)\" \"$1\"\n".to_vec();
    let files = [("say.sh".to_owned(), script), ("lib/word.txt".to_owned(), b"hello".to_vec()), ("x.bin".to_owned(), vec![0, 159, 255])];
    Plan { attached: Attachments::of(files).unwrap(), ..plan(name, run) }
}

#[tokio::test]
async fn g2_42_attached_files_are_in_the_task_for_reading_come_back_for_another_run_and_go_with_it() {
    let portal = Portal::start().await;
    let (alice, bob) = (portal.alice(), portal.bob());
    let asked =
        with_files("carries", "/task/files/say.sh world\nwc -c < /task/files/x.bin\ntouch /task/files/new 2>/dev/null || echo unchanged");
    let drafted = alice.task_draft(&asked).unwrap();
    assert!(drafted.contains("kind: ConfigMap") && drafted.contains("mountPath: /task/files"), "{drafted}");
    let made = alice.submit(&asked).await.unwrap();
    let over = until(alice.changes(), "its end", || alice.task(&made.id).ok().filter(|detail| detail.task.state.is_over())).await;
    let read = async {
        let chunks: Vec<Vec<u8>> = alice.task_logs(&made.id, &LogAsk::default()).await.unwrap().try_collect().await.unwrap();
        String::from_utf8(chunks.concat()).unwrap()
    };
    let said = tokio::time::timeout(PATIENCE, read).await.unwrap();
    assert!(said.starts_with("hello world\n3\n") && said.contains("unchanged\n"), "{said}");
    assert_eq!(over.task.state, TaskState::Succeeded, "{said}");

    let stored = format!("/api/v1/namespaces/{}/configmaps/{}", portal.namespace.name(), made.job);
    let object = portal.admin().get(&stored).await.unwrap();
    assert_eq!((&object["metadata"]["ownerReferences"][0]["uid"], &object["immutable"]), (&json!(made.uid), &json!(true)));
    assert_eq!(alice.attached(&made.id).await.unwrap(), asked.attached);
    assert!(matches!(bob.attached(&made.id).await, Err(Error::NotFound)), "another person's are not there");
    alice.owned_task(&made.id).await.unwrap().delete(&made.uid).await.unwrap();
    let gone = async {
        while !matches!(portal.admin().get(&stored).await, Err(error) if error.is_not_found()) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.expect("the files go with the task");
    portal.end().await;
}

#[tokio::test]
async fn what_is_called_like_a_tasks_files_and_is_not_its_own_is_neither_written_over_nor_mounted() {
    let portal = Portal::start().await;
    let alice = portal.alice();
    let all = format!("/api/v1/namespaces/{}/configmaps", portal.namespace.name());
    let theirs = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "taken-abcd1234" }, "data": { "file-0": "theirs", "file-1": "theirs" } });
    portal.admin().apply(&format!("{all}/taken-abcd1234"), &theirs).await.unwrap();
    let id: TaskId = "abcd1234".parse().unwrap();
    let refused = alice.submit_as(&id, &with_files("taken", "cat /task/files/say.sh")).await;
    assert!(refused.is_err(), "{refused:?}");
    let jobs = format!("/apis/batch/v1/namespaces/{}/jobs", portal.namespace.name());
    assert!(portal.admin().list(&jobs).await.unwrap().is_empty(), "it is refused before anything is made");
    assert_eq!(portal.admin().get(&format!("{all}/taken-abcd1234")).await.unwrap()["data"]["file-0"], "theirs");
    portal.end().await;
}

#[tokio::test]
async fn a_task_whose_files_were_not_stored_waits_and_the_same_call_once_more_makes_it_whole() {
    let spoilt = Spoilt::start().await;
    let alice = &spoilt.alice;
    let id: TaskId = "part1234".parse().unwrap();
    let asked = with_files("part", "/task/files/say.sh again");
    let stores =
        |request: &str| request.starts_with("POST /api/v1/namespaces") && request.contains("configmaps") && !request.contains("dryRun");
    let mut left = 1;
    spoilt.between.spoil(move |request| {
        let hit = left > 0 && stores(request);
        left -= i32::from(hit);
        hit.then_some(Fault::LoseRequest)
    });
    assert!(alice.submit_as(&id, &asked).await.is_err());
    let part = until(alice.changes(), "the part", || alice.tasks().unwrap().into_iter().find(|task| task.name == "part")).await;
    assert_eq!(part.state, TaskState::Incomplete);
    let resumed = alice.owned_task(&id).await.unwrap().resume(&part.uid).await;
    assert!(matches!(resumed, Err(Error::NotAllowed(WhyNot::FilesAreMissing))), "only whoever has the files can: {resumed:?}");
    // Meanwhile something else is called so: it is not mounted.
    let theirs = format!("/api/v1/namespaces/{}/configmaps/{}", spoilt.namespace.name(), part.job);
    let object = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": part.job }, "data": { "file-0": "theirs" } });
    spoilt.ground.admin().apply(&theirs, &object).await.unwrap();
    assert!(matches!(alice.submit_as(&id, &asked).await, Err(Error::NotAllowed(WhyNot::FilesAreMissing))));
    assert!(alice.attached(&id).await.is_err());
    assert_eq!(spoilt.ground.admin().get(&theirs).await.unwrap()["data"], json!({ "file-0": "theirs" }));
    spoilt.ground.admin().delete(&theirs).await.unwrap();
    alice.submit_as(&id, &asked).await.unwrap();
    until(alice.changes(), "its end", || alice.task(&id).ok().filter(|detail| detail.task.state == TaskState::Succeeded)).await;
    spoilt.namespace.delete().await.unwrap();
}
