use super::*;
use domain::access::AccessMode;

fn layers() -> Layers {
    let mut layers = Layers::default();
    layers.flags([
        ("oidc.issuer", "https://id.example".to_owned()),
        ("oidc.client_id", "stowage".to_owned()),
        ("oidc.client_secret", "s3cret".to_owned()),
    ]);
    layers
}

fn refused(layers: &Layers) -> String {
    Config::try_from(layers).unwrap_err().to_string()
}

fn env(pairs: &[(&str, &str)]) -> impl Iterator<Item = (String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>().into_iter()
}

#[test]
fn defaults_need_only_the_provider() {
    let config = Config::try_from(&layers()).unwrap();
    assert_eq!(config.listen.address.to_string(), "127.0.0.1:3000");
    assert_eq!(config.public_url.origin(), "http://127.0.0.1:3000");
    assert_eq!(config.oidc.scopes, ["openid", "profile", "email"]);
    assert_eq!(config.session.idle, Duration::from_secs(1800));
    assert_eq!(config.session.absolute, Duration::from_secs(8 * 3600));
    assert_eq!(config.kubernetes.namespace, "stowage-work");
    assert_eq!(config.tokens, SignInCounts::days(30, 180));
}

#[test]
fn what_is_missing_is_named_all_at_once() {
    let sentences = refused(&Layers::default());
    for key in ["oidc.issuer", "oidc.client_id", "oidc.client_secret"] {
        assert!(sentences.contains(&format!("{key} (default) must be set")), "{sentences}");
    }
}

#[test]
fn the_environment_is_above_the_file_and_flags_are_above_both() {
    let mut layers = layers();
    layers
        .toml(
            "[site]\nname = 'file'\n[session]\nidle_minutes = 5\nabsolute_hours = 4\n[oidc]\nscopes = ['openid', 'groups']",
            "stowage.toml",
        )
        .environment(env(&[("STOWAGE_SESSION__IDLE_MINUTES", "6"), ("STOWAGE_SESSION__ABSOLUTE_HOURS", "5"), ("PATH", "/bin")]))
        .flags([("session.absolute_hours", "6".to_owned())]);
    let config = Config::try_from(&layers).unwrap();
    assert_eq!(config.site.name, "file");
    assert_eq!(config.oidc.scopes, ["openid", "groups"]);
    assert_eq!(config.session.idle, Duration::from_secs(6 * 60));
    assert_eq!(config.session.absolute, Duration::from_secs(6 * 3600));
}

#[test]
fn an_unknown_key_is_refused_with_the_name_that_was_meant() {
    let mut layers = layers();
    layers
        .toml("[oidc]\nclientid = 'x'\n[nonsense]\nquux = 1", "stowage.toml")
        .environment(env(&[("STOWAGE_SESSION__IDLE_MINUTE", "5"), ("STOWAGE_CONFIG", "x")]));
    let sentences = refused(&layers);
    assert!(sentences.contains("oidc.clientid (stowage.toml) is not a setting; did you mean oidc.client_id?"), "{sentences}");
    assert!(sentences.contains("did you mean STOWAGE_SESSION__IDLE_MINUTES?"), "{sentences}");
    assert!(sentences.contains("nonsense.quux (stowage.toml) is not a setting; `stowage config keys`"), "{sentences}");
    assert!(!sentences.contains("STOWAGE_CONFIG"), "{sentences}");
}

#[test]
fn a_secret_can_come_from_a_file_and_is_not_shown() {
    let path = std::env::temp_dir().join(format!("stowage-secret-{}", std::process::id()));
    std::fs::write(&path, "from-a-file\n").unwrap();
    let mut layers = layers();
    layers.environment(env(&[("STOWAGE_OIDC__CLIENT_SECRET_FILE", path.to_str().unwrap())]));
    let config = Config::try_from(&layers).unwrap();
    std::fs::remove_file(path).unwrap();
    assert_eq!(config.oidc.client_secret.reveal(), "from-a-file");
    assert!(!format!("{config:?}").contains("from-a-file"));
    assert!(layers.print(true).contains("client_secret = \"[redacted]\" # environment"));
    assert!(!layers.print(true).contains("from-a-file"));
    assert!(layers.print(false).contains("from-a-file"));
}

