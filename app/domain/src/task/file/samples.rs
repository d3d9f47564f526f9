//! Forty files as people write them, each with its verdict: what is said, how loudly, and on which line.

use crate::task::{
    file::tests::world,
    preflight::{Level, Preflight, preflight},
};
use std::{collections::BTreeSet, fs, path::PathBuf};

/// A file, and its refusals and warnings: `R4` is a refusal on line 4, `W` a warning about the whole.
const VERDICTS: [(&str, &str); 48] = [
    ("01_one_volume", ""),
    ("02_train_with_checkpoints", ""),
    ("03_several_nodes", ""),
    ("04_list_of_names", ""),
    ("05_new_volume", ""),
    ("06_scratch", ""),
    ("07_memory_scratch", ""),
    ("08_sweep", ""),
    ("09_every_field", ""),
    ("10_json", ""),
    ("11_lines_of_windows", ""),
    ("12_byte_order_mark", ""),
    ("13_read_by_many", ""),
    ("14_name_of_a_claim", ""),
    ("15_other_case", ""),
    ("16_waits_for_first_use", ""),
    ("17_guide_0", ""),
    ("18_from_secrets", ""),
    ("20_fields_of_the_family", "W4 W5 W6 W8 W10"),
    ("21_nothing_kept", "W"),
    ("22_nothing_written", "W"),
    ("23_plain_secret", "W3"),
    ("24_held_elsewhere", "W3"),
    ("25_decimal_units", "W3"),
    ("26_repository_as_folder", "W2"),
    ("27_runs_on_one_node", "W5"),
    ("28_there_already_and_larger", "W3"),
    ("29_scratch_beyond_disk", "W7"),
    ("40_misspelled_fields", "R2 R3 R6"),
    ("41_kubernetes_object", "R1 R1 R1 R2 R3 R5"),
    ("42_twice", "R3"),
    ("43_alias", "R3"),
    ("44_tag", "R3"),
    ("45_two_documents", "R3"),
    ("46_tabs", "R3"),
    ("47_numbers_in_disguise", "R2 R3 R4 R6 R7"),
    ("48_paths", "R3 R4 R5 R8"),
    ("49_several_nodes_and_one_node_volume", "R4"),
    ("50_nearly_its_name", "R3"),
    ("51_somebody_elses", "R3"),
    ("52_lost_and_leaving", "R3 R4"),
    ("53_two_of_one_name", "R3"),
    ("54_image_of_elsewhere", "R3"),
    ("55_everything_wrong", "R1 R2 R4 R5 R6 R7 R9 R10 R11 W12 R13"),
    ("56_default_paths_meet", "R5"),
    ("57_memory_all_taken", "R7"),
    ("58_another_namespace", "R3"),
    ("59_secrets_that_are_not_there", "R9 R10 R11"),
];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/task/samples")
}

fn told(verdict: &Preflight) -> String {
    let lines = verdict.lines.iter().filter_map(|line| {
        let letter = match line.level {
            Level::Refusal => "R",
            Level::Warning => "W",
            Level::Note | Level::Ok => return None,
        };
        Some(format!("{letter}{}", line.place.map(|place| place.line.to_string()).unwrap_or_default()))
    });
    lines.collect::<Vec<_>>().join(" ")
}

#[test]
fn forty_sample_files_have_their_verdicts() {
    let mut wrong = Vec::new();
    for (name, expected) in VERDICTS {
        let text = fs::read_to_string(folder().join(format!("{name}.yaml"))).unwrap();
        let verdict = world(|known| preflight(&text, known));
        if told(&verdict) != expected || verdict.plan.is_none() != expected.contains('R') {
            wrong.push(format!("(\"{name}\", \"{}\"), // {:?}", told(&verdict), verdict.lines));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_sample_file_is_in_the_table() {
    let files: BTreeSet<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_str().unwrap().trim_end_matches(".yaml").to_owned())
        .collect();
    assert_eq!(files, VERDICTS.iter().map(|(name, _)| (*name).to_owned()).collect());
}
