//! Which Secret does each variable come from, and has the person such a one?

use super::{Known, Level, Lines};
use crate::task::{TaskSpec, file::Places, unknown_key, unknown_secret};

pub(super) fn judge(spec: &TaskSpec, places: &Places, known: &Known<'_>, lines: &mut Lines) {
    for (index, wanted) in spec.secrets.iter().enumerate() {
        let place = places.secrets.get(index).copied();
        let env = &wanted.env;
        let Some(secret) = known.secrets.iter().find(|secret| secret.name == wanted.name) else {
            lines.say(Level::Refusal, place, format!("secrets: {}", unknown_secret(&wanted.name, known.secrets)));
            continue;
        };
        if secret.keys.contains(&wanted.key) {
            lines.say(Level::Ok, place, format!("{env}: from your Secret {}, key {}.", secret.name, wanted.key));
        } else {
            lines.say(Level::Refusal, place, format!("secrets: {}", unknown_key(&wanted.key, secret)));
        }
    }
}
