//! How fast is the portal, and what does it cost? Ratios against something else in the same run, each with a check that the answer
//! is right. Needs a ground of its own (`ground up --only api-server`) in the environment, and the portal's release build.
mod audit;
mod baselines;
mod benchmarks;
mod browser;
mod dataset;
mod figure;
mod pairs;
mod portal;
mod proc;
mod tab;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use clap::{Parser, Subcommand};
use ground::Ground;

use dataset::Dataset;
use figure::{Figure, HEAD, Kind, Verdict};
use portal::{Place, Portal, Visitor};

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

/// What all benchmarks measure with.
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
    let dataset = Dataset::of(arguments.claims.unwrap_or(if arguments.quick { 1_000 } else { 10_000 }));
    dataset.load(&ground).await?;
    let place = place()?;
    let portal = Portal::start(&place, &ground).await?;
    let (admin, first) = (portal.sign_in("admin").await?, portal.sign_in(&dataset::member(1)).await?);
    let bench = Bench { ground, dataset, place, portal, admin, first, quick: arguments.quick };
    let (mut figures, mut broken) = (Vec::new(), 0);
    println!("{HEAD}");
    for (name, quick, benchmark) in benchmarks::all() {
        let wanted = if arguments.only.is_empty() { quick || !arguments.quick } else { arguments.only.iter().any(|only| only == name) };
        if !wanted {
            continue;
        }
        let begun = Instant::now();
        // One that hangs costs itself, and not the others.
        let outcome = tokio::time::timeout(LONGEST, benchmark(&bench)).await;
        match outcome.unwrap_or_else(|_| Err(anyhow!("it takes longer than {} s", LONGEST.as_secs()))) {
            Ok(measured) => {
                measured.iter().for_each(|figure| println!("{figure}"));
                println!("    {name}: {} s", begun.elapsed().as_secs());
                figures.extend(measured);
            }
            // A wrong answer has no speed.
            Err(cause) => {
                println!("{name}: not measured: {cause:#}");
                broken += 1;
            }
        }
    }
    bench.portal.stop().await?;
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("load of the machine (1, 5, 15 minutes): {}", load.split(' ').take(3).collect::<Vec<_>>().join(" "));
    write(&bench.place.dir, &dataset, &load, &figures)?;
    let missed = figures.iter().filter(|figure| figure.verdict() == Verdict::Miss);
    let missed: Vec<&Figure> = missed.filter(|figure| !arguments.quick || figure.kind == Kind::Counted).collect();
    missed.iter().for_each(|figure| println!("missed: {}", figure.name));
    Ok(missed.is_empty() && broken == 0)
}

fn place() -> Result<Place> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    let dir = target.join("bench");
    std::fs::create_dir_all(&dir)?;
    let program = std::env::var_os("BENCH_PORTAL").map_or_else(|| target.join("release/stowage"), PathBuf::from);
    let whole = |path: PathBuf| path.canonicalize().with_context(|| format!("{} is missing: run `make build`", path.display()));
    Ok(Place { program: whole(program)?, site: whole(PathBuf::from("target/site"))?, dir: whole(dir)? })
}

fn write(dir: &Path, dataset: &Dataset, load: &str, figures: &[Figure]) -> Result<()> {
    let figures: Vec<_> = figures
        .iter()
        .map(|figure| {
            let mut value = serde_json::to_value(figure)?;
            value["ratio"] = figure.ratio().into();
            value["verdict"] = serde_json::to_value(figure.verdict())?;
            Ok(value)
        })
        .collect::<Result<_>>()?;
    let report = serde_json::json!({
        "claims": dataset.claims, "owners": dataset.owners, "load": load.trim(), "kubernetes": "1.36.3", "figures": figures,
    });
    let path = dir.join("last.json");
    std::fs::write(&path, serde_json::to_vec_pretty(&report)?)?;
    println!("written to {}", path.display());
    Ok(())
}
