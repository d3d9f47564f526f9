//! How is the portal started and stopped? `stowage`, `stowage config check|print|keys`.

mod logs;

use clap::{Parser, Subcommand};
use cluster::{Cluster, Options};
use records::Records;
use server::config::{Config, Layers};
use server::ending::{End, Ending};
use server::rights::Checking;
use server::serve;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How long requests under way may take once the end has begun.
const DRAIN: Duration = Duration::from_secs(10);
/// How long acts that go on without a request may take after that, until their ends are on record. Together less than the 30 seconds
/// that Kubernetes gives a pod (`terminationGracePeriodSeconds`).
const SETTLE: Duration = Duration::from_secs(15);
const SWEEP: Duration = Duration::from_secs(300);

/// Self-service web portal for Kubernetes volumes.
#[derive(Parser)]
#[command(name = "stowage", version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// TOML file with settings; see `stowage config keys`.
    #[arg(long, env = "STOWAGE_CONFIG", global = true)]
    config: Option<PathBuf>,
    /// Address and port to listen on (listen.address).
    #[arg(long, global = true)]
    listen: Option<String>,
    /// The address people type (public_url).
    #[arg(long, global = true)]
    public_url: Option<String>,
    /// Kubeconfig to use (kubernetes.kubeconfig).
    #[arg(long, global = true)]
    kubeconfig: Option<String>,
    /// Any setting, as KEY=VALUE; may be given several times.
    #[arg(long, global = true, value_name = "KEY=VALUE", value_parser = setting)]
    set: Vec<(String, String)>,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the portal; the same as no command.
    Serve,
    /// Looks at the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Says what is wrong with the configuration, if anything.
    Check,
    /// Shows every setting with its value and where that comes from.
    Print {
        /// Leaves secrets out.
        #[arg(long)]
        redacted: bool,
    },
    /// Lists all settings as a Markdown table.
    Keys,
}

fn setting(text: &str) -> Result<(String, String), String> {
    text.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned())).ok_or_else(|| "write KEY=VALUE".to_owned())
}

fn layers(arguments: &Arguments) -> Layers {
    let mut layers = Layers::default();
    if let Some(path) = &arguments.config {
        layers.file(path);
    }
    let named =
        [("listen.address", &arguments.listen), ("public_url", &arguments.public_url), ("kubernetes.kubeconfig", &arguments.kubeconfig)];
    let named = named.into_iter().filter_map(|(key, value)| value.clone().map(|value| (key, value)));
    let flags = named.chain(arguments.set.iter().map(|(key, value)| (key.as_str(), value.clone())));
    let text = |value: std::ffi::OsString| value.into_string().ok();
    layers.environment(std::env::vars_os().filter_map(|(name, value)| Some((text(name)?, text(value)?)))).flags(flags);
    layers
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let layers = layers(&arguments);
    let outcome = match arguments.command {
        Some(Command::Config(ConfigCommand::Keys)) => {
            print!("{}", server::config::table());
            return ExitCode::SUCCESS;
        }
        Some(Command::Config(ConfigCommand::Print { redacted })) => {
            print!("{}", layers.print(redacted));
            return ExitCode::SUCCESS;
        }
        Some(Command::Config(ConfigCommand::Check)) => {
            Config::try_from(&layers).map(|_| println!("The configuration is good.")).map_err(Into::into)
        }
        Some(Command::Serve) | None => Config::try_from(&layers).map_err(Into::into).and_then(|config| run(&config)),
    };
    outcome.map_or_else(
        |error: Box<dyn std::error::Error>| {
            eprintln!("stowage: {}", chain(error.as_ref()));
            ExitCode::FAILURE
        },
        |()| ExitCode::SUCCESS,
    )
}

#[tokio::main]
async fn run(config: &Config) -> Result<(), Box<dyn std::error::Error>> {
    logs::start();
    // Several libraries speak TLS; they all get the same one.
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        tracing::warn!("another TLS provider was installed before");
    }
    let records = Records::open(config.records.url.reveal()).await?;
    let sweep = records.sweep(SWEEP, config.records.audit_days);
    let options = Options {
        kubeconfig: config.kubernetes.kubeconfig.clone(),
        namespace: config.kubernetes.namespace.clone(),
        classes: config.classes.clone(),
        pods: config.tasks.pods(),
        trash: config.trash,
        limits: config.limits.per_person,
    };
    let cluster = Cluster::connect(options).await.map_err(server::error::Error::Cluster)?;
    let mut checking = Checking::new(cluster.clone(), config.usage.every.is_some(), config.kubernetes.accept_dangerous_rights);
    checking.start().await?;
    let measuring = config.usage.every.map(|every| server::usage::measure(cluster.clone(), records.clone(), every));
    let keeping = server::history::keep(cluster.keeper(), records.history(), config.records.task_days);
    let sweeping = server::trash::sweep(cluster.clone(), records.clone());
    let (end, ending) = Ending::new();
    let router = server::build_until(config, cluster, records.clone(), ending.clone()).await?;
    let listener = TcpListener::bind(config.listen.address).await?;
    let (terminate, interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::spawn(stop_on_signals(end, terminate, interrupt));
    tracing::info!(address = %listener.local_addr()?, url = config.public_url.origin(), "listening");
    let mut overtime = ending.clone();
    let served = serve::serve(listener, router, ending, serve::HEAD_PATIENCE);
    tokio::select! {
        () = served => {}
        dangerous = checking.go_on() => return Err(dangerous.into()),
        () = async { overtime.begins().await; tokio::time::sleep(DRAIN).await } => tracing::warn!("stopping with requests under way"),
    }
    if tokio::time::timeout(SETTLE, records.settled()).await.is_err() {
        tracing::error!("stopping with acts under way: how they end is not on record");
    }
    drop((sweep, measuring, keeping, sweeping));
    records.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// The first signal lets requests finish, the second does not.
async fn stop_on_signals(end: End, mut terminate: Signal, mut interrupt: Signal) {
    for first in [true, false] {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        if first {
            tracing::info!("stopping");
            end.now();
        }
    }
    std::process::exit(130);
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}
