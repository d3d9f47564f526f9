//! 12, second half: what does the portal ask for after the API server was away? One list for each kind, whatever tabs are open.
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use ground::FaultProxy;

use crate::dataset::{self, set_status};
use crate::figure::Figure;
use crate::portal::{Portal, START, free_port};
use crate::{Bench, audit, tab};

const TABS: usize = 40;

pub async fn measure(bench: &Bench) -> Result<Vec<Figure>> {
    let proxy = FaultProxy::start(bench.ground.api_address()).await?;
    let kubeconfig = bench.ground.portal_kubeconfig_via(proxy.address())?;
    let mut portal = Portal::spawn(&bench.place.beside("recovery")?, &kubeconfig, free_port()?)?;
    portal.ready().await?;
    let mut tabs = tab::open(&portal, 2, TABS).await?;
    let before = portal.process()?.memory_now()?;
    let mark = audit::mark(&bench.ground)?;

    proxy.cut();
    // Long enough for every watch to fail and be tried in vain.
    tokio::time::sleep(Duration::from_secs(2)).await;
    // What happens meanwhile must be found.
    set_status(bench.ground.admin(), missed(bench), "Bound", "888Gi").await?;
    proxy.restore();
    let back = Instant::now();
    let owner = bench.dataset.owner(missed(bench));
    for tab in tabs.iter_mut().filter(|tab| tab.owner == owner) {
        tab.shows(&["888 Gi".to_owned()], START).await?;
    }
    let current = back.elapsed();
    let lists = lists(&audit::since(&bench.ground, mark)?);
    let peak = portal.process()?.peak_memory()?;
    set_status(bench.ground.admin(), missed(bench), "Bound", &dataset::size(missed(bench))).await?;
    drop(tabs);
    portal.stop().await?;

    ensure!(!lists.is_empty(), "the portal listed nothing after the API server was back");
    let most = lists.values().max().copied().unwrap_or_default();
    let kinds: Vec<String> = lists.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
    #[expect(clippy::cast_precision_loss, reason = "a small count")]
    let figure = Figure::counted("12 recovery: lists per kind", "lists", [most as f64, 1.0], [1.0, 1.0]);
    Ok(vec![
        figure.note(format!("{}; every tab current after {} ms", kinds.join(", "), current.as_millis())),
        Figure::timed("12 recovery: peak memory over before", "bytes", [peak, before], [1.3, 1.6]),
    ])
}

/// A claim of the first member who has tabs.
fn missed(bench: &Bench) -> usize {
    bench.dataset.claims_of(2).next().unwrap_or_default()
}

/// How often each kind was listed from its beginning; further pages belong to the same list.
fn lists(requests: &[(String, String)]) -> BTreeMap<String, usize> {
    let mut lists = BTreeMap::new();
    for (_, uri) in requests.iter().filter(|(verb, uri)| verb == "list" && !uri.contains("continue=")) {
        let path = uri.split('?').next().unwrap_or_default();
        *lists.entry(path.rsplit('/').next().unwrap_or_default().to_owned()).or_default() += 1;
    }
    lists
}
