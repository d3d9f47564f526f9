//! Which benchmarks are there, in which order?
use std::pin::Pin;

use anyhow::Result;

use crate::Bench;
use crate::figure::Figure;
use crate::node::Node;

mod admin_list;
mod cold_start;
mod download;
mod idle_tabs;
mod keys;
mod logs;
mod memory;
mod paint;
mod push;
mod recovery;
mod storm;
mod transfer;

type Measured<'a> = Pin<Box<dyn Future<Output = Result<Vec<Figure>>> + 'a>>;
type Run<C> = for<'a> fn(&'a C) -> Measured<'a>;

pub struct Benchmark<C> {
    pub name: &'static str,
    /// It counts something, and so belongs to the quick ones.
    pub counts: bool,
    pub run: Run<C>,
}

const fn counting<C>(name: &'static str, run: Run<C>) -> Benchmark<C> {
    Benchmark { name, counts: true, run }
}

const fn timing<C>(name: &'static str, run: Run<C>) -> Benchmark<C> {
    Benchmark { name, counts: false, run }
}

/// Those of an API server alone, which nothing else disturbs.
pub fn alone() -> Vec<Benchmark<Bench>> {
    vec![
        counting("idle-tabs", |bench| Box::pin(idle_tabs::measure(bench))),
        counting("admin-list", |bench| Box::pin(admin_list::measure(bench))),
        counting("download", |bench| Box::pin(download::measure(bench))),
        counting("recovery", |bench| Box::pin(recovery::measure(bench))),
        counting("storm", |bench| Box::pin(storm::measure(bench))),
        timing("push", |bench| Box::pin(push::measure(bench))),
        timing("memory", |bench| Box::pin(memory::measure(bench))),
        timing("cold-start", |bench| Box::pin(cold_start::measure(bench))),
        timing("keys", |bench| Box::pin(keys::measure(bench))),
        timing("paint", |bench| Box::pin(paint::measure(bench))),
    ]
}

/// Those that need pods that run.
pub fn on_a_node() -> Vec<Benchmark<Node>> {
    vec![
        timing("log", |node| Box::pin(logs::whole(node))),
        timing("log-in-browser", |node| Box::pin(logs::streamed(node))),
        timing("transfer", |node| Box::pin(transfer::measure(node))),
    ]
}
