//! 10: how fast do a large file and a tree of small ones leave a volume, against the same bytes straight through pods/exec; and what does
//! a transfer take of the portal's memory? There are no uploads. `kubectl cp` is `tar` through pods/exec with its unpacking behind it, so
//! that the raw stream of `tar` is the most that it can do.
use std::io::Read as _;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use flate2::read::GzDecoder;
use kube::api::AttachParams;
use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt;

use crate::figure::Figure;
use crate::node::Node;
use crate::pairs::{Pairs, quantile};

const FILES: usize = 10_000;
const FILE: usize = 4096;
const READY: Duration = Duration::from_secs(180);
/// So much may the portal's memory grow in a transfer.
const GROWTH: f64 = (4 << 20) as f64;
const BUFFER: usize = 128 << 10;

/// A volume that is open to be read, and a pod that has it too.
struct Stage<'a> {
    node: &'a Node,
    volume: String,
    pod: String,
    megabytes: usize,
}

pub async fn measure(node: &Node) -> Result<Vec<Figure>> {
    let megabytes = if node.quick { 32 } else { 1024 };
    let (volume, claim) = node.volume(10).await?;
    // Nothing in it can be made smaller, which is the worst for an archive that is.
    let script = format!(
        "cd /data && mkdir tree && dd if=/dev/urandom of=big bs=1M count={megabytes} 2> /dev/null && i=0 && while [ $i -lt {FILES} ]; do \
         head -c {FILE} /dev/urandom > tree/$i; i=$((i + 1)); done && sha256sum big && trap 'exit 0' TERM && while :; do sleep 3600 & wait $!; done"
    );
    let pod = node.task(10, &script, Some(&claim)).await?.pod;
    let stage = Stage { node, volume, pod, megabytes };
    let sum = stage.filled().await?;
    stage.open().await?;
    stage.is_right(&sum).await?;

    let (mut growths, mut figures) = (Vec::new(), Vec::new());
    let size = if node.quick { format!("{megabytes} MiB") } else { "1 GiB".to_owned() };
    #[expect(clippy::cast_precision_loss, reason = "megabytes")]
    let (large, small) = ((megabytes << 20) as f64 / 1e6, (FILES * FILE) as f64 / 1e6);
    for (name, path, command, content) in [
        (format!("10 download, one file of {size}"), "file?path=big", &["cat", "/data/big"][..], large),
        ("10 download, 10,000 files of 4 KiB".to_owned(), "archive?path=tree", &["tar", "cf", "-", "-C", "/data", "tree"][..], small),
    ] {
        let ours = async || -> Result<f64> {
            let (took, growth) = stage.download(path).await?;
            growths.push(growth);
            Ok(content / took)
        };
        let pairs = Pairs::take(node.pairs(), ours, async || Ok(content / stage.raw(command).await?)).await?;
        let figure = pairs.figure(&name, "MB/s", [0.9, 0.7]).at_least();
        let note = format!("{}; over `{}` through pods/exec; there are no uploads", figure.note, command.first().unwrap_or(&""));
        figures.push(figure.note(note));
    }
    // What the first transfer takes is kept for all that follow.
    let after_first = growths.get(1..).unwrap_or_default();
    let most = quantile(after_first, 1.0);
    let growth = Figure::timed("10 memory that a transfer takes", "bytes", [most, GROWTH], [1.0, 1.0]);
    let first = growths.first().copied().unwrap_or_default() / 1e6;
    figures.push(growth.note(format!("the most of {} transfers; the very first took {first:.1} MB", after_first.len())));
    Ok(figures)
}

