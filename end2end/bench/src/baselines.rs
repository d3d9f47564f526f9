//! What are we compared with, where that is a program of its own? Run as hidden commands of this one, so that the kernel counts for
//! them alone.
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::routing::get;
use futures::{StreamExt, stream};
use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use kube::runtime::{WatchStreamExt, reflector, watcher};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::broadcast;

use crate::proc::Process;

/// What a small row would weigh as an event.
pub const EVENT_BYTES: usize = 230;

/// A stock reflector of the namespace's claims, as every operator has one: says when it has them all, then goes on.
pub async fn reflect(namespace: &str) -> Result<()> {
    let client = kube::Client::try_default().await?;
    let claims = kube::Api::<PersistentVolumeClaim>::namespaced(client, namespace);
    let (reader, writer) = reflector::store();
    let run = reflector(writer, watcher(claims, watcher::Config::default())).default_backoff().touched_objects();
    tokio::spawn(async move { run.for_each(|_| std::future::ready(())).await });
    reader.wait_until_ready().await?;
    say(&reader.len().to_string())?;
    until_told().await
}

/// Sends every event to everybody who listens: nothing is chosen, gathered or made.
pub async fn broadcast() -> Result<()> {
    let (sender, _) = broadcast::channel::<Bytes>(4096);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    say(&listener.local_addr()?.port().to_string())?;
    let listen = async |State(sender): State<broadcast::Sender<Bytes>>| {
        let events = stream::unfold(sender.subscribe(), async |mut receiver| Some((receiver.recv().await, receiver)));
        Body::from_stream(events)
    };
    let router = axum::Router::new().route("/", get(listen)).with_state(sender.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let event = Bytes::from(format!("event: row\ndata: {}\n\n", "x".repeat(EVENT_BYTES - 19)));
    while let Some(line) = lines.next_line().await? {
        let count: u64 = line.parse()?;
        let mut pace = tokio::time::interval(Duration::from_secs(1) / u32::try_from(count)?);
        for _ in 0..count {
            pace.tick().await;
            sender.send(event.clone()).context("nobody listens")?;
        }
        say("sent")?;
    }
    Ok(())
}

fn say(text: &str) -> Result<()> {
    let mut output = std::io::stdout();
    writeln!(output, "{text}")?;
    Ok(output.flush()?)
}

async fn until_told() -> Result<()> {
    BufReader::new(tokio::io::stdin()).lines().next_line().await?;
    Ok(())
}

/// One of these, running.
pub struct Baseline {
    child: Child,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Baseline {
    pub fn start(name: &str, kubeconfig: &Path) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg(name)
            .env("KUBECONFIG", kubeconfig)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let input = child.stdin.take().context("no input")?;
        let lines = BufReader::new(child.stdout.take().context("no output")?).lines();
        Ok(Self { child, input, lines })
    }

    pub fn process(&self) -> Result<Process> {
        Ok(Process(self.child.id().context("the baseline has ended")?))
    }

    pub async fn heard(&mut self) -> Result<String> {
        self.lines.next_line().await?.context("the baseline ended early")
    }

    pub async fn tell(&mut self, text: &str) -> Result<()> {
        Ok(self.input.write_all(format!("{text}\n").as_bytes()).await?)
    }
}