#[test]
fn a_secret_given_twice_or_in_a_file_that_is_not_there_is_refused() {
    let mut twice = layers();
    twice.environment(env(&[("STOWAGE_OIDC__CLIENT_SECRET", "a"), ("STOWAGE_OIDC__CLIENT_SECRET_FILE", "/b")]));
    assert!(refused(&twice).contains("keep one"));
    let mut absent = layers();
    absent.environment(env(&[("STOWAGE_OIDC__CLIENT_SECRET_FILE", "/does/not/exist")]));
    assert!(refused(&absent).contains("cannot be read"));
}

#[test]
fn plain_http_is_for_loopback_only() {
    for good in ["https://s.example", "https://s.example:8443/", "http://localhost:1", "http://127.0.0.9:1", "http://[::1]:3000"] {
        assert!(good.parse::<PublicUrl>().is_ok(), "{good}");
    }
    for bad in [
        "http://s.example",
        "http://10.0.0.1",
        "http://localhost.example",
        "ftp://127.0.0.1",
        "https://s.example/portal",
        "https://u@s.example",
        "https://s.example?x",
        "s.example",
        "",
    ] {
        assert!(bad.parse::<PublicUrl>().is_err(), "{bad}");
    }
    let mut layers = layers();
    layers.flags([("oidc.issuer", "http://id.example".to_owned()), ("public_url", "http://s.example".to_owned())]);
    let sentences = refused(&layers);
    assert!(
        sentences.contains("public_url (flag) must be https") && sentences.contains("oidc.issuer (flag) must be an https"),
        "{sentences}"
    );
}

#[test]
fn the_public_address_reads_as_browsers_write_it() {
    let url: PublicUrl = "https://S.example:443/".parse().unwrap();
    assert_eq!((url.origin(), url.authority(), url.is_https()), ("https://s.example", "s.example", true));
    assert_eq!("http://127.0.0.1:3000".parse::<PublicUrl>().unwrap().at("/auth/callback"), "http://127.0.0.1:3000/auth/callback");
}

#[test]
fn numbers_out_of_range_are_refused() {
    for (key, value) in [
        ("session.idle_minutes", "0"),
        ("session.idle_minutes", "x"),
        ("session.absolute_hours", "100000"),
        ("limits.calls_per_minute", "0"),
        ("tokens.admin_days", "0"),
        ("tokens.idle_days", "never"),
    ] {
        let mut layers = layers();
        layers.flags([(key, value.to_owned())]);
        assert!(refused(&layers).contains(key), "{key}={value}");
    }
}

#[test]
fn broken_toml_is_refused_with_its_place() {
    let mut layers = layers();
    layers.toml("[oidc\n", "stowage.toml");
    assert!(refused(&layers).contains("stowage.toml"));
}

#[test]
fn classes_are_described_in_the_file_and_by_flags() {
    let file = "[classes.fast-ssd]\ntitle = 'Fast, for checkpoints'\nmodes = ['ReadWriteOnce', 'ReadOnlyMany']\ngroups = ['ml', 'bio']\n\
                [classes.'my.old']\nhidden = true\ndeprecated = 'It goes in May.'\ndescription = 'Old.'\n[site]\nname = 'x'";
    let mut layers = layers();
    layers.toml(file, "stowage.toml").flags([("classes.fast-ssd.hidden", "true".to_owned()), ("classes.fast-ssd.groups", "ml".to_owned())]);
    let config = Config::try_from(&layers).unwrap();
    let fast = &config.classes[&"fast-ssd".parse().unwrap()];
    assert_eq!((fast.title.as_deref(), fast.hidden), (Some("Fast, for checkpoints"), true));
    assert_eq!(
        (fast.modes.as_deref(), &fast.groups),
        (Some(&[AccessMode::ReadWriteOnce, AccessMode::ReadOnlyMany][..]), &vec!["ml".to_owned()])
    );
    let old = &config.classes[&"my.old".parse().unwrap()];
    assert_eq!((old.hidden, old.deprecated.as_deref(), old.description.as_deref()), (true, Some("It goes in May."), Some("Old.")));
    assert_eq!(config.oidc.class_groups, ["ml"]);
    let printed = layers.print(true);
    assert!(printed.contains("[classes.\"fast-ssd\"]\ngroups = \"ml\" # flag\n"), "{printed}");
    let mut again = super::Layers::default();
    assert_eq!(
        Config::try_from(&*again.toml(&layers.print(false), "printed")).unwrap().classes,
        config.classes,
        "what is printed reads back"
    );
}