impl Stage<'_> {
    /// Waits until everything is written. Returns the large file's SHA-256.
    async fn filled(&self) -> Result<String> {
        let begun = Instant::now();
        loop {
            let log = self.node.ground.admin().pod_log(self.node.namespace.name(), &self.pod).await.unwrap_or_default();
            match log.split_once("  big") {
                Some((sum, _)) => return Ok(sum.trim().to_owned()),
                None => ensure!(log.is_empty() && begun.elapsed() < READY, "the volume is not filled; its pod says: {log}"),
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }

    /// As its owner opens it, and waits until it can be read.
    async fn open(&self) -> Result<()> {
        let answer = self.node.visitor.browser.clone().post_form(&format!("/volumes/{}/files", self.volume), &[]).await?;
        ensure!(answer.status().is_redirection(), "to open the volume is answered {}", answer.status());
        let begun = Instant::now();
        while begun.elapsed() < READY {
            let path = format!("/volumes/{}/file?path=tree/0", self.volume);
            if self.node.visitor.ask(&path).send().await?.status().is_success() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        bail!("the volume was not open within {} s", READY.as_secs())
    }

    async fn is_right(&self, sum: &str) -> Result<()> {
        let mut answer = self.ask("file?path=big").send().await?;
        let (mut hash, mut length) = (Sha256::new(), 0);
        while let Some(chunk) = answer.chunk().await? {
            hash.update(&chunk);
            length += chunk.len();
        }
        let got: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        ensure!(length == self.megabytes << 20 && got == sum, "the file that came, of {length} bytes, is another");
        // A download that broke off goes on.
        let rest = self.ask("file?path=big").header("range", "bytes=-5").send().await?;
        ensure!(rest.status() == 206 && rest.bytes().await?.len() == 5, "the end of the file alone does not come");
        let packed = self.ask("archive?path=tree").send().await?.bytes().await?;
        let mut tar = tar::Archive::new(GzDecoder::new(packed.as_ref()));
        let (mut files, mut bytes) = (0, 0);
        for entry in tar.entries()? {
            let mut entry = entry?;
            if entry.header().entry_type().is_file() {
                files += 1;
                bytes += std::io::copy(&mut entry.by_ref(), &mut std::io::sink())?;
            }
        }
        ensure!(files == FILES && bytes == u64::try_from(FILES * FILE)?, "the archive has {files} files of {bytes} bytes in all");
        Ok(())
    }

    fn ask(&self, path: &str) -> reqwest::RequestBuilder {
        self.node.visitor.ask(&format!("/volumes/{}/{path}", self.volume))
    }

    /// Seconds to the last byte, and by how many bytes the portal's memory grew meanwhile.
    async fn download(&self, path: &str) -> Result<(f64, f64)> {
        let process = self.node.portal.process()?;
        process.forget_peak()?;
        let (before, start) = (process.memory_now()?, Instant::now());
        let mut answer = self.ask(path).send().await?.error_for_status()?;
        let expected = answer.content_length();
        let mut length = 0;
        while let Some(chunk) = answer.chunk().await? {
            length += u64::try_from(chunk.len())?;
        }
        ensure!(expected.is_none_or(|expected| expected == length), "{length} bytes came of {expected:?}");
        Ok((start.elapsed().as_secs_f64(), (process.peak_memory()? - before).max(0.0)))
    }

    /// Seconds to the last byte that this command writes, run in the pod.
    async fn raw(&self, command: &[&str]) -> Result<f64> {
        let pods = self.node.pods().await?;
        let params = AttachParams::default().container("task").stdin(false).stdout(true).stderr(false).max_stdout_buf_size(BUFFER);
        let start = Instant::now();
        let mut process = pods.exec(&self.pod, command.iter().copied(), &params).await?;
        let mut output = process.stdout().context("no output")?;
        let (mut chunk, mut length) = (vec![0; BUFFER], 0);
        loop {
            let read = output.read(&mut chunk).await?;
            if read == 0 {
                break;
            }
            length += read;
        }
        let least = if command.contains(&"tar") { FILES * FILE } else { self.megabytes << 20 };
        ensure!(length >= least, "{length} bytes came through pods/exec");
        Ok(start.elapsed().as_secs_f64())
    }
}
