//! How is this portal set up? Asked once at start; everything else gets the typed answer.
//!
//! Three layers, each over the one before: one TOML file, `STOWAGE_SECTION__KEY` in the environment, flags. `settings` is the whole
//! list of keys; a key that is not there is an error with a suggestion. What can be wrong is found here and not at the first request.

mod classes;
mod load;
mod public_url;
mod settings;
mod tasks;

pub use load::{Layers, Problems};
pub use public_url::PublicUrl;
pub use settings::{SETTINGS, Setting, table};
pub use tasks::Tasks;

use domain::{limits::PerPerson, quantity::Size, storage_class::Classes, token::SignInCounts};
use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

#[derive(Clone, Debug)]
pub struct Config {
    pub listen: Listen,
    pub public_url: PublicUrl,
    pub oidc: Oidc,
    pub kubernetes: Kubernetes,
    pub records: Records,
    pub session: Session,
    pub tokens: SignInCounts,
    pub limits: Limits,
    pub usage: Usage,
    pub site: Site,
    pub classes: Classes,
    pub tasks: Tasks,
    /// Whether people can open shells in their running tasks.
    pub shells: bool,
    /// How long what is deleted can be restored, if at all.
    pub trash: Option<Duration>,
}

#[derive(Clone, Debug)]
pub struct Listen {
    pub address: SocketAddr,
    /// Further `host:port` values that the Host header may have.
    pub hosts: Vec<String>,
    /// How many proxies of this installation stand before the portal.
    pub proxies: usize,
}

#[derive(Clone, Debug)]
pub struct Oidc {
    /// Byte for byte as the provider writes it: it is half of every person's identity.
    pub issuer: String,
    pub client_id: String,
    pub client_secret: Secret,
    pub scopes: Vec<String>,
    pub groups_claim: String,
    pub admin_group: String,
    /// The groups that classes are for.
    pub class_groups: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Kubernetes {
    pub kubeconfig: Option<PathBuf>,
    pub namespace: String,
    /// The portal starts although its account may do what no portal needs.
    pub accept_dangerous_rights: bool,
}

#[derive(Clone, Debug)]
pub struct Records {
    /// May hold a password.
    pub url: Secret,
    /// How long the history of a task is kept.
    pub task_days: u32,
    /// How long it is on record who did what.
    pub audit_days: u32,
}

#[derive(Clone, Debug)]
pub struct Session {
    pub idle: Duration,
    pub absolute: Duration,
}

#[derive(Clone, Debug)]
pub struct Limits {
    /// Per person: calls of the REST API and form posts.
    pub calls_per_minute: NonZeroU32,
    /// Per address: steps of sign-ins.
    pub sign_ins_per_minute: NonZeroU32,
    /// What one person may have at a time.
    pub per_person: PerPerson,
}

#[derive(Clone, Debug)]
pub struct Usage {
    /// How often it is measured how full volumes are, if at all.
    pub every: Option<Duration>,
}

#[derive(Clone, Debug)]
pub struct Site {
    pub name: String,
}

/// Never shown by `Debug`.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl TryFrom<&Layers> for Config {
    type Error = Problems;

