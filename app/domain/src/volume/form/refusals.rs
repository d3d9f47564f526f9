//! What is refused when a volume is asked for?

use super::{
    tests::{classes, good},
    *,
};

#[test]
fn c3_056_sizes_are_refused_with_the_grammar_or_read_exactly() {
    let check = |size: &str| {
        let form = VolumeForm { size: size.into(), unit: String::new(), ..good() };
        form.check(&classes()).map(|spec| spec.size.to_string()).map_err(|errors| errors.get("size").unwrap_or_default().to_owned())
    };
    let long = "9".repeat(400);
    let bad = [
        "",
        "0",
        "-1Gi",
        "1m",
        "0.5",
        "1e3",
        "1E",
        "9999999Ei",
        "10 Gi",
        " 10Gi",
        "１０Gi",
        "10gi",
        "0x10",
        "NaN",
        "1.0000000001Gi",
        "null",
        &long,
    ];
    for size in bad {
        assert!(check(size).unwrap_err().ends_with('.'), "{size}");
    }
    for (size, canonical) in [("1.5Gi", "1536Mi"), ("1073741824", "1Gi"), ("10GB", "10Gi")] {
        assert_eq!(check(size).as_deref(), Ok(canonical), "{size}");
    }
}

#[test]
fn c3_057_names_are_refused_with_a_good_one_where_there_is_one() {
    let long = "a".repeat(64);
    for (name, suggestion) in [
        ("", ""),
        ("-a", "Try a."),
        ("a-", "Try a."),
        ("a.b", "Try a-b."),
        ("my data", "Try my-data."),
        (long.as_str(), "Try aaa"),
        ("new", ""),
        ("create", ""),
        ("xn--a", "Try xn-a."),
        ("😀", ""),
        ("a\u{202e}", "Try a."),
        ("<img src=x onerror=1>", "Try img-src-x-onerror-1."),
        ("'; rm -rf /", "Try rm-rf."),
    ] {
        let form = VolumeForm { name: name.into(), ..good() };
        let errors = form.check(&classes()).unwrap_err();
        assert!(errors.get("name").is_some_and(|sentence| sentence.contains(suggestion)), "{name}: {errors:?}");
    }
    for name in ["A", "a_b"] {
        assert!(VolumeForm { name: name.into(), ..good() }.check(&classes()).is_ok(), "{name}");
    }
}

#[test]
fn c3_062_a_class_that_is_not_offered_is_no_class() {
    for class in ["ultra", "../x", "\"\"", "Standard", "standard "] {
        let errors = VolumeForm { class: class.into(), ..good() }.check(&classes()).unwrap_err();
        assert_eq!(errors.get("class"), Some("There is no class of this name. The cluster has standard, gp3."), "{class}");
    }
}
