//! Which benchmarks are there, in which order?
use std::pin::Pin;

use anyhow::Result;

use crate::Bench;
use crate::figure::Figure;

mod admin_list;
mod cold_start;
mod download;
mod idle_tabs;
mod keys;
mod memory;
mod paint;
mod push;
mod recovery;
mod storm;

type Measured<'a> = Pin<Box<dyn Future<Output = Result<Vec<Figure>>> + 'a>>;
type Benchmark = for<'a> fn(&'a Bench) -> Measured<'a>;

/// By name; whether it counts something and so belongs to the quick ones.
pub fn all() -> [(&'static str, bool, Benchmark); 10] {
    [
        ("idle-tabs", true, |bench| Box::pin(idle_tabs::measure(bench))),
        ("admin-list", true, |bench| Box::pin(admin_list::measure(bench))),
        ("download", true, |bench| Box::pin(download::measure(bench))),
        ("recovery", true, |bench| Box::pin(recovery::measure(bench))),
        ("storm", true, |bench| Box::pin(storm::measure(bench))),
        ("push", false, |bench| Box::pin(push::measure(bench))),
        ("memory", false, |bench| Box::pin(memory::measure(bench))),
        ("cold-start", false, |bench| Box::pin(cold_start::measure(bench))),
        ("keys", false, |bench| Box::pin(keys::measure(bench))),
        ("paint", false, |bench| Box::pin(paint::measure(bench))),
    ]
}
