//! Where do log lines go? To standard output: JSON for machines, short lines for a person at a terminal.

use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// The session library calls every expired cookie suspicious.
const DEFAULT: &str = "info,tower_sessions=error,tower_sessions_core=error,sqlx=warn";

pub fn start() {
    let filter = EnvFilter::try_from_env("STOWAGE_LOG").unwrap_or_else(|_| EnvFilter::new(DEFAULT));
    let lines = tracing_subscriber::fmt().with_env_filter(filter);
    if std::io::stdout().is_terminal() {
        lines.compact().init()
    } else {
        lines.json().flatten_event(true).init()
    }
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let what = panic.payload_as_str().unwrap_or("no text");
        tracing::error!(place, what, "panic");
    }));
}
