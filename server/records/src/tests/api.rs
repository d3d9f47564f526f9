//! What do the records promise about tokens, the audit trail and repeated requests?

use super::fresh;
use crate::{Attempt, Audit, Begun, Entry, Filter, Person, Records, seconds};
use domain::{
    audit::Verb,
    owner::{OwnerKey, Principal},
    token::{MOST_PER_PERSON, Scope, Secret, TokenForm, TokenSpec},
};
use sqlx::Row;
use std::time::Duration;
use time::OffsetDateTime;

fn person(subject: &str, admin: bool) -> Person {
    let principal = Principal::new("https://i", subject).unwrap();
    Person { principal, username: subject.to_owned(), name: format!("The {subject}"), admin, groups: vec!["ml".into()], seen: 1_000 }
}

fn key(subject: &str) -> OwnerKey {
    OwnerKey::of(&Principal::new("https://i", subject).unwrap())
}

fn spec() -> TokenSpec {
    let on = || "on".to_owned();
    TokenForm { name: "t".into(), tasks_read: on(), tasks_write: on(), admin: on(), ..TokenForm::blank() }.check(true).unwrap()
}

/// Records that know these people.
async fn knowing(people: &[&str]) -> Records {
    let records = fresh().await;
    for subject in people {
        records.people().signed_in(&person(subject, true)).await.unwrap();
    }
    records
}

#[tokio::test]
async fn a_token_is_its_persons_until_it_is_revoked() {
    let records = knowing(&["a", "b"]).await;
    let tokens = records.tokens();
    let (token, secret) = tokens.create(&key("a"), &spec()).await.unwrap().unwrap();
    let bearer = tokens.bearer(&secret).await.unwrap().unwrap();
    assert_eq!(bearer.person, person("a", true));
    assert_eq!((bearer.token.name.as_str(), bearer.token.scopes.as_slice()), ("t", &Scope::ALL[..]));
    assert_eq!(token.expires - token.created, 90 * 86_400);
    assert!(tokens.revoke(&key("b"), &token.id).await.unwrap().is_none(), "another person's is not there");
    assert!(tokens.bearer(&secret).await.unwrap().is_some());
    assert_eq!(tokens.revoke(&key("a"), &token.id).await.unwrap().unwrap().id, token.id);
    assert!(tokens.bearer(&secret).await.unwrap().is_none());
    assert!(tokens.revoke(&key("a"), &token.id).await.unwrap().is_none());
}