    fn try_from(layers: &Layers) -> Result<Self, Problems> {
        let mut read = Reader { layers, problems: layers.problems().clone() };
        let classes = read.classes();
        let config = Self {
            listen: Listen {
                address: read.typed("listen.address", "an address and a port such as 127.0.0.1:3000"),
                hosts: read.list("listen.hosts"),
                proxies: usize::try_from(read.between("listen.proxies", 0, 10)).unwrap_or_default(),
            },
            public_url: read.public_url(),
            oidc: Oidc {
                issuer: read.issuer(),
                client_id: read.filled("oidc.client_id"),
                client_secret: Secret(read.filled("oidc.client_secret")),
                scopes: read.list("oidc.scopes"),
                groups_claim: read.filled("oidc.groups_claim"),
                admin_group: read.text("oidc.admin_group"),
                class_groups: classes.values().flat_map(|class| class.groups.iter().cloned()).collect(),
            },
            kubernetes: Kubernetes {
                // As kubectl does; a list of files is kubectl's own and not taken apart here.
                kubeconfig: Some(read.text("kubernetes.kubeconfig"))
                    .filter(|path| !path.is_empty())
                    .map(PathBuf::from)
                    .or_else(|| std::env::var_os("KUBECONFIG").filter(|path| !path.is_empty()).map(PathBuf::from)),
                namespace: read.filled("kubernetes.namespace"),
                accept_dangerous_rights: read.yes_or_no("kubernetes.accept_dangerous_rights"),
            },
            records: Records {
                url: Secret(read.filled("records.url")),
                task_days: u32::try_from(read.between("tasks.history_days", 1, 3650)).unwrap_or_default(),
                audit_days: u32::try_from(read.between("audit.days", 1, 36_500)).unwrap_or_default(),
            },
            session: Session {
                idle: Duration::from_secs(60 * read.between("session.idle_minutes", 1, 24 * 60)),
                absolute: Duration::from_secs(3600 * read.between("session.absolute_hours", 1, 24 * 30)),
            },
            tokens: SignInCounts::days(read.days("tokens.admin_days"), read.days("tokens.idle_days")),
            limits: Limits {
                calls_per_minute: read.per_minute("limits.calls_per_minute"),
                sign_ins_per_minute: read.per_minute("limits.sign_ins_per_minute"),
                per_person: PerPerson {
                    tasks: read.most("limits.tasks"),
                    gpus: read.most("limits.gpus"),
                    volumes: read.most("limits.volumes"),
                    size: read.most("limits.gib").map(|gib| Size::from_bytes(gib << 30)),
                },
            },
            usage: Usage { every: Some(read.between("usage.seconds", 0, 86_400)).filter(|n| *n > 0).map(Duration::from_secs) },
            site: Site { name: read.text("site.name") },
            classes,
            tasks: read.tasks(),
            shells: read.yes_or_no("shell.enabled"),
            trash: Some(read.between("trash.hours", 0, 24 * 365)).filter(|n| *n > 0).map(|hours| Duration::from_secs(3600 * hours)),
        };
        if config.session.idle > config.session.absolute {
            read.problems.add("session.idle_minutes is longer than session.absolute_hours allows".to_owned());
        }
        if read.problems.is_empty() { Ok(config) } else { Err(read.problems) }
    }
}

/// Notes every wrong value and goes on, so that one start shows all of them. The values it answers then are never used.
struct Reader<'a> {
    layers: &'a Layers,
    problems: Problems,
}

impl Reader<'_> {
    fn text(&self, key: &str) -> String {
        self.layers.get(key).to_owned()
    }

    fn wrong(&mut self, key: &str, what: &str) {
        let origin = self.layers.origin(key);
        self.problems.add(format!("{key} ({origin}) {what}"));
    }

    fn filled(&mut self, key: &str) -> String {
        let text = self.text(key);
        if text.is_empty() {
            self.wrong(key, "must be set");
        }
        text
    }

    fn list(&self, key: &str) -> Vec<String> {
        words(&self.text(key))
    }

    fn typed(&mut self, key: &str, shape: &str) -> SocketAddr {
        self.text(key).parse().unwrap_or_else(|_| {
            self.wrong(key, &format!("must be {shape}"));
            SocketAddr::from(([127, 0, 0, 1], 0))
        })
    }

    fn between(&mut self, key: &str, low: u64, high: u64) -> u64 {
        self.text(key).parse().ok().filter(|number| (low..=high).contains(number)).unwrap_or_else(|| {
            self.wrong(key, &format!("must be a whole number from {low} to {high}"));
            low
        })
    }

    fn days(&mut self, key: &str) -> u16 {
        u16::try_from(self.between(key, 1, 3650)).unwrap_or(1)
    }

    fn per_minute(&mut self, key: &str) -> NonZeroU32 {
        u32::try_from(self.between(key, 1, 1_000_000)).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN)
    }

    /// An upper end; 0 is none.
    fn most(&mut self, key: &str) -> Option<u64> {
        Some(self.between(key, 0, 1_000_000_000)).filter(|most| *most > 0)
    }

    fn public_url(&mut self) -> PublicUrl {
        self.text("public_url").parse().unwrap_or_else(|sentence: String| {
            self.wrong("public_url", &sentence);
            PublicUrl::unusable()
        })
    }

    fn issuer(&mut self) -> String {
        let text = self.filled("oidc.issuer");
        let good = Url::parse(&text).is_ok_and(|url| url.scheme() == "https" || (url.scheme() == "http" && public_url::is_loopback(&url)));
        if !text.is_empty() && !good {
            self.wrong("oidc.issuer", "must be an https address (plain http only on loopback)");
        }
        text
    }
}

fn words(text: &str) -> Vec<String> {
    text.split([' ', ',']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
