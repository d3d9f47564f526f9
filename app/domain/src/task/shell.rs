//! What may a browser ask of a shell in a running task, and how does one end?

use serde::Deserialize;
use std::fmt;

/// Columns and rows are at least 1 and at most this.
pub const MOST_CELLS: u16 = 500;

/// What a browser says beside what is typed: `{"resize":{"columns":80,"rows":24}}`, `{"seen":65536}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Told {
    Resize {
        columns: u64,
        rows: u64,
    },
    /// So many bytes of the output have been shown, counted from the first.
    Seen(u64),
}

/// So many columns and rows, within what a terminal can have.
pub fn cells(columns: u64, rows: u64) -> (u16, u16) {
    let within = |cells: u64| u16::try_from(cells).unwrap_or(MOST_CELLS).clamp(1, MOST_CELLS);
    (within(columns), within(rows))
}

/// Why a shell is over. The code is that of the socket's close frame (RFC 6455, 7.4; 4000 and above are an application's own).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// By itself, with this code.
    Exited(i32),
    /// Its pod was deleted, or its container is over.
    PodGone,
    /// The image has none.
    NoShell,
    /// The session of whoever opened it has ended.
    SignedOut,
    /// The portal stops; another one may have started already.
    Stopping,
    /// A message of more than 64 KiB, or what is no message at all.
    TooLarge,
    /// More was typed than the program takes.
    Unread,
    /// Something that the portal does not know.
    Unknown,
    /// It could not be opened, for this reason.
    Refused(String),
    /// The way between portal and pod broke.
    Lost,
}

impl Ended {
    pub fn code(&self) -> u16 {
        match self {
            Self::Exited(_) => 1000,
            Self::Unknown => 1003,
            Self::TooLarge | Self::Unread => 1009,
            Self::Lost => 1011,
            Self::Stopping => 1012,
            Self::SignedOut => 4401,
            Self::Refused(_) => 4409,
            Self::PodGone => 4410,
            Self::NoShell => 4422,
        }
    }
}

/// At most 123 bytes: more does not fit into a close frame (RFC 6455, 5.5).
impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(0) => f.write_str("The shell has ended."),
            Self::Exited(code) => write!(f, "The shell has ended with exit code {code}."),
            Self::PodGone => f.write_str("The pod is gone or its task is over, and the shell with it."),
            Self::NoShell => f.write_str("The image has no shell: there is no /bin/sh in it."),
            Self::SignedOut => f.write_str("Your session has ended. Sign in again to open a shell."),
            Self::Stopping => f.write_str("The portal is being restarted, and the shell has ended with it."),
            Self::TooLarge => f.write_str("More than 64 KiB came at once, so the shell was closed."),
            Self::Unread => f.write_str("The program does not read what was pasted, so the shell was closed."),
            Self::Unknown => f.write_str("This page does not fit this portal any more. Load it again."),
            Self::Refused(why) => f.write_str(&why[..why.floor_char_boundary(123)]),
            Self::Lost => f.write_str("The connection to the pod is lost."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Option<Told> {
        serde_json::from_str(text).ok()
    }

    #[test]
    fn c5_099_a_terminal_has_1_to_500_columns_and_rows() {
        assert_eq!(told(r#"{"resize":{"columns":80,"rows":24}}"#), Some(Told::Resize { columns: 80, rows: 24 }));
        assert_eq!((cells(80, 24), cells(0, 0), cells(65_535, u64::MAX)), ((80, 24), (1, 1), (500, 500)));
    }

    #[test]
    fn c5_099_what_is_not_known_is_nothing() {
        for text in [
            "",
            "{}",
            "ls",
            r#"{"exec":"id"}"#,
            r#"{"resize":{"columns":-1,"rows":1}}"#,
            r#"{"resize":{"columns":1}}"#,
            r#"{"resize":{"columns":1,"rows":1,"command":"id"}}"#,
            r#"{"seen":1.5}"#,
        ] {
            assert_eq!(told(text), None, "{text}");
        }
        assert_eq!(told(&"[".repeat(100_000)), None);
    }

    #[test]
    fn every_reason_fits_into_a_close_frame() {
        let long = "Ä".repeat(100);
        for ended in [
            Ended::Exited(i32::MIN),
            Ended::PodGone,
            Ended::NoShell,
            Ended::SignedOut,
            Ended::Stopping,
            Ended::TooLarge,
            Ended::Unread,
            Ended::Unknown,
            Ended::Refused(long),
            Ended::Lost,
        ] {
            assert!(ended.to_string().len() <= 123, "{ended}");
        }
    }
}
