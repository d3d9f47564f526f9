//! The command line of the ground.
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand, ValueEnum};
use ground::{Extent, Layout, State};

/// A real Kubernetes cluster and an OpenID provider on this machine, for tests and the demo.
#[derive(Parser)]
struct Arguments {
    /// Where everything of this ground lies [default: target/ground of the workspace]
    #[arg(long, global = true, env = "GROUND_DIR")]
    dir: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build what is missing, start everything, and return when it is ready
    Up {
        /// Start just this part
        #[arg(long)]
        only: Option<Part>,
    },
    /// End everything and remove its data; the logs stay
    Down,
    /// Say what runs; the exit code is 0 only if all of it does
    Status,
    /// Print what a shell or the portal needs to know, as `export` lines
    Env,
    /// Compare what the portal's account did so far with the rights it ships with; the exit code is 0 if they agree
    Rights {
        /// Everything was tried that the portal can do: what was not used should not be granted
        #[arg(long)]
        whole: bool,
    },
    /// Serve the ground's own volumes; started by `up`
    #[command(hide = true)]
    Csi,
}

#[derive(Clone, Copy, ValueEnum)]
enum Part {
    /// The identity provider
    Provider,
    /// The identity provider, etcd and the API server, without controllers and node
    ApiServer,
}

impl Part {
    fn extent(self) -> Extent {
        match self {
            Self::Provider => Extent::Provider,
            Self::ApiServer => Extent::ApiServer,
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(code) => code,
        Err(cause) => {
            eprintln!("{cause:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<ExitCode> {
    let layout = Layout::new(&arguments.dir.unwrap_or_else(Layout::default_dir))?;
    match arguments.command {
        Command::Up { only } => ground::up(&layout, only.map(Part::extent)).await?,
        Command::Down => ground::down(&layout).await?,
        Command::Csi => ground::serve_csi(&layout).await?,
        Command::Rights { whole } => {
            let found = ground::compare_rights(&layout, whole)?;
            println!("{found}");
            return Ok(if found.agree() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Command::Status => return status(&layout),
        Command::Env => {
            let state = State::read(&layout)?.context("no ground is running; start it with `ground up`")?;
            print!("{}", ground::environment(&layout, &state));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn status(layout: &Layout) -> Result<ExitCode> {
    let Some(state) = State::read(layout)? else {
        println!("no ground is running in {}", layout.dir().display());
        return Ok(ExitCode::FAILURE);
    };
    for component in &state.components {
        let up = if component.process.is_alive() { "up  " } else { "down" };
        println!("{:<24} {:>8}  {up}  since {:.0}", component.name, component.process.pid, component.since);
    }
    Ok(if state.all_up() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
