//! What is in a file? Its bytes from a place on, and never more than its size was when it was opened: a file that grows is cut there.

use crate::{
    below::{Root, size},
    refused::{Refused, broken},
};
use std::io::{self, Read, Seek, SeekFrom, Write};

pub fn read(root: &Root, path: &[u8], from: u64, length: Option<u64>, out: &mut impl Write) -> Result<(), Refused> {
    let (mut file, stat) = root.file(path)?;
    let size = size(&stat);
    let left = size.saturating_sub(from);
    let length = length.unwrap_or(left).min(left);
    let write = || {
        writeln!(out, r#"{{"ok":{{"size":{size},"length":{length},"modified":{}}}}}"#, stat.st_mtime)?;
        file.seek(SeekFrom::Start(from))?;
        let written = io::copy(&mut file.take(length), out)?;
        // It became shorter meanwhile.
        if written == length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    };
    write().map_err(|error| broken(&error))
}
