//! Is what was backed up what is restored, and does whatever is damaged, cut or not one's own stay what it is? With real pods on real
//! disks.

use crate::api::{Program, read};
use crate::tasks::Stage;
use crate::visitor::Visitor;
use crate::volumes::{Made, make};
use anyhow::{Context, Result};
use domain::name::TaskId;
use domain::task::{Mount, Task, TaskState};
use domain::volume::{BackupState, KnownBackup, Purpose};
use reqwest::{Method, StatusCode};
use serde_json::json;

/// Names, modes and links of every kind that a file system takes.
const FILL: &str = r#"cd /data
mkdir -p 'a folder/deep' empty ro .hidden 'we ird*['
echo one > 'a folder/with space'
printf x > "$(printf 'new\nline')"
echo dash > ./-dash
echo back > 'back\slash'
echo hidden > .hidden/.file
echo other > 'we ird*[/é'
echo kept > ro/kept
: > zero
head -c 2000000 /dev/urandom > random
ln -s 'a folder/with space' link
ln -s /nowhere dangling
ln ./-dash hard
chmod 0600 ./-dash
chmod 0751 empty
chmod 0444 ro/kept
chmod 0555 ro
"#;

/// Every name with its mode, its hash and where it leads, in the order of names.
const LOOK: &str = r#"cd /data
find . -mindepth 1 -exec sh -c '
  for f; do
    hash=; [ -L "$f" ] || [ ! -f "$f" ] || hash=$(sha256sum < "$f")
    printf "%s %s %s %s\n" "$(printf %s "$f" | tr "\n" "|")" "$(stat -c %a "$f")" "$hash" "$(readlink "$f")"
  done' sh {} + | sort
"#;

/// The stage with a person and what they call with.
struct Scene {
    stage: Stage,
    alice: Visitor,
    program: Program,
}

impl Scene {
    async fn new() -> Result<Self> {
        let stage = Stage::new().await?;
        let mut alice = Visitor::signed_in(&stage.portal, "alice").await?;
        let program = Program::of(&stage.portal, &mut alice).await?;
        Ok(Self { stage, alice, program })
    }

    async fn made(&mut self, stem: &str, class: &str) -> Result<Made> {
        make(&self.stage.portal, &mut self.alice, stem, class).await
    }

    /// What a task with this volume writes.
    async fn run(&self, id: &str, script: &str) -> Result<String> {
        let volume = self.stage.alice.volume(&id.parse()?)?.volume;
        let mount = Mount { path: "/data".parse()?, claim: volume.claim.parse().ok(), uid: Some(volume.uid), new: None, read_only: false };
        let task = self.stage.submit_with("looks", script, vec![mount], 600).await?;
        self.stage.until(&task, |task| task.state == TaskState::Succeeded).await?;
        self.log(&task).await
    }

    async fn log(&self, task: &Task) -> Result<String> {
        Ok(self.program.get(&self.stage.portal, &format!("/api/tasks/{}/logs", task.id)).await?.text)
    }

    /// The task of a call, when it is over.
    async fn over(&self, id: &str) -> Result<Task> {
        let task = self.stage.alice.task(&id.parse()?)?.task;
        self.stage.until(&task, |task| task.state.is_over()).await
    }

    async fn back_up(&self, from: &Made, to: &str) -> Result<Task> {
        let answer =
            self.program.call(&self.stage.portal, Method::POST, &format!("/api{}/backup", from.page()), &json!({"to": to})).await?;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        self.over(read(&answer)?["id"].as_str().context("an id")?).await
    }

    async fn restore(&self, backup: &TaskId, name: &str) -> Result<Task> {
        let body = json!({"backup": backup, "name": name, "size": "20Mi"});
        let answer = self.program.call(&self.stage.portal, Method::POST, "/api/volumes/restore", &body).await?;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        self.over(read(&answer)?["id"].as_str().context("an id")?).await
    }

    fn id_of(&self, name: &str) -> Result<String> {
        let volumes = self.stage.alice.volumes()?;
        volumes.into_iter().find(|volume| volume.name == name).map(|volume| volume.id.to_string()).context("the volume is there")
    }
}

#[track_caller]
fn says(text: &str, sentence: &str) {
    assert!(text.contains(sentence), "{sentence}: {text}");
}