#[tokio::test]
async fn a_token_that_has_expired_calls_nothing_and_is_listed_until_the_sweep_takes_it() {
    let records = knowing(&["a"]).await;
    let tokens = records.tokens();
    let (_, secret) = tokens.create(&key("a"), &spec()).await.unwrap().unwrap();
    let now = seconds(OffsetDateTime::now_utc());
    sqlx::query("UPDATE tokens SET expires_at = $1").bind(now).execute(&records.db.pool).await.unwrap();
    assert!(tokens.bearer(&secret).await.unwrap().is_none());
    assert_eq!(tokens.of(&key("a")).await.unwrap().len(), 1);
    sqlx::query("UPDATE tokens SET expires_at = $1").bind(now - 31 * 86_400).execute(&records.db.pool).await.unwrap();
    let _sweep = records.sweep(Duration::from_secs(3600), 365);
    tokio::time::timeout(Duration::from_secs(5), async {
        while !tokens.of(&key("a")).await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn neither_the_secret_nor_half_of_it_is_in_the_database() {
    let records = knowing(&["a"]).await;
    let (_, secret) = records.tokens().create(&key("a"), &spec()).await.unwrap().unwrap();
    let stored: Vec<u8> = sqlx::query_scalar("SELECT hash FROM tokens").fetch_one(&records.db.pool).await.unwrap();
    assert_eq!(stored, secret.hash());
    let row = sqlx::query("SELECT id, hash, owner, name, scopes FROM tokens").fetch_one(&records.db.pool).await.unwrap();
    let texts: Vec<String> = ["id", "owner", "name", "scopes"].iter().map(|column| row.get(column)).collect();
    let all = texts.concat() + &data_encoding::HEXLOWER.encode(&stored);
    assert!(!all.to_lowercase().contains(&secret.reveal()[4..20]));
    assert!(records.tokens().bearer(&Secret::from_random(&[0; 32])).await.unwrap().is_none());
}

#[tokio::test]
async fn nobody_has_more_than_twenty_living_tokens_however_many_are_asked_for_at_once() {
    let records = knowing(&["a", "b"]).await;
    let made = (0..30).map(|_| {
        let tokens = records.tokens();
        tokio::spawn(async move { tokens.create(&key("a"), &spec()).await.unwrap().is_some() })
    });
    let mut count = 0;
    for made in made.collect::<Vec<_>>() {
        count += usize::from(made.await.unwrap());
    }
    assert_eq!(count, MOST_PER_PERSON);
    assert!(records.tokens().create(&key("b"), &spec()).await.unwrap().is_some(), "others have their own");
    sqlx::query("UPDATE tokens SET expires_at = 1").execute(&records.db.pool).await.unwrap();
    assert!(records.tokens().create(&key("a"), &spec()).await.unwrap().is_some(), "expired ones do not count");
}

#[tokio::test]
async fn a_token_has_the_role_that_its_person_had_when_they_last_signed_in() {
    let records = knowing(&["a"]).await;
    let (_, secret) = records.tokens().create(&key("a"), &spec()).await.unwrap().unwrap();
    let admin = async || records.tokens().bearer(&secret).await.unwrap().unwrap().person.admin;
    assert!(admin().await);
    records.people().signed_in(&person("a", false)).await.unwrap();
    assert!(!admin().await);
    records.people().known(&person("a", true)).await.unwrap();
    assert!(!admin().await, "a session that is older than the last sign-in gives no role back");
}

#[tokio::test]
async fn a_token_knows_when_and_in_which_groups_its_person_last_signed_in() {
    let records = knowing(&["a"]).await;
    let (_, secret) = records.tokens().create(&key("a"), &spec()).await.unwrap().unwrap();
    let later = Person { groups: vec!["ml".into(), "bio \"lab\", 1".into()], seen: 2_000, ..person("a", true) };
    records.people().signed_in(&later).await.unwrap();
    assert_eq!(records.tokens().bearer(&secret).await.unwrap().unwrap().person, later);
    records.people().known(&Person { groups: vec![], seen: 3_000, ..person("a", true) }).await.unwrap();
    assert_eq!(records.tokens().bearer(&secret).await.unwrap().unwrap().person, later, "an older session changes nothing");
}

#[tokio::test]
async fn everybodys_tokens_are_listed_with_their_person_and_ended_by_their_id() {
    let records = knowing(&["alice", "bob"]).await;
    let tokens = records.tokens();
    let (hers, secret) = tokens.create(&key("alice"), &spec()).await.unwrap().unwrap();
    tokens.create(&key("bob"), &spec()).await.unwrap().unwrap();
    let names = async |person: &str| {
        let (found, more) = tokens.everybodys(person).await.unwrap();
        assert!(!more);
        found.into_iter().map(|held| held.person.username).collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>()
    };
    assert_eq!(names("").await, ["alice", "bob"]);
    assert_eq!(names(" ALI ").await, ["alice"]);
    assert_eq!(names("The bob").await, ["bob"]);
    assert_eq!(names("%").await, [""; 0]);
    let gone = tokens.revoke_anybodys(&hers.id).await.unwrap().unwrap();
    assert_eq!((gone.token.id.as_str(), gone.person.username.as_str()), (hers.id.as_str(), "alice"));
    assert!(tokens.bearer(&secret).await.unwrap().is_none());
    assert!(tokens.revoke_anybodys(&hers.id).await.unwrap().is_none());
    for n in 0..250_i64 {
        let another = "INSERT INTO tokens SELECT 'x' || $1, $2, owner, name, scopes, created_at, expires_at, NULL FROM tokens LIMIT 1";
        let hash = n.to_be_bytes().to_vec();
        sqlx::query(another).bind(n.to_string()).bind(hash).execute(&records.db.pool).await.unwrap();
    }
    let (found, more) = tokens.everybodys("").await.unwrap();
    assert_eq!((found.len(), more), (200, true));
}

#[tokio::test]
async fn the_records_are_settled_when_the_last_act_has_ended() {
    let records = fresh().await;
    records.settled().await;
    let (one, two) = (records.begin(), records.clone().begin());
    let settled = tokio::spawn({
        let records = records.clone();
        async move { records.settled().await }
    });
    drop(one);
    tokio::task::yield_now().await;
    assert!(!settled.is_finished());
    drop(two);
    tokio::time::timeout(Duration::from_secs(5), settled).await.unwrap().unwrap();
}

#[tokio::test]
async fn use_is_noted_at_most_once_a_minute() {
    let records = knowing(&["a"]).await;
    let tokens = records.tokens();
    let (_, secret) = tokens.create(&key("a"), &spec()).await.unwrap().unwrap();
    let used = async || tokens.of(&key("a")).await.unwrap()[0].used;
    assert_eq!(used().await, None);
    tokens.bearer(&secret).await.unwrap().unwrap();
    let first = used().await.unwrap();
    for (seconds_ago, moves) in [(30, false), (61, true)] {
        sqlx::query("UPDATE tokens SET used_at = $1").bind(first - seconds_ago).execute(&records.db.pool).await.unwrap();
        tokens.bearer(&secret).await.unwrap().unwrap();
        assert_eq!(used().await.unwrap() > first - seconds_ago, moves, "{seconds_ago} s ago");
    }
}

fn act(who: &str, verb: Verb, name: &str) -> Entry {
    Entry {
        principal: Principal::new("https://i", who).unwrap(),
        username: who.to_owned(),
        verb,
        object_id: format!("id-{name}"),
        object_name: name.to_owned(),
        owner: "o1".to_owned(),
        owner_name: "Carol".to_owned(),
        new_owner: None,
        request_id: "r".to_owned(),
        token: None,
        outcome: "done".to_owned(),
    }
}

#[tokio::test]
async fn the_trail_is_read_newest_first_in_pages_that_new_acts_do_not_move() {
    let audit = fresh().await.audit();
    for n in 0..120 {
        audit.record(&act("a", Verb::CreateVolume, &format!("v{n}"))).await.unwrap();
    }
    let (first, next) = audit.page(&Filter::default(), None).await.unwrap();
    audit.record(&act("a", Verb::CreateVolume, "late")).await.unwrap();
    let (second, next) = audit.page(&Filter::default(), next).await.unwrap();
    let (third, end) = audit.page(&Filter::default(), next).await.unwrap();
    let names: Vec<_> = [first, second, third].concat().into_iter().map(|line| line.object_name).collect();
    assert_eq!(names, (0..120).rev().map(|n| format!("v{n}")).collect::<Vec<_>>());
    assert_eq!(end, None);
}

#[tokio::test]
async fn the_trail_is_narrowed_by_person_act_and_object() {
    let audit = fresh().await.audit();
    audit.record(&act("alice", Verb::CreateVolume, "Train")).await.unwrap();
    audit.record(&act("bob", Verb::DeleteVolume, "data")).await.unwrap();
    let found = async |person: &str, verb, object: &str| {
        let filter = Filter { person: person.to_owned(), verb, object: object.to_owned() };
        audit.page(&filter, None).await.unwrap().0.into_iter().map(|line| line.object_name).collect::<Vec<_>>()
    };
    assert_eq!(found("ALI", None, "").await, ["Train"]);
    assert_eq!(found("carol", None, "").await, ["data", "Train"], "also by whose it was");
    assert_eq!(found("", Some(Verb::DeleteVolume), "").await, ["data"]);
    assert_eq!(found("", None, "tra").await, ["Train"]);
    assert_eq!(found("", None, "id-data").await, ["data"]);
    assert_eq!(found("bob", Some(Verb::CreateVolume), "").await, [""; 0]);
    for nothing in ["%", "_", "' OR 1=1 --", "\" OR 1"] {
        assert_eq!(found(nothing, None, "").await, [""; 0], "{nothing}");
    }
}

#[tokio::test]
async fn what_one_person_is_refused_again_and_again_is_counted_and_fills_nothing() {
    let records = fresh().await;
    let audit = records.audit();
    let refused = |who: &str, verb, n: usize| Entry { outcome: "not_found".to_owned(), ..act(who, verb, &format!("v{n}")) };
    for n in 0..600 {
        audit.record(&refused("a", Verb::DeleteVolume, n)).await.unwrap();
    }
    audit.record(&refused("a", Verb::GrowVolume, 0)).await.unwrap();
    audit.record(&refused("b", Verb::DeleteVolume, 0)).await.unwrap();
    audit.record(&act("a", Verb::DeleteVolume, "done")).await.unwrap();
    let lines = audit.page(&Filter::default(), None).await.unwrap().0;
    let apart = usize::try_from(Audit::APART).unwrap();
    assert_eq!(lines.len(), apart + 3, "another act, another person and what was done have lines of their own");
    let last = &lines[3];
    assert_eq!((last.object_name.clone(), last.times), (format!("v{}", apart - 1), 600 - Audit::APART + 1));
    // An hour later it begins anew.
    sqlx::query("UPDATE audit SET at = at - 3600").execute(&records.db.pool).await.unwrap();
    audit.record(&refused("a", Verb::DeleteVolume, 0)).await.unwrap();
    assert_eq!(audit.page(&Filter::default(), None).await.unwrap().0.len(), apart + 4);
}

#[tokio::test]
async fn the_trail_is_kept_as_long_as_it_is_asked_for_and_no_longer() {
    let records = fresh().await;
    let audit = records.audit();
    for (name, days) in [("old", 31), ("young", 29)] {
        audit.record(&act("a", Verb::CreateVolume, name)).await.unwrap();
        let aged = "UPDATE audit SET at = at - $1 WHERE object_name = $2";
        sqlx::query(aged).bind(days * 86_400_i64).bind(name).execute(&records.db.pool).await.unwrap();
    }
    crate::sweep::expired(&records.db, 30).await.unwrap();
    let left: Vec<_> = audit.page(&Filter::default(), None).await.unwrap().0.into_iter().map(|line| line.object_name).collect();
    assert_eq!(left, ["young"]);
}

#[tokio::test]
async fn the_last_act_of_another_on_ones_own_is_found_and_ones_own_and_refused_ones_are_not() {
    let audit = fresh().await.audit();
    let carol = Principal::new("https://i", "carol").unwrap();
    let owned = |who: &str, verb| Entry { owner: key("carol").to_string(), ..act(who, verb, "v") };
    let last = async |since: i64| {
        let line = audit.last_by_another("id-v", &key("carol"), &carol, since).await.unwrap();
        line.map(|line| (line.username, line.verb))
    };
    audit.record(&owned("carol", Verb::CreateVolume)).await.unwrap();
    audit.record(&Entry { outcome: "conflict".to_owned(), ..owned("admin", Verb::DeleteVolume) }).await.unwrap();
    audit.record(&act("admin", Verb::DeleteVolume, "v")).await.unwrap();
    assert_eq!(last(0).await, None, "her own, a refused one, another owner's");
    audit
        .record(&Entry { new_owner: Some((key("carol").to_string(), "carol".into())), ..act("admin", Verb::TransferVolume, "v") })
        .await
        .unwrap();
    assert_eq!(last(0).await, Some(("admin".into(), "volume.transfer".into())), "given to her");
    audit.record(&owned("admin", Verb::DeleteVolume)).await.unwrap();
    audit.record(&owned("carol", Verb::EditVolume)).await.unwrap();
    assert_eq!(last(0).await, Some(("admin".into(), "volume.delete".into())));
    assert_eq!(last(i64::MAX).await, None);
    assert!(audit.has_made(Verb::CreateVolume, "id-v").await.unwrap() && !audit.has_made(Verb::CreateVolume, "id-w").await.unwrap());
}

#[tokio::test]
async fn a_key_makes_one_thing_once_for_one_person_and_one_body() {
    let keys = fresh().await.idempotency();
    let attempt = |owner: &str, key_text: &str, body: &str| Attempt::new(key(owner), key_text, body.as_bytes());
    let one = attempt("a", "k", "{}");
    assert_eq!(keys.begin(&one).await.unwrap(), Begun::First);
    assert_eq!(keys.begin(&one).await.unwrap(), Begun::Underway);
    keys.made(&one, "abc12345").await.unwrap();
    assert_eq!(keys.begin(&one).await.unwrap(), Begun::Made("abc12345".to_owned()));
    assert_eq!(keys.begin(&attempt("a", "k", "[]")).await.unwrap(), Begun::Other);
    assert_eq!(keys.begin(&attempt("b", "k", "{}")).await.unwrap(), Begun::First);
    assert_eq!(keys.begin(&attempt("a", "l", "{}")).await.unwrap(), Begun::First);
}

#[tokio::test]
async fn a_key_is_free_after_a_failure_and_careful_after_silence() {
    let records = fresh().await;
    let keys = records.idempotency();
    let one = Attempt::new(key("a"), "k", b"{}");
    keys.begin(&one).await.unwrap();
    keys.failed(&one).await.unwrap();
    assert_eq!(keys.begin(&one).await.unwrap(), Begun::First);
    keys.unknown(&one).await.unwrap();
    assert_eq!(keys.begin(&one).await.unwrap(), Begun::Again);
    assert_eq!(keys.begin(&one).await.unwrap(), Begun::Underway);
    sqlx::query("UPDATE idempotency SET busy_until = $1").bind(seconds(OffsetDateTime::now_utc())).execute(&records.db.pool).await.unwrap();
    assert_eq!(keys.begin(&one).await.unwrap(), Begun::Again, "whoever began has stopped");
    keys.made(&one, "abc12345").await.unwrap();
    keys.failed(&one).await.unwrap();
    assert_eq!(keys.begin(&one).await.unwrap(), Begun::Made("abc12345".to_owned()), "what was made stays made");
    sqlx::query("UPDATE idempotency SET until = $1").bind(seconds(OffsetDateTime::now_utc())).execute(&records.db.pool).await.unwrap();
    assert_eq!(keys.begin(&one).await.unwrap(), Begun::First, "a day later it is another key");
}