#[test]
fn what_is_wrong_about_a_class_is_said_with_its_place() {
    let mut layers = layers();
    layers
        .toml("[classes.fast]\ntitel = 'x'\nmodes = ['rwo']\nhidden = 'perhaps'\n[classes.Fast_]\ntitle = 'x'", "stowage.toml")
        .environment(env(&[("STOWAGE_CLASSES__FAST__TITLE", "x")]));
    let sentences = refused(&layers);
    for sentence in [
        "classes.fast.titel (stowage.toml) is not a setting; the file and flags take classes.<name> with title, description",
        "classes.fast.modes (stowage.toml) must be a list of ReadWriteOnce, ReadWriteMany, ReadOnlyMany, ReadWriteOncePod",
        "classes.fast.hidden (stowage.toml) must be true or false",
        "classes.Fast_.title (stowage.toml) names no class",
        "classes.fast.title (environment) is not a setting",
    ] {
        assert!(sentences.contains(sentence), "{sentence}: {sentences}");
    }
}

#[test]
fn the_table_has_every_key() {
    let table = table();
    assert!(SETTINGS.iter().all(|setting| table.contains(&format!("| `{}` |", setting.key))));
}

#[test]
fn the_readme_lists_every_setting_as_it_is() {
    assert!(include_str!("../../../README.md").contains(&super::table()), "put the output of `stowage config keys` into README.md");
}

#[test]
fn tasks_have_limits_that_can_be_set_and_wrong_ones_are_named() {
    let limits = Config::try_from(&layers()).unwrap().tasks.limits;
    assert_eq!((limits.max_time, limits.max_nodes, limits.keep), (24 * 3600, 16, 24 * 3600));
    assert!(limits.refuses_image(&"docker.io/library/python:3.12-slim".parse().unwrap()).is_none());
    assert!(limits.refuses_image(&"10.0.0.1/x".parse().unwrap()).is_some());
    let mut own = layers();
    own.flags([("tasks.image", String::new()), ("tasks.images", "ghcr.io/a,ghcr.io/b".to_owned()), ("tasks.gpu_resource", String::new())]);
    let tasks = Config::try_from(&own).unwrap().tasks;
    assert_eq!((tasks.limits.image, tasks.limits.gpu_resource, tasks.run_as_user), (None, None, 1000));
    assert_eq!(tasks.limits.images, ["ghcr.io/a", "ghcr.io/b"]);
    for (key, value) in [
        ("tasks.image", "a b"),
        ("tasks.image_digest", "yes"),
        ("tasks.run_as_user", "0"),
        ("tasks.max_hours", "0"),
        ("tasks.max_nodes", "65"),
        ("tasks.max_cpus", "many"),
        ("tasks.max_memory", "lots"),
        ("tasks.keep_hours", "-1"),
        ("tasks.gpu_label", "a b"),
        ("tasks.gpu_label", "a,b"),
        ("tasks.gpu_label", "/x"),
    ] {
        let mut wrong = layers();
        wrong.flags([(key, value.to_owned())]);
        assert!(refused(&wrong).contains(key), "{key}");
    }
}