/// 2.14, 2.61, 2.62
#[tokio::test]
async fn g2_14_what_is_restored_has_the_names_hashes_modes_and_links_of_what_was_backed_up() -> Result<()> {
    let mut scene = Scene::new().await?;
    let (data, archive) = (scene.made("data", "standard").await?, scene.made("archive", "standard").await?);
    let at = |path: &str| scene.stage.portal.at(path);
    let there = format!("{}/backup", data.page());
    let (page, back_up) = (at(&there), at(&there));
    let early = scene.alice.visit(&page).await?;
    says(&early.text, "Nothing is stored in it");
    let refused = scene.alice.post(&back_up, &[("to", &archive.id)]).await?;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{refused:?}");

    scene.run(&data.id, FILL).await?;
    let was = scene.run(&data.id, LOOK).await?;
    says(&was, "./new|line ");
    let asked = scene.alice.visit(&page).await?.text;
    for text in ["Back up now", &archive.name, "No backup of it is known", "cannot be backed up: write to a volume"] {
        says(&asked, text);
    }
    let deleting = scene.alice.visit(&scene.stage.portal.at(&format!("{}/delete", data.page()))).await?.text;
    says(&deleting, "none is known");
    for (to, sentence) in [("", "Choose the volume"), (data.id.as_str(), "would be lost with it"), ("nowhere1", "You have no volume")] {
        let refused = scene.alice.post(&back_up, &[("to", to)]).await?;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{to}");
        says(&refused.text, sentence);
    }
    let sent = [("to", archive.id.as_str()), ("key", "page-1")];
    let begun = scene.alice.post(&back_up, &sent).await?;
    assert_eq!(begun.location.as_deref(), Some(format!("{there}?done=begun").as_str()), "{begun:?}");
    scene.alice.post(&back_up, &sent).await?;
    let made: Vec<_> = scene.stage.alice.tasks()?.into_iter().filter(|task| task.purpose.is_some()).collect();
    let [task] = made.as_slice() else { panic!("sent twice, it is one: {made:?}") };
    let over = scene.over(task.id.as_str()).await?;
    assert_eq!(over.state, TaskState::Succeeded, "{}", scene.log(&over).await?);
    let known = KnownBackup::of(&over).context("it is a backup")?;
    let BackupState::Whole(Some(counted)) = known.state else { panic!("{known:?}") };
    assert_eq!(counted.files, 10, "{known:?}");
    let listed = scene.alice.visit(&page).await?.text;
    for text in [">Whole<", &format!("/volumes/restore?backup={}", task.id), "10 files"] {
        says(&listed, text);
    }
    let deleting = scene.alice.visit(&scene.stage.portal.at(&format!("{}/delete", data.page()))).await?.text;
    says(&deleting, &format!(", on <a href=\"{}\">{}</a>", archive.page(), archive.name));

    let restore = scene.stage.portal.at(&format!("/volumes/restore?backup={}", task.id));
    let form = scene.alice.visit(&restore).await?.text;
    says(&form, "Restore into a new volume");
    says(&form, &format!("value=\"{}-2\"", data.name));
    let fields = |name: &'static str, size: &'static str| [("name", name), ("size", size), ("unit", "Mi"), ("access", "ReadWriteOnce")];
    let small = scene.alice.post(&restore, &fields("again", "1")).await?;
    says(&small.text, "The files alone are");
    let mut taken = fields("again", "20");
    taken[0].1 = &archive.name;
    assert_eq!(scene.alice.post(&restore, &taken).await?.status, StatusCode::UNPROCESSABLE_ENTITY);
    let restored = scene.alice.post(&restore, &fields("again", "20")).await?;
    let to = restored.location.with_context(|| restored.text)?;
    let task_of = to.trim_start_matches("/tasks/").split('?').next().unwrap_or_default();
    let over = scene.over(task_of).await?;
    assert_eq!(over.state, TaskState::Succeeded, "{}", scene.log(&over).await?);
    assert!(matches!(over.purpose, Some(Purpose::Restore(of)) if of == task.id));
    assert_eq!(scene.run(&scene.id_of("again")?, LOOK).await?, was);

    let mut bob = Visitor::signed_in(&scene.stage.portal, "bob").await?;
    assert_eq!(bob.visit(&page).await?.status, StatusCode::NOT_FOUND);
    assert_eq!(bob.post(&back_up, &sent).await?.status, StatusCode::NOT_FOUND);
    assert_eq!(bob.visit(&restore).await?.status, StatusCode::NOT_FOUND);
    assert_eq!(bob.post(&restore, &fields("stolen", "20")).await?.status, StatusCode::NOT_FOUND);
    Ok(())
}

#[tokio::test]
async fn g2_14_a_damaged_backup_is_not_restored_and_what_is_damaged_is_named() -> Result<()> {
    let mut scene = Scene::new().await?;
    let (data, archive) = (scene.made("data", "standard").await?, scene.made("archive", "standard").await?);
    scene.run(&data.id, FILL).await?;
    let task = scene.back_up(&data, &archive.name).await?;
    assert_eq!(task.state, TaskState::Succeeded, "{}", scene.log(&task).await?);

    let cd = "cd /data/stowage-backups/*/*";
    let one_byte = format!("{cd}\ncp files.tar.gz /data/good\nprintf '\\377' | dd of=files.tar.gz bs=1 seek=5000 conv=notrunc");
    scene.run(&archive.id, &one_byte).await?;
    let failed = scene.restore(&task.id, "first").await?;
    assert_eq!(failed.state, TaskState::Failed);
    says(&scene.log(&failed).await?, "Damaged or gone:\nfiles.tar.gz");
    assert_eq!(scene.run(&scene.id_of("first")?, "find /data -mindepth 1").await?, "", "nothing of it is left");

    // A hash that is not the file's, in a backup that looks sound.
    let one_hash = format!(
        "{cd}\ncp /data/good files.tar.gz\nsed -i '/with space/s/^......../00000000/' files.sha256\n\
         sha256sum files.tar.gz files.sha256 files.modes folders.modes about.json > archive.sha256"
    );
    scene.run(&archive.id, &one_hash).await?;
    let failed = scene.restore(&task.id, "second").await?;
    assert_eq!(failed.state, TaskState::Failed);
    says(&scene.log(&failed).await?, "not as it was when it was backed up, so nothing was restored:\na folder/with space\n");
    assert_eq!(scene.run(&scene.id_of("second")?, "find /data -mindepth 1").await?, "");
    Ok(())
}

