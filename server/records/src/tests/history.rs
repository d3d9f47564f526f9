use super::*;
use domain::{
    owner::{OwnerKey, Principal},
    task::{PodLog, Task, TaskRecord, TaskState},
};

fn key(subject: &str) -> OwnerKey {
    OwnerKey::of(&Principal::new("https://id.example", subject).unwrap())
}

fn record(id: &str, submitted: i64) -> TaskRecord {
    let task = Task {
        id: id.parse().unwrap(),
        name: "train".into(),
        job: format!("train-{id}"),
        uid: format!("{id}-uid"),
        username: "alice".into(),
        owner_subject: Some("alice".into()),
        state: TaskState::Failed,
        reason: None,
        message: None,
        nodes: 1,
        completions: 1,
        image: "i".into(),
        accelerators: None,
        mounts: Vec::new(),
        purpose: None,
        scratch: Vec::new(),
        time_limit: None,
        submitted,
        started: None,
        ended: Some(submitted + 5),
        pods: Vec::new(),
    };
    let mut record = TaskRecord::new(task, Vec::new(), "{}".into());
    record.keep_log(PodLog::of("train-0-x", 0, b"one\ntwo\n", false));
    record
}

#[tokio::test]
async fn what_is_written_of_a_task_is_read_by_its_owner_and_by_nobody_else() {
    let history = fresh().await.history();
    let (alice, bob) = (key("alice"), key("bob"));
    let (first, second) = (record("aaaaaaaa", 1), record("bbbbbbbb", 2));
    history.write(&alice, &first, 90).await.unwrap();
    history.write(&alice, &second, 90).await.unwrap();
    history.write(&alice, &second, 90).await.unwrap();
    let hers: Vec<_> = history.list(&alice).await.unwrap().into_iter().map(|task| (task.id.to_string(), task.owner_subject)).collect();
    assert_eq!(hers, [("bbbbbbbb".to_owned(), None), ("aaaaaaaa".to_owned(), None)], "newest first, each once");
    let read = history.one(&alice, &first.task.id).await.unwrap().unwrap();
    assert_eq!((read.logs, read.file, read.task.uid), (first.logs.clone(), first.file.clone(), first.task.uid.clone()));
    assert!(history.list(&bob).await.unwrap().is_empty());
    assert_eq!(history.one(&bob, &first.task.id).await.unwrap(), None);
    assert_eq!(history.any(&first.task.id).await.unwrap(), Some(first));
    assert_eq!(history.owner_of(&second.task.id).await.unwrap(), Some(alice.clone()));
    assert_eq!(history.list_all().await.unwrap().len(), 2);
    assert!(history.has("aaaaaaaa-uid").await.unwrap() && !history.has("cccccccc-uid").await.unwrap());
}

#[tokio::test]
async fn what_its_owner_deletes_is_gone_and_is_not_written_again() {
    let history = fresh().await.history();
    let (alice, bob) = (key("alice"), key("bob"));
    let (early, late) = (record("aaaaaaaa", 1), record("bbbbbbbb", 2));
    history.write(&alice, &early, 90).await.unwrap();
    history.forget(&bob, &early.task, 90).await.unwrap();
    assert!(history.one(&alice, &early.task.id).await.unwrap().is_some(), "another person's is not theirs to delete");
    history.forget(&alice, &early.task, 90).await.unwrap();
    // Deleted before it was written.
    history.forget(&alice, &late.task, 90).await.unwrap();
    for record in [&early, &late] {
        history.write(&alice, record, 90).await.unwrap();
        assert_eq!(history.one(&alice, &record.task.id).await.unwrap(), None);
        assert!(history.has(&record.task.uid).await.unwrap());
    }
    assert!(history.list(&alice).await.unwrap().is_empty() && history.list_all().await.unwrap().is_empty());
}

#[tokio::test]
async fn the_history_of_a_task_is_kept_for_its_days_and_one_odd_row_costs_only_itself() {
    let records = fresh().await;
    let (history, alice) = (records.history(), key("alice"));
    history.write(&alice, &record("aaaaaaaa", 1), 90).await.unwrap();
    history.write(&alice, &record("bbbbbbbb", 2), 0).await.unwrap();
    history.write(&alice, &record("cccccccc", 3), 90).await.unwrap();
    sqlx::query("UPDATE tasks SET task = '{}' WHERE id = 'cccccccc'").execute(&records.db.pool).await.unwrap();
    assert_eq!(history.list(&alice).await.unwrap().len(), 2);
    crate::sweep::expired(&records.db, 365).await.unwrap();
    let left: Vec<_> = history.list(&alice).await.unwrap().into_iter().map(|task| task.id.to_string()).collect();
    assert_eq!(left, ["aaaaaaaa"]);
}
