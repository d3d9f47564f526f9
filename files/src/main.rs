//! What is in a volume? The program that the portal runs in a pod beside the volume: it lists, reads and packs, and runs no other
//! program. Paths come as arguments in base64, so that any name is one; the first line of every answer says whether there is one.
//!
//! | Command | Answer after the first line |
//! |---|---|
//! | `hold` | none: waits until nobody has asked for ten minutes |
//! | `list PATH AFTER LIMIT` | a line of JSON for each entry, then one that says whether there are more |
//! | `read PATH FROM [LENGTH]` | the bytes of a file |
//! | `archive PATH` | a folder as `.tar.gz` |
//!
//! The first line is `{"ok":…}` or `{"error":"not_found"}`; what can be wrong, [`refused`] lists. The exit code is 0 only if all of
//! the answer was written.

mod archive;
mod below;
mod hold;
mod list;
mod read;
mod refused;
#[cfg(test)]
mod tests;

use below::Root;
use data_encoding::BASE64URL_NOPAD;
use refused::Refused;
use std::{
    ffi::OsString,
    io::{self, BufWriter, Write},
    os::unix::ffi::OsStringExt,
    path::Path,
    process::ExitCode,
};

/// Where the pod has the volume.
const VOLUME: &str = "/volume";
/// Stands for no bytes at all, which an argument cannot well be; no base64 is so short.
const NOTHING: &[u8] = b"-";
/// So much is written at once.
const CHUNK: usize = 256 << 10;

fn main() -> ExitCode {
    let arguments: Vec<Vec<u8>> = std::env::args_os().skip(1).map(OsString::into_vec).collect();
    if arguments.first().is_some_and(|word| word == b"hold") {
        return hold::hold();
    }
    let _busy = hold::busy();
    let mut out = BufWriter::with_capacity(CHUNK, io::stdout().lock());
    let done = Root::open(Path::new(VOLUME)).and_then(|root| answer(&root, &arguments, &mut out));
    let told = match done {
        Ok(()) => out.flush(),
        // Once the answer has begun, only the exit code can say that it is not whole.
        Err(Refused::Broken(_)) => return ExitCode::FAILURE,
        Err(refused) => writeln!(out, "{refused}").and_then(|()| out.flush()).and(Err(io::ErrorKind::Other.into())),
    };
    if told.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn answer(root: &Root, arguments: &[Vec<u8>], out: &mut impl Write) -> Result<(), Refused> {
    let arguments: Vec<&[u8]> = arguments.iter().map(Vec::as_slice).collect();
    match arguments.as_slice() {
        [b"list", path, after, limit] => list::list(root, &bytes(path)?, &bytes(after)?, number(limit)?, out),
        [b"read", path, from] => read::read(root, &bytes(path)?, number(from)?, None, out),
        [b"read", path, from, length] => read::read(root, &bytes(path)?, number(from)?, Some(number(length)?), out),
        [b"archive", path] => archive::archive(root, &bytes(path)?, &archive::LIMITS, out),
        _ => Err(Refused::Malformed),
    }
}

fn bytes(argument: &[u8]) -> Result<Vec<u8>, Refused> {
    if argument == NOTHING { Ok(Vec::new()) } else { BASE64URL_NOPAD.decode(argument).map_err(|_| Refused::Malformed) }
}

fn number<T: std::str::FromStr>(argument: &[u8]) -> Result<T, Refused> {
    std::str::from_utf8(argument).ok().and_then(|text| text.parse().ok()).ok_or(Refused::Malformed)
}