#[tokio::test]
async fn g2_14_a_backup_that_fails_leaves_nothing_that_looks_whole() -> Result<()> {
    let mut scene = Scene::new().await?;
    let (data, small) = (scene.made("data", "standard").await?, scene.made("small", "fast").await?);
    scene.run(&data.id, "head -c 40000000 /dev/urandom > /data/random").await?;
    let failed = scene.back_up(&data, &small.name).await?;
    assert_eq!(failed.state, TaskState::Failed);
    let log = scene.log(&failed).await?;
    says(&log, "The volume to back up to is full.");
    let left = scene.run(&small.id, "cd /data; find . -mindepth 1 | wc -l; find . -type f").await?;
    assert_eq!(left, "2\n", "the folder of its backups, and nothing in it");
    let page = scene.alice.visit(&scene.stage.portal.at(&format!("{}/backup", data.page()))).await?.text;
    says(&page, ">Failed<");
    assert!(!page.contains("/volumes/restore"), "{page}");
    let body = json!({"backup": failed.id, "name": "again"});
    let refused = scene.program.call(&scene.stage.portal, Method::POST, "/api/volumes/restore", &body).await?;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{refused:?}");
    Ok(())
}

#[tokio::test]
async fn g2_14_a_file_that_changes_while_it_is_read_fails_the_backup_and_is_named() -> Result<()> {
    let mut scene = Scene::new().await?;
    let (data, archive) = (scene.made("data", "standard").await?, scene.made("archive", "standard").await?);
    scene.run(&data.id, "head -c 60000000 /dev/zero > /data/large").await?;
    let volume = scene.stage.alice.volume(&data.id.parse()?)?.volume;
    let mount = Mount { path: "/data".parse()?, claim: volume.claim.parse().ok(), uid: Some(volume.uid), new: None, read_only: false };
    let writer = scene.stage.submit_with("writes", "while :; do echo x >> /data/growing; sleep 0.02; done", vec![mount], 600).await?;
    scene.stage.until(&writer, |task| task.state == TaskState::Running).await?;
    let failed = scene.back_up(&data, &archive.name).await?;
    assert_eq!(failed.state, TaskState::Failed);
    says(&scene.log(&failed).await?, "changed while it was read, so nothing was backed up. Let what writes to it end first:\ngrowing\n");
    Ok(())
}

#[tokio::test]
async fn g2_14_calls_back_up_once_for_each_key_and_others_volumes_are_not_there() -> Result<()> {
    let mut scene = Scene::new().await?;
    let (data, archive) = (scene.made("data", "standard").await?, scene.made("archive", "standard").await?);
    scene.run(&data.id, "echo one > /data/one").await?;
    let there = format!("/api{}/backup", data.page());
    let send = async |body: serde_json::Value| {
        scene.program.send(&scene.stage.portal, Method::POST, &there, |request| request.header("Idempotency-Key", "k").json(&body)).await
    };
    let first = send(json!({"to": archive.claim()})).await?;
    let again = send(json!({"to": archive.claim()})).await?;
    assert_eq!((first.status, again.status), (StatusCode::CREATED, StatusCode::OK), "{first:?} {again:?}");
    assert_eq!(read(&first)?["id"], read(&again)?["id"]);
    assert_eq!(send(json!({"to": archive.id})).await?.status, StatusCode::UNPROCESSABLE_ENTITY, "another call under the same key");

    let bob = Program::signed_in(&scene.stage.portal, "bob").await?;
    let theirs = bob.made(&scene.stage.portal, "theirs", json!({})).await?;
    let to_theirs = scene.program.call(&scene.stage.portal, Method::POST, &there, &json!({"to": theirs.id})).await?;
    let to_nobodys = scene.program.call(&scene.stage.portal, Method::POST, &there, &json!({"to": "zzzzzzzz"})).await?;
    let (of_theirs, of_nobodys) = (read(&to_theirs)?, read(&to_nobodys)?);
    let told = of_theirs["fields"]["to"].to_string().replace(&theirs.id, "zzzzzzzz");
    assert_eq!(told, of_nobodys["fields"]["to"].to_string(), "as absent as one that never was");
    assert_eq!(to_theirs.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(bob.call(&scene.stage.portal, Method::POST, &there, &json!({"to": theirs.id})).await?.status, StatusCode::NOT_FOUND);
    let task = scene.over(read(&first)?["id"].as_str().context("an id")?).await?;
    let steal = json!({"backup": task.id, "name": "stolen"});
    assert_eq!(bob.call(&scene.stage.portal, Method::POST, "/api/volumes/restore", &steal).await?.status, StatusCode::NOT_FOUND);
    Ok(())
}
