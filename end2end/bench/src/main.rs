//! How fast is the portal, and what does it cost? Ratios against something else in the same run, each with a check that the answer
//! is right. Needs a ground of its own (`ground up --only api-server`; with `--node`, a whole one) in the environment, and the portal's
//! release build.
mod audit;
mod baselines;
mod benchmarks;
mod browser;
mod dataset;
mod figure;
mod node;
mod pairs;
mod portal;
mod proc;
mod report;
mod tab;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use clap::{Parser, Subcommand};
use ground::Ground;

use benchmarks::Benchmark;
use dataset::Dataset;
use node::Node;
use portal::{Place, Portal, Visitor};
use report::Report;

/// So long may one benchmark take; the longest, a browser's on a slow line, takes about four minutes.
const LONGEST: Duration = Duration::from_mins(8);

/// The benchmarks: a table, and JSON below target/bench.
#[derive(Parser)]
struct Arguments {
    /// How many claims there are: 10000 is dataset S, 100000 is L
    #[arg(long)]
    claims: Option<usize>,
    /// Few tabs, few pairs; fails on counts alone, never on clocks
    #[arg(long)]
    quick: bool,
    /// Those that need a node, in a whole ground: what was measured before them is told with them
    #[arg(long)]
    node: bool,
    /// Just these, by name
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    #[command(subcommand)]
    baseline: Option<Baseline>,
}

#[derive(Subcommand)]
enum Baseline {
    #[command(hide = true)]
    Reflect,
    #[command(hide = true)]
    Broadcast,
}

/// What all benchmarks measure with that need no node.
pub struct Bench {
    pub ground: Ground,
    pub dataset: Dataset,
    pub place: Place,
    pub portal: Portal,
    pub admin: Visitor,
    /// The member with fifty volumes.
    pub first: Visitor,
    pub quick: bool,
}

impl Bench {
    /// How many pairs a clock is read for.
    pub fn pairs(&self) -> usize {
        if self.quick { 3 } else { 15 }
    }

    /// How many other tabs are open.
    pub fn tabs(&self) -> usize {
        if self.quick { 60 } else { 500 }
    }

    /// How long idleness is watched.
    pub fn idle(&self) -> Duration {
        Duration::from_secs(if self.quick { 10 } else { 45 })
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // The process may have chosen the same already.
    let _chosen = rustls::crypto::ring::default_provider().install_default();
    let outcome = match arguments.baseline {
        Some(Baseline::Reflect) => baselines::reflect(ground::NAMESPACE).await.map(|()| true),
        Some(Baseline::Broadcast) => baselines::broadcast().await.map(|()| true),
        None => run(&arguments).await,
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(cause) => {
            eprintln!("{cause:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<bool> {
    let ground = Ground::current().await?;
    let place = place()?;
    let report = if arguments.node { on_a_node(ground, &place, arguments).await? } else { alone(ground, place, arguments).await? };
    println!("{report}");
    Ok(report.passes())
}

async fn alone(ground: Ground, place: Place, arguments: &Arguments) -> Result<Report> {
    let mut report = Report::new(&place.dir)?;
    let dataset = Dataset::of(arguments.claims.unwrap_or(if arguments.quick { 1_000 } else { 10_000 }));
    dataset.load(&ground).await?;
    report.holds(dataset.claims, dataset.owners);
    let portal = Portal::start(&place, &ground).await?;
    let (admin, first) = (portal.sign_in("admin").await?, portal.sign_in(&dataset::member(1)).await?);
    let bench = Bench { ground, dataset, place, portal, admin, first, quick: arguments.quick };
    measure(&bench, &benchmarks::alone(), arguments, &mut report).await?;
    bench.portal.stop().await?;
    Ok(report)
}

async fn on_a_node(ground: Ground, place: &Place, arguments: &Arguments) -> Result<Report> {
    let mut report = Report::go_on(&place.dir)?;
    match Node::start(ground, place, arguments.quick).await? {
        Some(node) => {
            measure(&node, &benchmarks::on_a_node(), arguments, &mut report).await?;
            node.end().await?;
        }
        None => println!("transfers (10) and logs (11) are left out: they need a node, and without root there is none"),
    }
    Ok(report)
}

async fn measure<C>(with: &C, all: &[Benchmark<C>], arguments: &Arguments, report: &mut Report) -> Result<()> {
    for Benchmark { name, counts, run } in all {
        let wanted = if arguments.only.is_empty() { *counts || !arguments.quick } else { arguments.only.iter().any(|only| only == name) };
        if !wanted {
            continue;
        }
        let begun = Instant::now();
        // One that hangs costs itself, and not the others.
        let outcome = tokio::time::timeout(LONGEST, run(with)).await;
        match outcome.unwrap_or_else(|_| Err(anyhow!("it takes longer than {} s", LONGEST.as_secs()))) {
            Ok(figures) => {
                println!("{name}: {} s", begun.elapsed().as_secs());
                report.measured(name, figures)?;
            }
            // A wrong answer has no speed.
            Err(cause) => {
                println!("{name}: failed after {} s: {cause:#}", begun.elapsed().as_secs());
                report.failed(name, &cause)?;
            }
        }
    }
    Ok(())
}

fn place() -> Result<Place> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    let dir = target.join("bench");
    std::fs::create_dir_all(&dir)?;
    let program = std::env::var_os("BENCH_PORTAL").map_or_else(|| target.join("release/stowage"), PathBuf::from);
    let whole = |path: PathBuf| path.canonicalize().with_context(|| format!("{} is missing: run `make build`", path.display()));
    Ok(Place { program: whole(program)?, site: whole(PathBuf::from("target/site"))?, dir: whole(dir)?, settings: Vec::new() })
}
