//! What does a real browser see? A script with Playwright tells, one JSON object a line.
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

pub struct Script {
    child: Child,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Script {
    /// `what` it shall do, with these settings.
    pub fn start(what: &str, settings: &Value) -> Result<Self> {
        let script = Path::new("end2end/bench/browser.mjs");
        let mut child = Command::new("node")
            .arg(script)
            .args([what, &settings.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("cannot run node")?;
        let input = child.stdin.take().context("node takes no input")?;
        let lines = BufReader::new(child.stdout.take().context("node gives no output")?).lines();
        Ok(Self { child, input, lines })
    }

    pub async fn next<T: DeserializeOwned>(&mut self) -> Result<T> {
        let Some(line) = self.lines.next_line().await? else { bail!("the browser's script ended early: its error is above") };
        serde_json::from_str(&line).with_context(|| format!("the browser's script said {line}"))
    }

    pub async fn end(mut self) -> Result<()> {
        self.input.write_all(b"end\n").await?;
        drop(self.input);
        let status = self.child.wait().await?;
        if !status.success() {
            bail!("the browser's script ended with {status}");
        }
        Ok(())
    }
}
