use super::*;
use crate::{
    quota::Limit,
    task::file::tests::{classes, limits, own, world},
    volume::{Trash, sample},
};

fn judged(more: &str) -> Preflight {
    world(|known| preflight(&format!("name: a\nrun: ls\n{more}\n"), known))
}

/// The sentences of one level.
fn said(verdict: &Preflight, level: Level) -> String {
    verdict.of(level).map(|line| line.sentence.clone()).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn says(more: &str, level: Level, words: &str) {
    let verdict = judged(more);
    assert!(said(&verdict, level).contains(words), "{more}: {:#?}", verdict.lines);
    assert_eq!(verdict.plan.is_none(), verdict.of(Level::Refusal).next().is_some());
}

#[track_caller]
fn silent(more: &str, level: Level) {
    let verdict = judged(more);
    assert_eq!(said(&verdict, level), "", "{more}");
}

#[test]
fn g0_32_to_34_each_line_says_which_claim_is_meant_and_how_it_was_found() {
    says("volumes: {/data: Train-Images}", Level::Ok, "/data: train-images (10Gi), resolved by name to PVC train-images-abcdefgh.");
    says("volumes: {/data: twin-2}", Level::Ok, "taken as PVC name twin-2.");
    let plan = judged("volumes: {/data: twin-2}").plan.unwrap();
    assert_eq!(plan.mounts[0].uid.as_deref(), Some("uid-of-Twin"), "the uid is kept, so that a successor is not mounted instead");
}

#[test]
fn g1_31_the_path_that_is_used_is_shown_where_the_file_names_none() {
    says("volumes: [train-images]", Level::Ok, "/volumes/train-images, where the volume says: train-images");
}

#[test]
fn g0_28_only_what_can_be_mounted_is_let_through() {
    says("volumes: {/data: fresh}", Level::Note, "waits for its first use");
    silent("volumes: {/data: fresh, /out: shared}", Level::Warning);
    says("volumes: {/data: lost}", Level::Refusal, "has lost its storage");
    says("volumes: {/data: leaving}", Level::Refusal, "is being deleted");
    let pending = Volume { status: crate::cause::tests::in_phase("Pending"), ..crate::volume::sample("slow") };
    let (limits, classes) = (limits(), classes());
    let verdict = preflight(
        "name: a\nrun: ls\nvolumes: {/data: slow}\n",
        &Known { own: &[pending], secrets: &[], classes: &classes, quota: None, limits: &limits },
    );
    assert!(said(&verdict, Level::Warning).contains("slow is not ready"), "{verdict:?}");
    assert!(verdict.plan.is_some());
}

#[test]
fn c4_078_several_nodes_need_a_volume_for_several_nodes() {
    says("num_nodes: 2\nvolumes: {/data: train-images}", Level::Refusal, "Use a volume with ReadWriteMany, or set num_nodes to 1.");
    says("num_nodes: 2\nvolumes: {/data: both}", Level::Refusal, "read_only: true");
    says("num_nodes: 2\nvolumes: {/data: {name: new, size: 1Gi}}", Level::Refusal, "");
    says("num_nodes: 2\nvolumes: {/data: {name: results, size: 1Gi}}", Level::Refusal, "results can be mounted by one node at a time");
    for fine in [
        "num_nodes: 2\nvolumes: {/data: shared}",
        "num_nodes: 2\nvolumes: {/data: dataset}",
        "num_nodes: 2\nvolumes: {/data: {name: both, read_only: true}}",
        "num_nodes: 2\nvolumes: {/data: {name: results, size: 1Gi, access: ReadWriteMany}}",
        "num_nodes: 1\nvolumes: {/data: train-images}",
    ] {
        silent(fine, Level::Refusal);
    }
    says("completions: 4\nvolumes: {/data: train-images}", Level::Warning, "runs that land on another node wait");
    says("completions: 4\nvolumes: {/data: alone}", Level::Refusal, "one pod at a time");
    silent("completions: 4\nparallelism: 1\nvolumes: {/data: alone}", Level::Refusal);
}

#[test]
fn what_is_held_elsewhere_says_by_whom_and_where() {
    says("volumes: {/data: held}", Level::Warning, "held is held on node node-1 by other");
}

#[test]
fn a_volume_for_reading_is_mounted_for_reading() {
    let plan = judged("volumes: {/data: dataset, /out: shared, /in: {name: train-images, read_only: true}}").plan.unwrap();
    assert_eq!(plan.mounts.iter().map(|mount| mount.read_only).collect::<Vec<_>>(), [true, false, true]);
}

#[test]
fn g1_20_a_volume_that_is_missing_is_made_in_the_same_step_and_one_that_is_there_is_used() {
    let plan = judged("volumes: {/r: {name: results, size: 5Gi}}").plan.unwrap();
    assert_eq!((plan.mounts[0].claim.as_ref(), plan.mounts[0].new.as_ref().unwrap().size.to_string().as_str()), (None, "5Gi"));
    let plan = judged("volumes: {/r: {name: train-images, size: 10Gi}}").plan.unwrap();
    assert!(plan.mounts[0].new.is_none() && plan.mounts[0].claim.is_some());
    says("volumes: {/r: {name: train-images, size: 10Gi}}", Level::Note, "is there already");
    says("volumes: {/r: {name: train-images, size: 20Gi}}", Level::Warning, "its size is 10Gi, not 20Gi");
    says("volumes: {/r: {name: x1, size: 1Gi}, /s: {name: X1, size: 1Gi}}", Level::Refusal, "would be made twice");
    says("volumes: {/r: {name: twin, size: 1Gi}}", Level::Refusal, "Several of your volumes");
}

#[test]
fn a_new_volume_beyond_the_quota_is_refused_with_what_is_left() {
    let (own, classes, limits) = (own(), classes(), limits());
    let quota = QuotaLeft::of([Limit { resource: "requests.storage".into(), hard: 2 << 30, used: 0 }]);
    let known = Known { own: &own, secrets: &[], classes: &classes, quota: quota.as_ref(), limits: &limits };
    let verdict = preflight("name: a\nrun: ls\nvolumes: {/r: {name: results, size: 5Gi}}\n", &known);
    assert!(said(&verdict, Level::Refusal).contains("leaves 2 Gi"), "{verdict:?}");
}

#[test]
fn what_is_more_than_a_task_may_have_is_refused_at_its_line() {
    for (more, words, line) in [
        ("num_nodes: 17", "num_nodes: 17 is more than a task may have here (16)", 3),
        ("completions: 20\nparallelism: 20", "parallelism: 20 is more", 4),
        ("resources:\n  cpus: 65", "cpus: 65 is more than a task may have here (64)", 4),
        ("resources:\n  memory: 1Ti", "memory: 1Ti is more than a task may have here (256Gi)", 4),
        ("time_limit: 25h", "time_limit: 25h is more than a task may have here (24h)", 3),
        ("resources:\n  image_id: 10.0.0.1/x", "is not allowed here", 4),
    ] {
        let verdict = judged(more);
        let refusal = verdict.of(Level::Refusal).next().unwrap();
        assert!(refusal.sentence.contains(words) && refusal.place.unwrap().line == line, "{refusal:?}");
    }
    let none = Limits { gpu_resource: None, ..limits() };
    let verdict = preflight(
        "name: a\nrun: ls\nresources: {accelerators: 1}\n",
        &Known { own: &[], secrets: &[], classes: &[], quota: None, limits: &none },
    );
    assert!(said(&verdict, Level::Refusal).contains("has no GPUs"), "{verdict:?}");
}

#[test]
fn g2_19_scratch_in_memory_counts_against_the_tasks_memory() {
    let scratch = |size: &str| format!("resources: {{memory: 4Gi}}\nscratch: {{/ram: {{size: {size}, medium: memory}}}}");
    says(&scratch("1Gi"), Level::Note, "3 Gi are left");
    says(&scratch("3Gi"), Level::Warning, "1 Gi are left");
    says(&scratch("4Gi"), Level::Refusal, "leaves nothing for the program");
    says("resources: {memory: 4Gi}\nscratch: {/a: {size: 2Gi, medium: memory}, /b: {size: 2Gi, medium: memory}}", Level::Refusal, "(4Gi)");
}

#[test]
fn g4_59_a_plain_secret_is_flagged_and_its_value_is_never_said() {
    for name in ["DB_PASSWORD", "HF_TOKEN", "API_KEY", "aws_secret_access_key", "SECRET", "APIKEY"] {
        let verdict = judged(&format!("envs: {{{name}: hunter2hunter2}}"));
        assert!(said(&verdict, Level::Warning).contains(&format!("{name} looks like a secret")), "{name}: {verdict:?}");
        assert!(verdict.lines.iter().all(|line| !line.sentence.contains("hunter2")), "{verdict:?}");
    }
    for name in ["TOKENIZERS_PARALLELISM", "POSTGRES_PASSWORD_FILE", "KEYBOARD", "MONKEY"] {
        assert!(!said(&judged(&format!("envs: {{{name}: x}}")), Level::Warning).contains("secret"), "{name}");
    }
    assert!(!said(&judged("envs: {TOKEN: \"\"}"), Level::Warning).contains("secret"));
    says("envs: {LD_PRELOAD: /x.so}", Level::Note, "LD_PRELOAD replaces");
}

#[test]
fn g4_16_what_would_be_lost_is_said_before_it_is() {
    says("", Level::Warning, "all results are lost at the end");
    says("scratch: {/scratch: 1Gi}", Level::Warning, "all results are lost at the end");
    says("volumes: {/data: dataset}", Level::Warning, "for reading only: all results are lost");
    silent("volumes: {/data: shared}", Level::Warning);
}

#[test]
fn a_refused_file_has_no_plan_and_every_sentence_that_can_be_known() {
    let verdict = judged("retries: 9\nservice: {}\nresources: {cpu: 1}");
    let found: Vec<_> = verdict.lines.iter().map(|line| (line.level, line.place.unwrap().line)).collect();
    assert_eq!(found, [(Level::Refusal, 3), (Level::Warning, 4), (Level::Refusal, 5)]);
    assert_eq!(verdict.plan, None);
}

#[test]
fn lines_are_in_the_order_of_the_file() {
    let verdict = judged("num_nodes: 2\nvolumes:\n  /a: shared\n  /b: nothing-of-mine\n");
    let places: Vec<_> = verdict.lines.iter().filter_map(|line| line.place).collect();
    assert!(places.is_sorted());
}

fn with_own(volume: Volume, more: &str) -> Preflight {
    let (limits, classes) = (limits(), classes());
    preflight(
        &format!("name: a\nrun: ls\n{more}\n"),
        &Known { own: &[volume], secrets: &[], classes: &classes, quota: None, limits: &limits },
    )
}

#[test]
fn g0_53_what_is_in_the_trash_is_not_mounted_and_says_until_when_it_is_there() {
    let thrown = Volume { trash: Some(Trash::Until(0)), ..sample("data") };
    let verdict = with_own(thrown.clone(), "volumes: {/data: data}");
    assert_eq!(said(&verdict, Level::Refusal), "data is in the trash until 1 Jan 1970, 00:00:00 UTC. Restore it first.");
    assert!(verdict.plan.is_none());
    let near = with_own(thrown, "volumes: {/data: dat}");
    assert!(!said(&near, Level::Refusal).contains("data,"), "what is in the trash is not suggested: {near:?}");
}

#[test]
fn g0_62_what_is_published_is_mounted_for_reading_and_a_task_that_insists_on_writing_is_refused() {
    let published = || Volume { read_only: true, ..sample("data") };
    let verdict = with_own(published(), "volumes: {/data: data}");
    assert!(said(&verdict, Level::Ok).contains(", for reading only, because you published it so."), "{verdict:?}");
    assert!(verdict.plan.unwrap().mounts[0].read_only);
    let insists = with_own(published(), "volumes: {/data: {name: data, read_only: false}}");
    assert!(said(&insists, Level::Refusal).contains("data is published as read-only, and this asks to write to it"), "{insists:?}");
    let place = insists.of(Level::Refusal).next().and_then(|line| line.place).unwrap();
    assert_eq!(place.line, 3);
    let plain = with_own(sample("data"), "volumes: {/data: {name: data, read_only: false}}");
    assert!(!plain.plan.unwrap().mounts[0].read_only, "what is not published is written to");
}

/// 4.43
#[test]
fn g4_43_a_shared_file_system_comes_with_a_word_about_many_small_files() {
    says("volumes: {/out: {name: fresh-one, size: 1Gi, access: ReadWriteMany}}", Level::Note, "slow with very many small files");
    let verdict = judged("volumes: {/data: train-images}");
    assert!(!said(&verdict, Level::Note).contains("small files"), "{verdict:?}");
}

/// 0.47, 4.29
#[test]
fn g0_47_and_4_29_each_pod_is_told_where_it_finds_its_number() {
    says("num_nodes: 2\nvolumes: {/data: shared}", Level::Note, "its number in NODE_RANK, from 0 to 1");
    says("completions: 4\nvolumes: {/data: shared}", Level::Note, "its number in JOB_COMPLETION_INDEX, from 0 to 3");
}

/// 2.08
#[test]
fn g2_08_a_volume_that_names_no_place_is_mounted_below_volumes() {
    let plan = judged("volumes: [{name: fresh-one, size: 1Gi}]").plan.unwrap();
    assert_eq!(plan.mounts[0].path.as_str(), "/volumes/fresh-one");
}

#[test]
fn g2_42_attached_files_are_said_and_their_folder_is_nobody_elses() {
    let files = || Attachments::of([("a.py".to_owned(), vec![1; 3])]).unwrap();
    let said = |more: &str, files: Attachments| {
        let verdict = world(|known| preflight(&format!("name: a\n{more}\n"), known)).with(files);
        let last = verdict.lines.last().cloned().unwrap();
        (last.level, last.sentence, verdict.plan.map(|plan| plan.attached.len()))
    };
    let (level, sentence, carried) = said("run: ls", files());
    assert_eq!((level, sentence.as_str(), carried), (Level::Note, "Attached: 1 file, 3 bytes, in /task/files, for reading.", Some(1)));
    for taken in ["volumes: {/task/files: shared}", "volumes: {/task/files/a: shared}", "scratch: {/task/files: 1Gi}"] {
        let (level, sentence, carried) = said(&format!("run: ls\n{taken}"), files());
        assert!(
            level == Level::Refusal && sentence.contains("is where the attached files are") && carried.is_none(),
            "{taken}: {sentence}"
        );
        assert_eq!(said(&format!("run: ls\n{taken}"), Attachments::default()).2, Some(0), "free without files");
    }
    assert_eq!(said("run: ls\nvolumes: {/task/filesystem: shared}", files()).2, Some(1));
    let (level, sentence, _) = said("run: python /task/files/a.py", Attachments::default());
    assert!(level == Level::Warning && sentence.contains("no file is attached"), "{sentence}");
}

#[test]
fn g2_82_a_variable_comes_from_a_secret_of_ones_own_and_a_slip_is_told_with_what_was_meant() {
    says("secrets:\n  TOKEN: hugging-face/TOKEN", Level::Ok, "TOKEN: from your Secret hugging-face, key TOKEN.");
    let plan = judged("secrets: {A: s3/ID, B: s3/KEY}").plan.unwrap();
    assert_eq!(plan.spec.secrets.iter().map(ToString::to_string).collect::<Vec<_>>(), ["s3/ID", "s3/KEY"]);
    for (more, words) in [
        ("secrets: {A: s4/ID}", "You have no Secret named s4. Did you mean s3? If not, put it in at /secrets/new."),
        ("secrets: {A: bobs-key/ID}", "You have no Secret named bobs-key. Put it in at /secrets/new, or leave the line out."),
        ("secrets: {A: s3/KEI}", "Your Secret s3 has no key KEI. Did you mean KEY?"),
        ("secrets: {A: hugging-face/PASSWORD}", "has no key PASSWORD. It has: TOKEN."),
        ("envs: {A: x}\nsecrets: {A: s3/ID}", "secrets: A stands in envs too. Keep one of both."),
        ("secrets: {NODE_RANK: s3/ID}", "NODE_RANK is set by the portal"),
        ("secrets: {1A: s3/ID}", "is no name of a variable"),
        ("secrets: [s3/ID]", "for example TOKEN: hugging-face/TOKEN"),
    ] {
        says(more, Level::Refusal, words);
    }
    let place = judged("secrets:\n  A: s4/ID").lines[0].place.unwrap();
    assert_eq!((place.line, place.column), (4, 6), "where the Secret is named");
}

#[test]
fn g4_59_what_stands_in_the_place_of_a_secrets_name_is_never_repeated() {
    for value in ["hunter2", "wJalrXUtnFEMI/K7MDENG/hunter2", "hunter2/", "/hunter2", "Hunter2/a", "a/b/hunter2", "[hunter2]"] {
        let verdict = judged(&format!("secrets: {{A: {value}}}"));
        assert!(verdict.plan.is_none() && said(&verdict, Level::Refusal).contains("/secrets/new"), "{value}: {verdict:?}");
        assert!(!format!("{verdict:?}").contains("unter2"), "{value}");
    }
}
