//! Which keys are there? The only list: the loader, `config print` and the manual's table are made from it.

/// One key of the configuration. Lists are written with spaces or commas, in TOML also as arrays.
#[derive(Debug)]
pub struct Setting {
    pub key: &'static str,
    /// Empty: no value unless somebody gives one.
    pub default: &'static str,
    /// Secrets can also be given as `<key>_file`, the path of a file that holds them.
    pub secret: bool,
    pub meaning: &'static str,
}

const fn plain(key: &'static str, default: &'static str, meaning: &'static str) -> Setting {
    Setting { key, default, secret: false, meaning }
}

pub const SETTINGS: &[Setting] = &[
    plain("public_url", "http://127.0.0.1:3000", "The address people type. Must be https unless the host is loopback."),
    plain("site.name", "", "Short name of this installation, shown beside the product name."),
    plain("listen.address", "127.0.0.1:3000", "Address and port to listen on."),
    plain("listen.hosts", "", "Further `host:port` values to accept in the Host header, beside that of `public_url`."),
    plain(
        "listen.proxies",
        "0",
        "How many proxies stand before the portal. That many entries at the end of X-Forwarded-For are believed; with 0, none.",
    ),
    plain("oidc.issuer", "", "Required. The OpenID provider's issuer, byte for byte as the provider writes it."),
    plain("oidc.client_id", "", "Required. The portal's client at the provider."),
    Setting { key: "oidc.client_secret", default: "", secret: true, meaning: "Required. The client's secret." },
    plain("oidc.scopes", "openid profile email", "Scopes to ask for. Add the one that delivers groups, if your provider has one."),
    plain("oidc.groups_claim", "groups", "The id token's claim that lists a person's groups."),
    plain(
        "oidc.admin_group",
        "stowage-admins",
        "Who is in this group is an administrator. Compared exactly; give the full path if groups nest. Empty: nobody.",
    ),
    plain("kubernetes.kubeconfig", "", "Kubeconfig to use. Empty: KUBECONFIG, then the pod's service account."),
    plain("kubernetes.namespace", "stowage-work", "The namespace that holds volumes and tasks."),
    plain(
        "kubernetes.accept_dangerous_rights",
        "false",
        "`true`: the portal starts although its account may read Secrets, act as others or do everything of a kind.",
    ),
    plain("tasks.image", "docker.io/library/python:3.12-slim", "The image of tasks that name none. Empty: each must name one."),
    plain(
        "tasks.images",
        "docker.io ghcr.io quay.io nvcr.io",
        "Registries and beginnings of the images that tasks may run, such as `ghcr.io/team`. Empty: only `tasks.image`.",
    ),
    plain("tasks.image_digest", "false", "`true`: images must be named by their digest."),
    plain("tasks.run_as_user", "1000", "User and group of a task's processes. Never 0."),
    plain("tasks.max_hours", "24", "A task is ended after this time, unless its file says sooner."),
    plain("tasks.max_nodes", "16", "How many pods of one task may run at the same time; at most 64."),
    plain("tasks.max_cpus", "64", "How many cores one pod may have."),
    plain("tasks.max_memory", "256Gi", "How much memory one pod may have."),
    plain("tasks.gpu_resource", "nvidia.com/gpu", "What the cluster calls a GPU. Empty: tasks get none."),
    plain("tasks.gpu_label", "nvidia.com/gpu.product", "The label by which nodes tell the product of their GPUs."),
    plain("tasks.keep_hours", "24", "How long a task's Job stays after its end, unless its file says otherwise."),
    plain("tasks.history_days", "90", "How long it is kept how a task went and what it wrote last, counted from its end."),
    plain("shell.enabled", "true", "`false`: nobody can open a shell in a running task. Needs `get` and `create` on `pods/exec`."),
    plain(
        "files.image",
        "",
        "The image with `stowage-files`, which shows people the files of their volumes. Empty: they cannot be seen in the portal.",
    ),
    plain(
        "trash.hours",
        "0",
        "How long a volume that was deleted stays in the trash, from where it can be restored; it keeps its name and its share of the quota. 0: deletions are at once.",
    ),
    // It may hold a password.
    Setting {
        key: "records.url",
        default: "sqlite://data/stowage.db",
        secret: true,
        meaning: "Where sessions, API tokens, saved filters and the audit trail are kept: a SQLite file, made when missing, or `postgres://user:password@host/name`.",
    },
    plain("session.idle_minutes", "30", "A session that nobody uses ends after this time."),
    plain("session.absolute_hours", "8", "Every session ends after this time."),
    plain(
        "tokens.admin_days",
        "30",
        "An API token has its person's administrator role for so many days after their last sign-in; then they have to sign in again.",
    ),
    plain(
        "tokens.idle_days",
        "180",
        "An API token works for so many days after its person's last sign-in; then they have to sign in again.",
    ),
    plain("limits.calls_per_minute", "600", "How many calls of the REST API, form posts and previews one person may make in a minute."),
    plain("limits.sign_ins_per_minute", "600", "How many steps of sign-ins may come from one address in a minute; a sign-in has two."),
    plain(
        "limits.tasks",
        "0",
        "How many running tasks one person may have at a time; 0: any number. A task runs until its pods have ended.",
    ),
    plain("limits.gpus", "0", "How many GPUs the running tasks of one person may have together; 0: any number."),
    plain("limits.volumes", "0", "How many volumes one person may have; 0: any number. One that is being deleted counts until it is gone."),
    plain("limits.gib", "0", "How many GiB the volumes of one person may have together; 0: any number."),
    plain("audit.days", "365", "How long it is on record who did what."),
    plain(
        "usage.seconds",
        "60",
        "How often the nodes are asked how full the mounted volumes are, for the whole portal; 0: never. Needs `get` on `nodes/proxy`.",
    ),
];

