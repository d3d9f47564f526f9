//! What is in a volume, and why can it not be shown? Paths are bytes, as the file system has them; they come and go percent-encoded,
//! so that every name is one.

use crate::{
    event::Event,
    problem::{Code, Problem},
};

/// The longest path that Linux takes, without its end (limits.h, `PATH_MAX`).
const PATH_MAX: usize = 4095;
const NAME_MAX: usize = 255;
/// So many entries are on one page.
pub const PAGE: usize = 500;

/// A path below the root of a volume. Nothing in it leads up. Empty: the root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilePath(Vec<u8>);

impl FilePath {
    pub fn new(path: Vec<u8>) -> Result<Self, Refused> {
        if path.is_empty() {
            return Ok(Self::default());
        }
        // A backslash is a letter of a name here; what means a way up elsewhere is nobody's honest name.
        let leads_up = path.split(|byte| matches!(byte, b'/' | b'\\')).any(|part| part == b"..");
        let is_name = |part: &[u8]| !part.is_empty() && part != b"." && part.len() <= NAME_MAX;
        let is_good = path.len() <= PATH_MAX && !path.contains(&0) && !leads_up && path.split(|byte| *byte == b'/').all(is_name);
        if is_good { Ok(Self(path)) } else { Err(Refused::Path) }
    }

    /// The parameter `path` of an address, decoded once.
    pub fn of_query(query: &str) -> Result<Self, Refused> {
        Self::new(parameter(query, "path").unwrap_or_default())
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    pub fn name(&self) -> &[u8] {
        self.0.rsplit(|byte| *byte == b'/').next().unwrap_or_default()
    }

    /// Of an entry of this folder, as it was listed.
    pub fn join(&self, name: &[u8]) -> Self {
        Self(if self.is_root() { name.to_vec() } else { [&self.0, &b"/"[..], name].concat() })
    }

    /// Each folder on the way, and itself.
    pub fn way(&self) -> Vec<Self> {
        let ends = self.0.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
        let ends = ends.chain((!self.is_root()).then_some(self.0.len()));
        ends.filter_map(|end| self.0.get(..end)).map(|part| Self(part.to_vec())).collect()
    }

    /// For an address: ordinary names can be read.
    pub fn encoded(&self) -> String {
        encoded(&self.0)
    }
}

pub fn encoded(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'/') {
            text.push(char::from(*byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// The first of this name, its bytes decoded once; `+` is a space, as forms write it.
pub fn parameter(query: &str, name: &str) -> Option<Vec<u8>> {
    let value = query.split('&').find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name).map(|(_, value)| value))?;
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let decoded = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match (first, decoded.and_then(|digits| u8::from_str_radix(digits, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
                continue;
            }
            (b'+', _) => bytes.push(b' '),
            (other, _) => bytes.push(*other),
        }
        rest = after;
    }
    Some(bytes)
}

/// A name as people may read it: what cannot be shown, or would turn the text around, is a mark.
pub fn shown(name: &[u8]) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    String::from_utf8_lossy(name).chars().map(|c| if c.is_control() || turns(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    Folder,
    File,
    Link,
    /// A FIFO, a socket, a device, or what cannot be looked at.
    Other,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub name: Vec<u8>,
    pub kind: EntryKind,
    pub size: u64,
    /// Seconds since 1970.
    pub modified: i64,
    pub mode: u32,
    /// Where a link points.
    pub target: Option<Vec<u8>>,
}

/// One page of a folder: folders first, then by the bytes of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    pub entries: Vec<Entry>,
    /// On all pages.
    pub total: u64,
    /// What the next page goes on after; empty on the last one.
    pub next: String,
}

/// How it stands with what looks into a volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Window {
    /// There is no image for it here.
    Off,
    Closed,
    Starting {
        events: Vec<Event>,
    },
    Open,
    Failed {
        events: Vec<Event>,
    },
}

/// Why there is no answer about a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    Path,
    NotFound,
    Permission,
    Link,
    NotAFolder,
    NotAFile,
    TooDeep,
    Off,
    Closed,
    Starting,
    Failed,
}

impl Refused {
    pub fn problem(self) -> Problem {
        let (code, sentence) = match self {
            Self::Path => (Code::Invalid, "A path is names with / between them, from the volume's own root: no .. and no / at its ends."),
            Self::NotFound => {
                (Code::NotFound, "There is nothing at this path of the volume. It may have been removed; look at its folder.")
            }
            Self::Permission => {
                (Code::Forbidden, "The permissions of the file or folder do not let it be read. A task can change them (chmod).")
            }
            Self::Link => (Code::Invalid, "This is a link, or leads over one. Links are shown and not followed; go to what it points to."),
            Self::NotAFolder => (Code::Invalid, "This is no folder."),
            Self::NotAFile => (Code::Invalid, "Only files can be read here, and this is none."),
            Self::TooDeep => (Code::Invalid, "This path is longer than the file system takes."),
            Self::Off => {
                (Code::Conflict, "Files of volumes cannot be seen here: no image is set for it. An administrator sets files.image.")
            }
            Self::Closed => (Code::Conflict, "Nothing looks into this volume at the moment. Open its files first."),
            Self::Starting => (Code::Conflict, "The pod that looks into this volume is starting. Try again in a few seconds."),
            Self::Failed => (Code::Internal, "The file system of the volume gave no answer. Try again in a moment."),
        };
        Problem::new(code, sentence)
    }
}

/// The button that lets a volume be looked into.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenForm {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c5_085_no_path_leads_up_after_one_decoding() {
        for query in [
            "path=../../etc/passwd",
            "path=/../x",
            "path=..\\..\\x",
            "path=%2e%2e/x",
            "path=..%2fx",
            "path=..%5Cx",
            "path=a/../b",
            "path=//etc//passwd",
            "path=....//",
            "path=a/",
            "path=/a",
            "path=.",
            "path=a/./b",
            "path=a%00b",
        ] {
            assert_eq!(FilePath::of_query(query), Err(Refused::Path), "{query}");
        }
        assert_eq!(FilePath::new(vec![b'a'; 256]), Err(Refused::Path));
        assert_eq!(FilePath::of_query("path=%252e%252e/x").unwrap().bytes(), b"%2e%2e/x", "decoded once: an odd name");
        assert!(FilePath::of_query("other=1").unwrap().is_root());
    }

    #[test]
    fn c5_087_any_name_goes_out_and_comes_back() {
        for name in [&b"-rf"[..], b"a b+c", b"a\nb", b"\xff\xfe%", b"<script>", "x\u{202e}y".as_bytes(), b"100%", b"%zz", b"&path=x#"] {
            let path = FilePath::default().join(b"d").join(name);
            assert_eq!(FilePath::of_query(&format!("after=1&path={}", path.encoded())), Ok(path.clone()), "{name:?}");
            assert_eq!(path.name(), name);
        }
        assert_eq!(FilePath::new(b"runs/7/model.pt".to_vec()).unwrap().encoded(), "runs/7/model.pt");
        assert_eq!(shown(b"a\nb\xff"), "a\u{fffd}b\u{fffd}");
        assert_eq!(shown("x\u{202e}gpj".as_bytes()), "x\u{fffd}gpj");
    }

    #[test]
    fn the_way_to_a_folder_names_each_on_it() {
        let way = |path: &[u8]| FilePath::new(path.to_vec()).unwrap().way().iter().map(FilePath::encoded).collect::<Vec<_>>();
        assert_eq!(way(b"a/b/c"), ["a", "a/b", "a/b/c"]);
        assert_eq!(way(b""), [""; 0]);
    }
}
