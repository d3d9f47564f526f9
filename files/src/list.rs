//! What is in a folder? One page of it: folders first, then by the bytes of the names. Of a folder with a million entries no more is
//! kept than the page.

use crate::{
    below::{self, Root, kind, look},
    refused::{Refused, broken},
};
use data_encoding::BASE64URL_NOPAD;
use rustix::fs::{Dir, FileType, readlinkat};
use std::{
    collections::BTreeSet,
    io::Write,
    os::fd::{AsFd, BorrowedFd},
};

const PAGE_MAX: usize = 1000;

/// By what entries are ordered, and what the next page goes on after: `0` for folders, `1` for all else, then the name.
fn key(is_folder: bool, name: &[u8]) -> Vec<u8> {
    let mut key = Vec::with_capacity(name.len() + 1);
    key.push(if is_folder { b'0' } else { b'1' });
    key.extend(name);
    key
}

/// The entries after `after` (the key of the last one that was shown, or nothing).
pub fn list(root: &Root, path: &[u8], after: &[u8], limit: usize, out: &mut impl Write) -> Result<(), Refused> {
    let limit = limit.clamp(1, PAGE_MAX);
    let folder = root.folder(path)?;
    let mut page = BTreeSet::new();
    let (mut total, mut left) = (0_u64, 0_u64);
    for entry in Dir::read_from(&folder)? {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name == b"." || name == b".." {
            continue;
        }
        total += 1;
        let mut kind_of = entry.file_type();
        // Not every file system says it here.
        if kind_of == FileType::Unknown {
            kind_of = look(folder.as_fd(), name).map_or(FileType::Unknown, |stat| kind(&stat));
        }
        let is_folder = kind_of == FileType::Directory;
        let key = key(is_folder, name);
        if key.as_slice() <= after {
            continue;
        }
        left += 1;
        page.insert(key);
        if page.len() > limit {
            page.pop_last();
        }
    }
    let more = left > u64::try_from(page.len()).unwrap_or_default();
    let mut write = || {
        writeln!(out, r#"{{"ok":{{"total":{total}}}}}"#)?;
        for key in &page {
            if let Some(line) = key.get(1..).and_then(|name| line(folder.as_fd(), name)) {
                writeln!(out, "{line}")?;
            }
        }
        let last = page.last().filter(|_| more).map(|key| BASE64URL_NOPAD.encode(key)).unwrap_or_default();
        writeln!(out, r#"{{"next":"{last}"}}"#)
    };
    write().map_err(|error| broken(&error))
}

/// Nothing, if it has gone meanwhile.
fn line(folder: BorrowedFd<'_>, name: &[u8]) -> Option<String> {
    let encoded = BASE64URL_NOPAD.encode(name);
    let stat = match look(folder, name) {
        Ok(stat) => stat,
        Err(Refused::NotFound) => return None,
        Err(_) => return Some(format!(r#"{{"name":"{encoded}","kind":"unknown","size":0,"modified":0,"mode":0}}"#)),
    };
    let (word, target) = match kind(&stat) {
        FileType::RegularFile => ("file", String::new()),
        FileType::Directory => ("folder", String::new()),
        FileType::Symlink => {
            let target = readlinkat(folder, name, Vec::new()).map(|target| BASE64URL_NOPAD.encode(target.as_bytes())).unwrap_or_default();
            ("link", format!(r#","target":"{target}""#))
        }
        FileType::Fifo => ("fifo", String::new()),
        FileType::Socket => ("socket", String::new()),
        FileType::CharacterDevice | FileType::BlockDevice => ("device", String::new()),
        FileType::Unknown => ("unknown", String::new()),
    };
    let (size, mode) = (below::size(&stat), stat.st_mode & 0o7777);
    Some(format!(r#"{{"name":"{encoded}","kind":"{word}","size":{size},"modified":{},"mode":{mode}{target}}}"#, stat.st_mtime))
}
