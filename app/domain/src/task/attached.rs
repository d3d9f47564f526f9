//! Which small files does a task bring along? Scripts beside its task file, which it finds below [`FOLDER`], for reading. What is
//! large belongs on a volume: these travel in one object of the cluster's database, which takes a mebibyte at most.

use crate::name::AttachedPath;
use std::fmt;

/// Where the task finds them.
pub const FOLDER: &str = "/task/files";
pub const FILES_MAX: usize = 32;
/// Of all of them together. As base64, beside its task file, it still fits a ConfigMap twice.
pub const BYTES_MAX: usize = 256 * 1024;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    pub path: AttachedPath,
    pub bytes: Vec<u8>,
}

/// Files that go together: in the order of their paths, none twice, none a folder of another, not too many and not too large.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attachments(Vec<Attached>);

impl Attachments {
    /// From what was sent. One that comes later takes the place of an earlier one of its path. The sentence says what must change.
    pub fn of(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Result<Self, String> {
        let mut all: Vec<Attached> = Vec::new();
        for (path, bytes) in files {
            let typed: String = path.chars().filter(|c| !crate::text::is_invisible(*c)).take(60).collect();
            let path: AttachedPath = path.parse().map_err(|_| {
                format!(
                    "“{typed}” cannot be attached under this name. Use letters, digits, ., _, - and blanks; at most 200 characters and 8 folders."
                )
            })?;
            all.retain(|known| known.path != path);
            all.push(Attached { path, bytes });
        }
        all.sort_by(|a, b| a.path.cmp(&b.path));
        if all.len() > FILES_MAX {
            return Err(format!("{} files are too many: at most {FILES_MAX} can be attached. Put them into a volume.", all.len()));
        }
        let inside = |folder: &Attached, file: &Attached| {
            file.path.as_str().strip_prefix(folder.path.as_str()).is_some_and(|rest| rest.starts_with('/'))
        };
        if let Some(folder) = all.iter().find(|folder| all.iter().any(|file| inside(folder, file))) {
            return Err(format!("“{}” cannot be a file and a folder. Attach one of them.", folder.path));
        }
        let all = Self(all);
        if all.bytes() > BYTES_MAX {
            let kibibytes = all.bytes().div_ceil(1024);
            return Err(format!(
                "The attached files have {kibibytes} KiB; at most {} KiB can be attached. Put them into a volume.",
                BYTES_MAX / 1024
            ));
        }
        Ok(all)
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Attached> {
        self.0.iter()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Of all of them together.
    pub fn bytes(&self) -> usize {
        self.0.iter().map(|file| file.bytes.len()).sum()
    }
}

impl<'a> IntoIterator for &'a Attachments {
    type Item = &'a Attached;
    type IntoIter = std::slice::Iter<'a, Attached>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// `3 files, 12 KiB`.
impl fmt::Display for Attachments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files = if self.len() == 1 { "file" } else { "files" };
        write!(f, "{} {files}, {}", self.len(), size(self.bytes()))
    }
}

/// `812 bytes`, `12 KiB`.
pub fn size(bytes: usize) -> String {
    if bytes < 1024 { format!("{bytes} bytes") } else { format!("{} KiB", bytes.div_ceil(1024)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(paths: &[&str]) -> Result<Attachments, String> {
        Attachments::of(paths.iter().map(|path| ((*path).to_owned(), vec![1])))
    }

    #[test]
    fn c5_085_091_no_path_of_an_attached_file_leads_out_of_its_folder() {
        for good in ["train.py", "a/b/c.txt", ".env", "-rf", "con", "a b", "x..y"] {
            assert_eq!(of(&[good]).unwrap().iter().next().unwrap().path.as_str(), good);
        }
        let long = "a".repeat(201);
        let deep = ["a"; 9].join("/");
        for bad in [
            "",
            "/",
            "/etc/passwd",
            "../x",
            "a/../b",
            "a/..",
            "..",
            ".",
            "./a",
            "a//b",
            "a/",
            "..data",
            "a/..data/b",
            "..\\..\\x",
            "a\\b",
            "%2e%2e/",
            "....//",
            "a\0b",
            "a\nb",
            " a",
            "a ",
            "a$(id).txt",
            "a;b",
            "`x`",
            "a'b\"c",
            "<script>",
            "ä.txt",
            "a\u{202e}b",
            "a:b",
            &long,
            &deep,
        ] {
            let sentence = of(&[bad]).unwrap_err();
            assert!(sentence.contains("cannot be attached under this name"), "{bad:?}: {sentence}");
            assert!(!sentence.contains(['\0', '\n', '\u{202e}']), "{sentence:?}");
        }
    }

    #[test]
    fn no_attached_file_is_another_ones_folder_and_the_later_of_two_stays() {
        assert!(of(&["a", "a/b"]).unwrap_err().contains("a file and a folder"));
        assert!(of(&["a/b/c", "a/b"]).is_err() && of(&["a/b", "a.b", "ab"]).is_ok());
        let twice = Attachments::of([("a".to_owned(), vec![1]), ("a".to_owned(), vec![2, 3])]).unwrap();
        assert_eq!((twice.len(), twice.bytes()), (1, 2));
    }

    #[test]
    fn c5_089_attached_files_are_few_and_small() {
        let many: Vec<String> = (0..=FILES_MAX).map(|n| n.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(of(&many).unwrap_err().contains("too many") && of(&many[1..]).is_ok());
        let of_size = |bytes: usize| Attachments::of([("a".to_owned(), vec![0; bytes / 2]), ("b".to_owned(), vec![0; bytes.div_ceil(2)])]);
        assert_eq!(of_size(BYTES_MAX).unwrap().to_string(), "2 files, 256 KiB");
        assert!(of_size(BYTES_MAX + 1).unwrap_err().contains("have 257 KiB; at most 256 KiB"));
    }
}