/// What can be said about a class: `classes.<name>.<key>`. Names of classes hold characters that variables cannot, so these
/// come from the file or from flags.
pub const CLASS_SETTINGS: &[Setting] = &[
    plain("title", "", "What people know the class by."),
    plain("description", "", "A sentence about it, in the place of the class's own."),
    plain("hidden", "false", "`true`: nobody can choose it any more. Volumes that have it keep it."),
    plain("deprecated", "", "The sentence that says why it should no longer be chosen. It still can be."),
    plain("modes", "", "The access modes that it can do, proven by you; it counts as unable to do others."),
    plain("groups", "", "Only people in one of these groups may choose it. Empty: everybody. Asked for at sign-in."),
];

/// The class and the setting that a key is about. Names of classes may hold dots, settings do not.
pub(super) fn find_class(key: &str) -> Option<(&str, &'static str)> {
    let (class, name) = key.strip_prefix("classes.")?.rsplit_once('.')?;
    let setting = CLASS_SETTINGS.iter().find(|setting| setting.key == name)?;
    (!class.is_empty()).then_some((class, setting.key))
}

pub(super) fn find(key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.key == key)
}

/// The key that a mistyped one was probably meant to be.
pub(super) fn nearest(key: &str) -> Option<&'static str> {
    let last = |key: &str| key.rsplit('.').next().map(str::to_owned);
    SETTINGS
        .iter()
        .map(|setting| (if last(setting.key) == last(key) { 0 } else { distance(setting.key, key) }, setting.key))
        .min()
        .filter(|(distance, _)| *distance <= 1 + key.len() / 4)
        .map(|(_, key)| key)
}

/// How many letters have to change (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = i;
        let mut left = i + 1;
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            left = (corner + usize::from(x != *y)).min(above + 1).min(left + 1);
            corner = above;
            row[j + 1] = left;
        }
        row[0] = i + 1;
    }
    row[b.len()]
}

/// `oidc.client_id` is `STOWAGE_OIDC__CLIENT_ID` in the environment.
pub(super) fn variable(key: &str) -> String {
    format!("STOWAGE_{}", key.replace('.', "__").to_ascii_uppercase())
}

/// All keys as a Markdown table, for the manual.
pub fn table() -> String {
    let rows = SETTINGS.iter().map(|Setting { key, default, secret, meaning }| {
        let default = if default.is_empty() { String::new() } else { format!("`{default}`") };
        let file = if *secret { " Or `.._file`: a file that holds it." } else { "" };
        format!("| `{key}` | `{}` | {default} | {meaning}{file} |\n", variable(key))
    });
    let classes = CLASS_SETTINGS.iter().map(|Setting { key, default, meaning, .. }| {
        let default = if default.is_empty() { String::new() } else { format!("`{default}`") };
        format!("| `classes.<name>.{key}` |  | {default} | {meaning} |\n")
    });
    format!("| Key | Environment | Default | Meaning |\n|---|---|---|---|\n{}{}", rows.collect::<String>(), classes.collect::<String>())
}
