//! Why is there no answer? A word for each reason, which the portal turns into a sentence.

use rustix::io::Errno;
use std::{fmt, io};

#[derive(Debug, PartialEq, Eq)]
pub enum Refused {
    /// Not an argument that the portal sends.
    Malformed,
    NotFound,
    /// The file's permissions do not let this user.
    Permission,
    /// The path is a link, or leads over one.
    Link,
    NotAFolder,
    NotAFile,
    /// More folders within each other than are gone through.
    TooDeep,
    /// Whatever else the file system said.
    Failed(i32),
    /// It went wrong after the answer had begun.
    Broken(i32),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self {
            Self::Malformed => "malformed",
            Self::NotFound => "not_found",
            Self::Permission => "permission",
            Self::Link => "link",
            Self::NotAFolder => "not_a_folder",
            Self::NotAFile => "not_a_file",
            Self::TooDeep => "too_deep",
            Self::Failed(number) | Self::Broken(number) => return write!(f, r#"{{"error":"failed","number":{number}}}"#),
        };
        write!(f, r#"{{"error":"{word}"}}"#)
    }
}

impl From<Errno> for Refused {
    fn from(error: Errno) -> Self {
        match error {
            Errno::NOENT => Self::NotFound,
            Errno::ACCESS | Errno::PERM => Self::Permission,
            // Out of the volume, which only a link or `..` leads.
            Errno::LOOP | Errno::XDEV => Self::Link,
            Errno::NOTDIR => Self::NotAFolder,
            Errno::ISDIR => Self::NotAFile,
            Errno::NAMETOOLONG => Self::TooDeep,
            other => Self::Failed(other.raw_os_error()),
        }
    }
}

/// What happened to an answer that had begun.
pub fn broken(error: &io::Error) -> Refused {
    Refused::Broken(error.raw_os_error().unwrap_or_default())
}
