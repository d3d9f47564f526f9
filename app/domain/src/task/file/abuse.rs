//! What is refused, by the numbers of the list of abuse?

use super::tests::{reads, refused};
use std::time::{Duration, Instant};

const LEAST: &str = "name: a\nrun: ls\n";

fn with(more: &str) -> String {
    format!("{LEAST}{more}\n")
}

fn in_resources(more: &str) -> String {
    with(&format!("resources:\n  {more}"))
}

/// Each is refused, at a line that the file has.
#[track_caller]
fn all_refused<T: AsRef<str>>(files: impl IntoIterator<Item = T>) {
    for file in files {
        let file = file.as_ref();
        let errors = refused(file);
        for error in &errors {
            let lines = file.matches('\n').count() + 1;
            assert!((1..=lines).contains(&error.place.line) && error.place.column > 0, "{file:.80}: {error:?}");
            assert!(error.sentence.ends_with(['.', '?']), "{file:.80}: {error:?}");
        }
    }
}

#[test]
fn c4_066_what_a_task_file_does_not_have_is_named_with_its_place() {
    for field in [
        "hostPath",
        "securityContext",
        "serviceAccountName",
        "podSpec",
        "config",
        "nodeSelector",
        "tolerations",
        "apiVersion",
        "experimental",
    ] {
        let errors = refused(&with(&format!("{field}: x")));
        assert_eq!((errors.len(), errors[0].place.line, errors[0].place.column), (1, 3, 1), "{field}");
        assert!(errors[0].sentence.contains(field), "{errors:?}");
    }
    all_refused(["apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: []}\n"]);
    all_refused(["hostPath: /", "nodeSelector: {a: b}"].map(in_resources));
}

#[test]
fn c4_067_tricks_with_keys_are_seen() {
    for (file, meant) in [("name: a\nRun: ls\n", "Did you mean “run”"), ("name: a\n\"run\\u200b\": ls\n", "run[U+200B]")] {
        assert!(refused(file).iter().any(|error| error.place.line == 2 && error.sentence.contains(meant)), "{:?}", refused(file));
    }
    all_refused(["name: a\nrun : ls\n", "name: a\n? run\n: ls\n", "name: a\nrun: ls\nrun: rm\n", "name: a\nrun: ls\n\"run\": rm\n"]);
    all_refused(["name: a\nrun: ls\n<<: {retries: 3}\n", "name: a\nrun: ls\n[a]: b\n", "name: a\nrun: ls\nenvs: {? {a: b} : c}\n"]);
    assert!(refused("name: a\nrun: ls\n<<: {retries: 3}\n")[0].sentence.starts_with("Merge keys"));
    assert!(refused("name: a\nrun: ls\n run: rm\n").iter().all(|error| error.place.line == 3 || error.place.line == 2));
}

#[test]
fn c4_068_bombs_are_refused_at_once() {
    let mut aliases = "a0: &a0 x\n".to_owned();
    for level in 1..=9 {
        aliases += &format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 9].join(","));
    }
    let deep_block: String = (0..20).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    let bombs = [
        aliases,
        "[".repeat(60_000),
        "[".repeat(100_000),
        "{a: ".repeat(15_000),
        "- ".repeat(30_000),
        "--- {}\n".repeat(1025),
        format!("name: {}\n", "a".repeat(3 << 20)),
        "a: &a [*a]\n".to_owned(),
        "a: *a\n".to_owned(),
        deep_block,
        "%YAML 1.2\n---\nname: a\n".to_owned(),
        "name: a\n".repeat(8000),
    ];
    for bomb in &bombs {
        let begun = Instant::now();
        all_refused([bomb]);
        assert!(begun.elapsed() < Duration::from_secs(1), "{bomb:.40}: {:?}", begun.elapsed());
    }
}

#[test]
fn c4_069_nothing_is_fetched_made_or_filled_in() {
    all_refused(
        ["!include /etc/hostname", "!!python/object/apply:os.system [id]", "!!binary aGk=", "!!str x", "! x", "&a x", "!<tag:x> y"]
            .map(|value| with(&format!("envs:\n  A: {value}"))),
    );
    for literal in ["${STOWAGE_SESSION_KEY}", "{{ .Env }}", "$(id)", "`id`", "!include /etc/hostname"] {
        let spec = reads(&with(&format!("envs:\n  A: '{literal}'"))).unwrap().spec;
        assert_eq!(spec.envs[0].1, literal);
    }
}

