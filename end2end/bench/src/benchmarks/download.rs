//! 4: how much does a browser download for the volumes page the first time, as the portal really sends it?
use std::collections::BTreeSet;

use anyhow::{Result, ensure};

use crate::Bench;
use crate::figure::Figure;

/// SkyPilot 0.14.1's volumes page, script and style at Brotli's best.
const PEER: f64 = 340_000.0;

pub async fn measure(bench: &Bench) -> Result<Vec<Figure>> {
    let (page, _) = bench.first.page("/volumes").await?;
    let mut files: BTreeSet<String> = page.split(['"', '\'', ' ']).filter(|word| word.starts_with("/pkg/")).map(str::to_owned).collect();
    // The worker that holds the stream.
    files.insert("/live.js".to_owned());
    let (mut sum, mut parts) = (0, Vec::new());
    for file in &files {
        let bytes = bench.first.download(file).await?;
        sum += bytes;
        parts.push(format!("{} {:.1} KB", file.rsplit('.').next().unwrap_or_default(), kilobytes(bytes)));
    }
    let kinds = ["wasm", "js", "css"].map(|kind| files.iter().any(|file| file.ends_with(&format!(".{kind}"))));
    ensure!(kinds == [true; 3], "the page names {files:?}, which is not all that it needs");
    let html = bench.first.download("/volumes").await?;
    #[expect(clippy::cast_precision_loss, reason = "a count of bytes")]
    let figure = Figure::counted("4 first-load bytes, as sent", "bytes", [sum as f64, PEER], [0.25, 0.4]);
    Ok(vec![figure.note(format!("{}; beside the page itself, {:.1} KB", parts.join(", "), kilobytes(html)))])
}

#[expect(clippy::cast_precision_loss, reason = "a count of bytes")]
fn kilobytes(bytes: usize) -> f64 {
    bytes as f64 / 1000.0
}
