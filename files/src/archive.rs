//! How does a folder become one file? As `.tar.gz`, while it is read. Links are stored as links. What could not go in is named in a last
//! file of the archive, so that nobody takes a part for the whole.

use crate::{
    below::{self, Root, kind, look, size},
    refused::{Refused, broken},
};
use flate2::{Compression, write::GzEncoder};
use rustix::fs::{Dir, FileType, Stat, readlinkat};
use std::{
    ffi::OsStr,
    io::{self, Read, Write},
    os::{
        fd::{AsFd, BorrowedFd},
        unix::ffi::OsStrExt,
    },
    path::Path,
    time::{Duration, Instant},
};
use tar::{Builder, EntryType, Header};

pub struct Limits {
    /// Files, folders and links.
    pub entries: u64,
    pub time: Duration,
    /// Folders within each other, each of which is open while it is gone through.
    pub depth: usize,
}

pub const LIMITS: Limits = Limits { entries: 1_000_000, time: Duration::from_secs(30 * 60), depth: 200 };
/// What the last file is called.
pub const LEFT_OUT: &str = "STOWAGE-LEFT-OUT.txt";
/// So many names are in it at most.
const NAMED: usize = 1000;

pub fn archive(root: &Root, path: &[u8], limits: &Limits, out: &mut impl Write) -> Result<(), Refused> {
    let folder = root.folder(path)?;
    let name = path.rsplit(|byte| *byte == b'/').next().filter(|name| !name.is_empty()).unwrap_or(b"volume").to_vec();
    let write = || {
        writeln!(out, r#"{{"ok":{{}}}}"#)?;
        let tar = Builder::new(GzEncoder::new(out, Compression::fast()));
        let mut packing = Packing { tar, limits, entries: 0, ends: Instant::now() + limits.time, left_out: Vec::new(), cut: false };
        packing.folder(folder.as_fd(), &name, 0)?;
        packing.name_what_is_missing()?;
        packing.tar.into_inner()?.finish().map(drop)
    };
    write().map_err(|error| broken(&error))
}

struct Packing<'a, W: Write> {
    tar: Builder<GzEncoder<W>>,
    limits: &'a Limits,
    entries: u64,
    ends: Instant,
    left_out: Vec<String>,
    /// A limit was reached.
    cut: bool,
}

impl<W: Write> Packing<'_, W> {
    fn folder(&mut self, folder: BorrowedFd<'_>, path: &[u8], depth: usize) -> io::Result<()> {
        let Ok(stat) = rustix::fs::fstat(folder) else { return self.leave_out(path, "cannot be read") };
        let mut slashed = path.to_vec();
        slashed.push(b'/');
        self.append(header(EntryType::Directory, &stat, 0), &slashed, io::empty())?;
        if depth >= self.limits.depth {
            return self.leave_out(path, "what is in it lies too deep");
        }
        let Ok(entries) = Dir::read_from(folder) else { return self.leave_out(path, "cannot be listed") };
        for entry in entries {
            if self.cut {
                break;
            }
            let Ok(entry) = entry else { return self.leave_out(path, "cannot be listed to its end") };
            let name = entry.file_name().to_bytes();
            if name != b"." && name != b".." {
                let below = [path, b"/", name].concat();
                self.entry(folder, name, &below, depth)?;
            }
        }
        Ok(())
    }

    fn entry(&mut self, folder: BorrowedFd<'_>, name: &[u8], path: &[u8], depth: usize) -> io::Result<()> {
        if self.entries >= self.limits.entries || Instant::now() >= self.ends {
            self.cut = true;
            return Ok(());
        }
        let stat = match look(folder, name) {
            Ok(stat) => stat,
            // Removed meanwhile.
            Err(Refused::NotFound) => return Ok(()),
            Err(_) => return self.leave_out(path, "cannot be read"),
        };
        self.entries += 1;
        match kind(&stat) {
            FileType::Directory => match below::folder(folder, name) {
                Ok(within) => self.folder(within.as_fd(), path, depth + 1),
                Err(_) => self.leave_out(path, "cannot be read"),
            },
            FileType::RegularFile => match below::file(folder, name) {
                Ok((file, stat)) => {
                    let length = size(&stat);
                    let content = Padded { file: file.take(length), left: length };
                    self.append(header(EntryType::Regular, &stat, length), path, content)
                }
                Err(_) => self.leave_out(path, "cannot be read"),
            },
            FileType::Symlink => match readlinkat(folder, name, Vec::new()) {
                Ok(target) => {
                    let mut header = header(EntryType::Symlink, &stat, 0);
                    self.tar.append_link(&mut header, as_path(path), as_path(target.as_bytes()))
                }
                Err(_) => self.leave_out(path, "cannot be read"),
            },
            FileType::Fifo | FileType::Socket | FileType::CharacterDevice | FileType::BlockDevice | FileType::Unknown => {
                self.leave_out(path, "is neither file, folder nor link")
            }
        }
    }

    fn append(&mut self, mut header: Header, path: &[u8], content: impl Read) -> io::Result<()> {
        self.tar.append_data(&mut header, as_path(path), content)
    }

    fn leave_out(&mut self, path: &[u8], why: &str) -> io::Result<()> {
        if self.left_out.len() < NAMED {
            self.left_out.push(format!("{}: {why}", String::from_utf8_lossy(path).escape_debug()));
        } else {
            self.cut = true;
        }
        Ok(())
    }

    fn name_what_is_missing(&mut self) -> io::Result<()> {
        if self.cut {
            let minutes = self.limits.time.as_secs() / 60;
            let sentence = format!(
                "The rest: an archive holds {} entries and takes {minutes} minutes at most. Take the folders one by one.",
                self.limits.entries
            );
            self.left_out.push(sentence);
        }
        if self.left_out.is_empty() {
            return Ok(());
        }
        let text = format!("Not in this archive:\n{}\n", self.left_out.join("\n"));
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o644);
        header.set_size(u64::try_from(text.len()).unwrap_or_default());
        self.tar.append_data(&mut header, LEFT_OUT, text.as_bytes())
    }
}

fn header(kind: EntryType, stat: &Stat, size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(stat.st_mode & 0o7777);
    header.set_uid(stat.st_uid.into());
    header.set_gid(stat.st_gid.into());
    header.set_mtime(u64::try_from(stat.st_mtime).unwrap_or_default());
    header.set_size(size);
    header
}

fn as_path(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}

/// A file with as many bytes as its header says: one that became shorter meanwhile ends in zeros, as in every tar.
struct Padded {
    file: io::Take<std::fs::File>,
    left: u64,
}

impl Read for Padded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let Some(buffer) = buffer.get_mut(..most) else { return Ok(0) };
        let read = match self.file.read(buffer)? {
            0 => {
                buffer.fill(0);
                most
            }
            read => read,
        };
        self.left = self.left.saturating_sub(u64::try_from(read).unwrap_or_default());
        Ok(read)
    }
}