#[test]
fn c4_070_the_folder_is_an_absolute_clean_path() {
    let long = format!("/{}", "a".repeat(5000));
    all_refused(
        ["../..", "data", ".", "", "$(id)", "/", "/etc", "/a/", "/a//b", "/a/./b", "\"/a\\nb\"", "[/a]", &long]
            .map(|path| with(&format!("workdir: {path}"))),
    );
    // A path may hold what a shell reads, since no shell reads it.
    assert_eq!(reads(&with("workdir: /data; curl evil")).unwrap().spec.workdir.unwrap().as_str(), "/data; curl evil");
}

#[test]
fn c4_071_variables_have_names_and_values_that_a_process_can_have() {
    all_refused(
        ["A=B: x", "A B: x", "\"\": x", "1A: x", "Ä: x", "A: \"\\0\"", "A:", "A: ~", "A: [x]", "NODE_RANK: 1", "KUBERNETES_PORT: x"]
            .map(|line| with(&format!("envs:\n  {line}"))),
    );
    let many: String = (0..300).map(|n| format!("  A{n}: x\n")).collect();
    all_refused([
        with(&format!("envs:\n{many}")),
        with(&format!("envs:\n  A: {}", "x".repeat(1 << 20))),
        with("envs: [A]"),
        with("envs: A=B"),
    ]);
    assert!(reads(&with("envs: {LD_PRELOAD: /x.so, PATH: /bin}")).is_ok());
}

#[test]
fn c4_073_nodes_are_a_plain_whole_number() {
    all_refused(
        [
            "0",
            "-1",
            "1.5",
            "\"4\"",
            "'4'",
            "1e9",
            "0o17",
            "017",
            "0x4",
            "0b1",
            "+4",
            "1_000",
            "65",
            "four",
            "",
            "[4]",
            "{a: 4}",
            "~",
            ".inf",
            "4 # \n  5",
        ]
        .map(|number| with(&format!("num_nodes: {number}"))),
    );
    assert_eq!(reads(&with("num_nodes: 4 # of them")).unwrap().spec.nodes, 4);
}

#[test]
fn c4_074_resources_are_numbers_that_a_node_can_have() {
    let bad = [
        "cpus: -1",
        "cpus: 1e30",
        "cpus: 100000",
        "cpus: 0",
        "cpus: 0.0001",
        "cpus: 4+",
        "cpus: .5",
        "cpus: 0m",
        "cpus: NaN",
        "cpus: 0x4",
        "cpus: '4 '",
        "memory: -1",
        "memory: 1e30",
        "memory: 100000",
        "memory: 0",
        "memory: 1Zi",
        "memory: 16",
        "memory: 1 Gi",
        "memory: 7Ei",
        "memory:",
        "accelerators: 'V100:-1'",
        "accelerators: 'V100:1:2'",
        "accelerators: ':1'",
        "accelerators: '8 '",
        "accelerators: nvidia.com/gpu=1",
        "accelerators: 1e3",
        "accelerators: 65",
        "accelerators: {V100: 1}",
        "accelerators: V100:0",
        "gpu_type: NVIDIA-A10",
        "disk: 1Zi",
        "requests: {cpus: 2}",
        "requests: {memory: 2Gi}",
        "requests: {cpus: 0}",
        "requests: 4",
        "requests: {disk: 1Gi}",
    ];
    all_refused(bad.map(in_resources));
    assert!(refused(&in_resources("cpus: 100000"))[0].sentence.contains("from 0.001 to 1024"));
    for good in ["cpus: 0.5", "cpus: 500m", "cpus: '4'", "memory: 1.5Gi", "accelerators: 0", "accelerators: A100", "accelerators: A100:8"] {
        assert!(reads(&in_resources(good)).is_ok(), "{good}");
    }
}

