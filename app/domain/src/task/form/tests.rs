use super::*;
use crate::task::file::{
    read,
    tests::{classes, limits},
};
use proptest::prelude::*;

fn spec(file: &str) -> TaskSpec {
    read(file, &limits(), &classes()).map_err(|refused| format!("{file}\n{refused:?}")).unwrap().spec
}

#[test]
fn every_sample_that_is_a_task_says_the_same_as_fields_and_as_a_file_again() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/task/samples");
    let mut tasks = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let Ok(file) = read(&text, &limits(), &classes()) else { continue };
        assert_eq!(spec(&TaskForm::of(&file.spec).file()), file.spec, "{text}");
        tasks += 1;
    }
    assert!(tasks > 25);
}

#[test]
fn fields_write_the_file_that_a_person_would() {
    let form = TaskForm {
        name: "train".into(),
        cpus: "4".into(),
        image_id: "python:3.12-slim".into(),
        volumes: vec![
            VolumeRow { path: "/data".into(), name: "images".into(), ..VolumeRow::default() },
            VolumeRow { path: "/out".into(), name: "results".into(), size: "5Gi".into(), ..VolumeRow::default() },
        ],
        envs: "EPOCHS=10\nWORDS=a b\n".into(),
        run: "python train.py\n".into(),
        ..TaskForm::default()
    };
    let file = "name: train\nresources:\n  cpus: 4\n  image_id: python:3.12-slim\nvolumes:\n  /data: images\n  /out: {name: results, size: 5Gi}\n\
                envs:\n  EPOCHS: \"10\"\n  WORDS: \"a b\"\nrun: |\n  python train.py\n";
    assert_eq!(form.file(), file);
}

/// 4.14
#[test]
fn g4_14_scratch_in_memory_is_used_as_shared_memory_whatever_path_was_typed() {
    let row = |path: &str, medium: &str| ScratchRow { path: path.into(), size: "1Gi".into(), medium: medium.into() };
    let form =
        TaskForm { name: "a".into(), run: "ls".into(), scratch: vec![row("/ram", "memory"), row("/typed", "shm")], ..TaskForm::default() };
    assert!(
        form.file().contains("scratch:\n  /ram: {size: 1Gi, medium: memory}\n  /dev/shm: {size: 1Gi, medium: memory}\n"),
        "{}",
        form.file()
    );
    let again = TaskForm::of(&spec(&form.file()));
    assert_eq!(again.scratch, [row("/ram", "memory"), row("/dev/shm", "shm")]);
}

#[test]
fn what_is_typed_into_a_field_stays_in_its_field() {
    let evil = "x\nrun: evil\nenvs: {A: b}";
    for form in [
        TaskForm { name: evil.into(), run: "ls".into(), ..TaskForm::default() },
        TaskForm { name: "a".into(), run: "ls".into(), cpus: evil.into(), ..TaskForm::default() },
        TaskForm { name: "a".into(), run: "ls".into(), num_nodes: "4, x: y".into(), ..TaskForm::default() },
        TaskForm { name: "a".into(), run: "ls".into(), envs: "A: b\nC=1".into(), ..TaskForm::default() },
    ] {
        assert!(read(&form.file(), &limits(), &classes()).is_err(), "{}", form.file());
    }
    let row = VolumeRow { path: "/data".into(), name: "a, read_only: true".into(), ..VolumeRow::default() };
    let form = TaskForm { name: "a".into(), run: "ls".into(), volumes: vec![row], ..TaskForm::default() };
    assert!(read(&form.file(), &limits(), &classes()).is_err());
}

#[test]
fn pairs_of_a_page_are_fields_and_nothing_else_is() {
    let pairs =
        [("name", "a"), ("volume0_path", "/a"), ("volume0_name", "x"), ("volume2_name", "y"), ("scratch1_size", "1Gi"), ("run", "a\r\nb")];
    let form = TaskForm::from_pairs(pairs.map(|(key, value)| (key.to_owned(), value.to_owned()))).unwrap();
    assert_eq!((form.volumes.len(), form.scratch.len(), form.run.as_str()), (2, 1, "a\nb"));
    for odd in ["podSpec", "volume0_hostPath", "volume99_name", "volume_name", "scratchx_size", ""] {
        assert_eq!(TaskForm::from_pairs([(odd.to_owned(), "x".to_owned())]), Err(odd.to_owned()));
    }
}

#[test]
fn a_row_that_was_emptied_asks_for_nothing_whatever_is_chosen_in_it() {
    let left = [("volume0_class", "fast"), ("volume0_access", "ReadWriteOnce"), ("volume0_read_only", "true"), ("volume0_path", " ")];
    let form = TaskForm::from_pairs(left.into_iter().chain([("scratch0_medium", "memory")]).map(|(key, value)| (key.into(), value.into())));
    assert_eq!(form, Ok(TaskForm::default()));
}

proptest! {
    #[test]
    fn scripts_and_values_come_back_as_they_were(run in "[ -~\n\té]{0,60}", value in "[ -~\né\u{2028}]{0,30}") {
        let mut spec = spec("name: a\nrun: ls\nenvs: {A: x}\n");
        if !run.trim().is_empty() {
            spec.run = run;
        }
        spec.envs[0].1 = value;
        let form = TaskForm::of(&spec);
        let again = read(&form.file(), &limits(), &classes());
        prop_assert_eq!(again.map(|file| file.spec), Ok(spec), "{}", form.file());
    }
}
