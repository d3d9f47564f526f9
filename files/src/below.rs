//! How is something in the volume opened? From the volume's own root downwards, by the kernel's word that no link is followed and
//! nothing above is reached (openat2), so that there is no moment between looking and opening.

use crate::refused::Refused;
use rustix::fs::{CWD, FileType, Mode, OFlags, ResolveFlags, Stat, fstat, openat2};
use std::{
    fs::File,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    path::Path,
};

const NEVER_OUT: ResolveFlags = ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS).union(ResolveFlags::NO_MAGICLINKS);
/// A FIFO is not waited for, a terminal does not become ours.
const CALM: OFlags = OFlags::CLOEXEC.union(OFlags::NOFOLLOW).union(OFlags::NONBLOCK).union(OFlags::NOCTTY);

/// The root of the volume.
pub struct Root(OwnedFd);

impl Root {
    pub fn open(path: &Path) -> Result<Self, Refused> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self(openat2(CWD, path, flags, Mode::empty(), ResolveFlags::empty())?))
    }

    /// The folder of this path; none is the root.
    pub fn folder(&self, path: &[u8]) -> Result<OwnedFd, Refused> {
        folder(self.0.as_fd(), if path.is_empty() { b"." } else { checked(path)? })
    }

    /// The regular file of this path, with what is known of it.
    pub fn file(&self, path: &[u8]) -> Result<(File, Stat), Refused> {
        file(self.0.as_fd(), checked(path)?)
    }
}

/// The portal has checked it; a slip there must not lead anywhere either.
fn checked(path: &[u8]) -> Result<&[u8], Refused> {
    let is_name = |part: &[u8]| !part.is_empty() && part != b"." && part != b"..";
    if path.split(|byte| *byte == b'/').all(is_name) && !path.contains(&0) { Ok(path) } else { Err(Refused::Malformed) }
}

/// What lies there, without opening it: a link is itself.
pub fn look(folder: BorrowedFd<'_>, name: &[u8]) -> Result<Stat, Refused> {
    let seen = openat2(folder, name, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty(), NEVER_OUT)?;
    Ok(fstat(&seen)?)
}

pub fn kind(stat: &Stat) -> FileType {
    FileType::from_raw_mode(stat.st_mode)
}

pub fn folder(above: BorrowedFd<'_>, name: &[u8]) -> Result<OwnedFd, Refused> {
    Ok(openat2(above, name, OFlags::RDONLY | OFlags::DIRECTORY | CALM, Mode::empty(), NEVER_OUT)?)
}

/// Looks before it opens, since to open a device can be an act; and again at what it opened.
pub fn file(folder: BorrowedFd<'_>, name: &[u8]) -> Result<(File, Stat), Refused> {
    regular(&look(folder, name)?)?;
    let file = openat2(folder, name, OFlags::RDONLY | CALM, Mode::empty(), NEVER_OUT)?;
    let stat = fstat(&file)?;
    regular(&stat)?;
    Ok((file.into(), stat))
}

fn regular(stat: &Stat) -> Result<(), Refused> {
    match kind(stat) {
        FileType::RegularFile => Ok(()),
        FileType::Symlink => Err(Refused::Link),
        FileType::Directory | FileType::Fifo | FileType::Socket | FileType::CharacterDevice | FileType::BlockDevice | FileType::Unknown => {
            Err(Refused::NotAFile)
        }
    }
}

pub fn size(stat: &Stat) -> u64 {
    u64::try_from(stat.st_size).unwrap_or_default()
}