#[test]
fn c4_075_mounts_have_places_of_their_own_outside_the_system() {
    let bad = [
        "data",
        "/",
        "/proc",
        "/dev/shm",
        "/dev/shm/../../",
        "/var/run/secrets/kubernetes.io",
        "/etc",
        "/a:b",
        "\"/a\\nb\"",
        "/a/",
        "//a",
        "\"/a\\u202eb\"",
    ];
    all_refused(bad.map(|path| with(&format!("volumes:\n  {path}: x"))));
    all_refused(bad.map(|path| with(&format!("scratch:\n  {path}: 1Gi"))));
    all_refused([
        with("volumes:\n  /a: x\n  /a: y"),
        with("volumes:\n  /a: x\nscratch:\n  /a: 1Gi"),
        with("volumes:\n  - {name: x, path: /a}\n  - {name: y, path: /a}"),
        with("volumes:\n  /a: {name: x, path: /b}"),
        with("volumes: x"),
        with("scratch: [/a]"),
        with("scratch:\n  /a: {size: 1Gi, medium: tape}"),
        with("scratch:\n  /a: {medium: memory}"),
        with("scratch:\n  /dev/shm: {size: 1Gi, medium: disk}"),
    ]);
    let spec = reads(&with("volumes:\n  /a: x\n  /a/b: y")).unwrap().spec;
    assert_eq!(spec.volumes.iter().map(|want| want.path.as_ref().unwrap().as_str()).collect::<Vec<_>>(), ["/a", "/a/b"]);
    let shared = reads(&with("scratch:\n  /dev/shm: {size: 1Gi, medium: memory}")).unwrap().spec;
    assert_eq!(shared.scratch[0].path.as_str(), "/dev/shm");
}

#[test]
fn c4_076_names_leave_room_for_the_names_of_pods() {
    let long = "a".repeat(41);
    all_refused(
        [long.as_str(), &"a".repeat(63), "1a", "a b", "a/b", "\"a\\u202e\"", "'<img src=x>'", "''", "~", "new", "[a]"]
            .map(|name| format!("name: {name}\nrun: ls\n")),
    );
    assert!(refused("name: my task\nrun: ls\n")[0].sentence.ends_with("Try my-task."));
    assert!(reads(&format!("name: {}\nrun: ls\n", "a".repeat(40))).is_ok());
}

#[test]
fn c4_077_what_is_run_is_text_and_there_is_some() {
    all_refused(
        ["\"\"", "\"   \"", "", "~", "|\n", "\"a\\0b\"", "[ls]", "{a: b}", "\"\\e[0m\""].map(|run| format!("name: a\nrun: {run}\n")),
    );
    all_refused([format!("name: a\nrun: {}\n", "x".repeat(2 << 20)), "name: a\nrun: l\0s\n".to_owned(), "name: a\nrun: a\rb\n".to_owned()]);
    assert_eq!(reads("name: a\r\nrun: |\r\n  ls\r\n  id\r\n").unwrap().spec.run, "ls\nid\n");
    assert_eq!(reads("\u{feff}name: a\nrun: ls\n").unwrap().spec.run, "ls");
    for (bytes, line) in [(&b"name: a\nrun: \xff\n"[..], 2), (b"\xff\xfen\0a\0", 1), (b"\xfe\xff\0n", 1)] {
        assert_eq!(super::text(bytes).unwrap_err().place.line, line);
    }
}

#[test]
fn c4_079_an_image_is_a_reference() {
    let long = "a".repeat(500);
    all_refused(
        ["../x", "http://x/y", "x:y:z", "'a b'", &long, "Team/image", "x@sha256:short", "", "[a]"]
            .map(|image| in_resources(&format!("image_id: {image}"))),
    );
    assert!(reads(&in_resources(&format!("image_id: a/b:1@sha256:{}", "a".repeat(64)))).is_ok());
}

#[test]
fn runs_and_times_are_within_bounds() {
    all_refused(
        [
            "completions: 0",
            "completions: 1001",
            "completions: 2\nnum_nodes: 2",
            "completions: 2\nparallelism: 3",
            "parallelism: 2",
            "retries: 4",
            "retries: -1",
            "time_limit: 3000000",
            "time_limit: 0s",
            "time_limit: 31d",
            "time_limit: 1m1h",
            "time_limit: 1h1h",
            "time_limit: h",
            "time_limit: 1.5h",
            "time_limit: 999999999d",
            "keep: 1y",
            "keep: ''",
        ]
        .map(with),
    );
    assert_eq!(reads(&with("time_limit: 1d2h3m4s\nkeep: 0s")).unwrap().spec.time_limit, 93_784);
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "(\\PC|\n|[ :\\-{}\\[\\]&*!|>'\"#%,]){0,200}") {
        let _ = reads(&text);
        let _ = reads(&format!("name: a\nrun: ls\n{text}"));
    }
}
