//! 5: how much memory does the portal take with all claims and 500 tabs, against a stock reflector of the claims alone?
use anyhow::{Result, ensure};

use crate::baselines::Baseline;
use crate::figure::Figure;
use crate::portal::Portal;
use crate::{Bench, tab};

pub async fn measure(bench: &Bench) -> Result<Vec<Figure>> {
    // A fresh one: the other benchmarks have left their peak on the one that they share.
    let portal = Portal::start(&bench.place.beside("memory")?, &bench.ground).await?;
    let rows = portal.process()?.peak_memory()?;
    let tabs = tab::open(&portal, 2, bench.tabs()).await?;
    let peak = portal.process()?.peak_memory()?;
    let mut stock = Baseline::start("reflect", bench.ground.admin_kubeconfig())?;
    let held: usize = stock.heard().await?.parse()?;
    ensure!(held == bench.dataset.claims, "the reflector holds {held} claims");
    let reflector = stock.process()?.peak_memory()?;
    let open = tabs.len();
    drop(tabs);
    portal.stop().await?;
    let figure = Figure::timed("5 peak memory, with tabs", "bytes", [peak, reflector], [0.3, 0.6]);
    Ok(vec![figure.note(format!("{:.1} MB before the {open} tabs were opened, {:.1} MB with them", rows / 1e6, peak / 1e6))])
}
