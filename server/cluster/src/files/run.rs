//! How is the program asked? By arguments, never by a shell; it answers a first line, then what was asked for, and is at its end only
//! when the kubelet says that it ended well.

use super::job::PROGRAM;
use crate::{error::Error, job::CONTAINER, scope::Link};
use data_encoding::BASE64URL_NOPAD;
use domain::{
    name::ObjectName,
    volume::files::{Entry, EntryKind, FilePath, Listing, Refused},
};
use futures::{Stream, stream};
use k8s_openapi::api::core::v1::Pod;
use kube::{
    Api,
    api::{AttachParams, AttachedProcess},
};
use serde::Deserialize;
use std::{io, pin::Pin};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tracing::warn;

/// So much is on its way at once, and no more: whoever reads slowly slows the program.
const CHUNK: usize = 128 << 10;
/// No line of an answer is longer: a name and a link's target in base64, and numbers.
const LINE_MAX: u64 = 16 << 10;

/// Bytes as they come. An error at the end means that they are not all.
pub type ByteStream = Pin<Box<dyn Stream<Item = io::Result<Vec<u8>>> + Send>>;

/// A file's bytes, or a part of them.
pub struct FileRead {
    /// Of the whole file when it was opened; what grew later is not read.
    pub size: u64,
    /// So many come.
    pub length: u64,
    /// Seconds since 1970.
    pub modified: i64,
    pub bytes: ByteStream,
}

#[derive(Deserialize)]
struct First {
    ok: Option<Known>,
    error: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Known {
    size: u64,
    length: u64,
    modified: i64,
    total: u64,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Entry {
        name: String,
        kind: String,
        size: u64,
        modified: i64,
        mode: u32,
        #[serde(default)]
        target: Option<String>,
    },
    End {
        next: String,
    },
}

struct Answer {
    known: Known,
    out: BufReader<Box<dyn AsyncRead + Send + Unpin>>,
    process: Process,
}

/// Ends the stream when nobody reads it any more.
struct Process(AttachedProcess);

impl Drop for Process {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Link {
    pub(super) async fn list_files(&self, pod: &ObjectName, path: &FilePath, after: &str, limit: usize) -> Result<Listing, Error> {
        let mut answer = self.run(pod, &["list", &argument(path), after, &limit.to_string()]).await?;
        let mut listing = Listing { total: answer.known.total, ..Listing::default() };
        loop {
            let line = line(&mut answer.out).await?;
            match serde_json::from_slice(&line).map_err(Error::unexpected)? {
                Line::Entry { name, kind, size, modified, mode, target } => {
                    let kind = match kind.as_str() {
                        "folder" => EntryKind::Folder,
                        "file" => EntryKind::File,
                        "link" => EntryKind::Link,
                        _ => EntryKind::Other,
                    };
                    let target = target.map(|target| decoded(&target)).transpose()?;
                    listing.entries.push(Entry { name: decoded(&name)?, kind, size, modified, mode, target });
                }
                Line::End { next } => {
                    listing.next = next;
                    return Ok(listing);
                }
            }
        }
    }

    pub(super) async fn read_file(&self, pod: &ObjectName, path: &FilePath, from: u64, length: Option<u64>) -> Result<FileRead, Error> {
        let (path, from, length) = (argument(path), from.to_string(), length.map(|length| length.to_string()));
        let arguments: Vec<&str> = ["read", &path, &from].into_iter().chain(length.as_deref()).collect();
        let answer = self.run(pod, &arguments).await?;
        let Known { size, length, modified, .. } = answer.known;
        Ok(FileRead { size, length, modified, bytes: answer.bytes() })
    }

    pub(super) async fn archive_folder(&self, pod: &ObjectName, path: &FilePath) -> Result<ByteStream, Error> {
        Ok(self.run(pod, &["archive", &argument(path)]).await?.bytes())
    }

    async fn run(&self, pod: &ObjectName, arguments: &[&str]) -> Result<Answer, Error> {
        let pods: Api<Pod> = Api::namespaced(self.streaming.clone(), &self.namespace);
        let params = AttachParams::default().container(CONTAINER).stdin(false).stdout(true).stderr(false).max_stdout_buf_size(CHUNK);
        let command = [PROGRAM].into_iter().chain(arguments.iter().copied());
        let mut process = Process(pods.exec(pod.as_str(), command, &params).await?);
        let out = process.0.stdout().ok_or(Error::File(Refused::Failed))?;
        let mut out: BufReader<Box<dyn AsyncRead + Send + Unpin>> = BufReader::with_capacity(CHUNK, Box::new(out));
        let first: First = serde_json::from_slice(&line(&mut out).await?).map_err(Error::unexpected)?;
        match (first.ok, first.error.as_deref()) {
            (Some(known), _) => Ok(Answer { known, out, process }),
            (None, word) => Err(Error::File(refused(word.unwrap_or_default()))),
        }
    }
}

impl Answer {
    fn bytes(self) -> ByteStream {
        let Self { out, process, .. } = self;
        Box::pin(stream::try_unfold((out, process), async |(mut out, mut process)| {
            let mut chunk = Vec::with_capacity(CHUNK);
            if out.read_buf(&mut chunk).await? > 0 {
                return Ok(Some((chunk, (out, process))));
            }
            let status = match process.0.take_status() {
                Some(status) => status.await,
                None => None,
            };
            let ended_well = status.is_some_and(|status| status.status.as_deref() == Some("Success"));
            if ended_well { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
        }))
    }
}

async fn line(out: &mut (impl AsyncBufReadExt + Unpin)) -> Result<Vec<u8>, Error> {
    let mut line = Vec::new();
    out.take(LINE_MAX).read_until(b'\n', &mut line).await.map_err(Error::unexpected)?;
    if line.pop() == Some(b'\n') {
        return Ok(line);
    }
    warn!("the program for files gave no answer: it may not be in its image");
    Err(Error::File(Refused::Failed))
}

fn argument(path: &FilePath) -> String {
    if path.is_root() { "-".to_owned() } else { BASE64URL_NOPAD.encode(path.bytes()) }
}

fn decoded(text: &str) -> Result<Vec<u8>, Error> {
    BASE64URL_NOPAD.decode(text.as_bytes()).map_err(Error::unexpected)
}

fn refused(word: &str) -> Refused {
    match word {
        "malformed" => Refused::Path,
        "not_found" => Refused::NotFound,
        "permission" => Refused::Permission,
        "link" => Refused::Link,
        "not_a_folder" => Refused::NotAFolder,
        "not_a_file" => Refused::NotAFile,
        "too_deep" => Refused::TooDeep,
        _ => Refused::Failed,
    }
}
