//! Does each claim that was seen somewhere get exactly its cause, and the one thing to do? Every record in `recorded/` holds
//! what the API server answered about one claim and says where that comes from; it passes through the same rows as in
//! production. Its twin is the same record with one field changed, by which the verdict must change.

use crate::{
    claim::ClaimRow,
    events::EventRow,
    object::Time,
    pods::{PodRow, Viewer},
    storage_classes::ClassRow,
    watch::{kept::Kept, rows::Rows},
};
use domain::{
    cause::{Action, Cause, CauseId},
    owner::{OwnerKey, Principal},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use std::{collections::BTreeSet, fs, path::Path};

#[derive(Deserialize)]
struct Record {
    source: String,
    cause: CauseId,
    /// The label of what is offered.
    action: Option<String>,
    twin: Twin,
    #[serde(flatten)]
    answers: Value,
}

#[derive(Deserialize)]
struct Twin {
    /// A JSON pointer; what it points to becomes `to`, or goes if that is null.
    at: String,
    to: Value,
    cause: CauseId,
}

fn records() -> Vec<(String, Record)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/claim/recorded");
    let mut records: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|file| {
            let path = file.unwrap().path();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let record = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap_or_else(|error| panic!("{name}: {error}"));
            (name, record)
        })
        .collect();
    records.sort_by(|(a, _), (b, _)| a.cmp(b));
    records
}

fn all<R: DeserializeOwned>(answers: &Value, kind: &str) -> Vec<R> {
    serde_json::from_value(answers[kind].clone()).unwrap()
}

/// As the claim's owner sees it.
fn judged(answers: &Value) -> Cause {
    let mut rows = Rows::default();
    ClassRow::replace(&mut rows, all(answers, "classes"));
    PodRow::replace(&mut rows, all(answers, "pods"));
    EventRow::replace(&mut rows, all(answers, "events"));
    let claim: ClaimRow = serde_json::from_value(answers["claim"].clone()).unwrap();
    let name = claim.meta.name.clone();
    claim.apply(&mut rows);
    let now: Time = serde_json::from_value(answers["now"].clone()).unwrap();
    let owner = OwnerKey::of(&Principal::new("https://id.example", "alice").unwrap());
    rows.claim(&name).unwrap().volume(Viewer::Owner(&owner), &rows.classes(), now.0.unwrap()).status
}

fn changed(answers: &Value, twin: &Twin) -> Value {
    let mut answers = answers.clone();
    let (parent, key) = twin.at.rsplit_once('/').unwrap();
    let parent = answers.pointer_mut(parent).unwrap_or_else(|| panic!("nothing at {}", twin.at));
    match (parent, &twin.to) {
        (Value::Object(parent), Value::Null) => _ = parent.remove(key).unwrap(),
        (Value::Object(parent), to) => _ = parent.insert(key.to_owned(), to.clone()),
        (parent, to) => *parent.get_mut(key.parse::<usize>().unwrap()).unwrap() = to.clone(),
    }
    answers
}

#[test]
fn every_recorded_claim_gets_its_cause_and_its_action() {
    let wrong: Vec<_> = records()
        .iter()
        .filter_map(|(name, record)| {
            let cause = judged(&record.answers);
            let seen = (cause.id(), cause.action().map(Action::label));
            (seen != (record.cause, record.action.clone())).then(|| format!("{name}: {seen:?}, not {:?} {:?}", record.cause, record.action))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn one_field_less_or_other_changes_the_verdict() {
    let wrong: Vec<_> = records()
        .iter()
        .filter_map(|(name, record)| {
            let cause = judged(&changed(&record.answers, &record.twin)).id();
            let seen = format!("{name}: {} makes it {cause}, not {}", record.twin.at, record.twin.cause);
            (cause != record.twin.cause || cause == record.cause).then_some(seen)
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_cause_was_seen_somewhere() {
    let records = records();
    let seen: BTreeSet<_> = records.iter().map(|(_, record)| record.cause).collect();
    // How full a volume is no claim says.
    let unseen: Vec<_> =
        CauseId::ALL.iter().filter(|id| !seen.contains(id) && !matches!(id, CauseId::Full | CauseId::NearlyFull)).collect();
    assert!(unseen.is_empty(), "{unseen:?}");
    assert!(records.iter().all(|(_, record)| record.source.len() > 10), "each says where it comes from");
}

#[test]
fn no_evidence_names_another_persons_pod() {
    for (name, record) in records() {
        let cause = judged(&record.answers);
        let shown = serde_json::to_string(&cause).unwrap();
        assert!(!shown.contains("secret"), "{name}: {shown}");
    }
}
