//! 2: what does an open tab ask the API server for? The slope between one and fifty idle ones, watches included.
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::audit;
use crate::dataset::set_status;
use crate::figure::Figure;
use crate::tab::{self, Tab};
use crate::{Bench, dataset};

const MANY: usize = 50;
/// What a tab of the Kubeflow volumes app asks for in a minute when no claim is pending (one list every eight seconds, six requests each).
const POLLING: f64 = 45.0;

pub async fn measure(bench: &Bench) -> Result<Vec<Figure>> {
    let one = tab::open(&bench.portal, 2, 1).await?;
    let (few, few_watches) = (requests(bench).await?, watches(bench).await?);
    let mut tabs = tab::open(&bench.portal, 3, MANY).await?;
    let (many, many_watches) = (requests(bench).await?, watches(bench).await?);
    are_alive(bench, &mut tabs).await?;
    drop(one);
    #[expect(clippy::cast_precision_loss, reason = "counts of requests")]
    let slope = (many.max(few) - few) as f64 / (MANY as f64) / (bench.idle().as_secs_f64() / 60.0);
    let watches = (many_watches - few_watches).max(0.0);
    let note =
        format!("portal's requests while idle: {few} with 1 tab, {many} with {}; watches held: {few_watches} and {many_watches}", MANY + 1);
    Ok(vec![Figure::counted("2 requests per idle tab and minute", "requests", [slope + watches, POLLING], [0.0, 0.0]).note(note)])
}

async fn requests(bench: &Bench) -> Result<usize> {
    // The pages that opened the tabs are through.
    let mark = audit::mark(&bench.ground)?;
    tokio::time::sleep(bench.idle()).await;
    // Watches end by the server's clock and are opened again, whoever looks on.
    Ok(audit::since(&bench.ground, mark)?.iter().filter(|(verb, _)| verb != "watch").count())
}

async fn watches(bench: &Bench) -> Result<f64> {
    let metrics = bench.ground.admin().get_text("/metrics").await?;
    let held = metrics.lines().filter(|line| line.starts_with("apiserver_longrunning_requests{") && line.contains("verb=\"WATCH\""));
    let counts = held.map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).collect::<Option<Vec<_>>>();
    Ok(counts.context("the API server's metrics are of an unknown form")?.iter().sum())
}

/// Tabs that hear of nothing would also be quiet.
async fn are_alive(bench: &Bench, tabs: &mut [Tab]) -> Result<()> {
    let mut people: Vec<usize> = tabs.iter().map(|tab| tab.owner).collect();
    people.dedup();
    for owner in people {
        let claim = bench.dataset.claims_of(owner).next().context("everybody has a claim")?;
        set_status(bench.ground.admin(), claim, "Bound", "777Gi").await?;
        for tab in tabs.iter_mut().filter(|tab| tab.owner == owner) {
            tab.shows(&["777 Gi".to_owned()], Duration::from_secs(30)).await?;
        }
        set_status(bench.ground.admin(), claim, "Bound", &dataset::size(claim)).await?;
    }
    ensure!(tabs.len() == MANY, "not every tab could be opened");
    Ok(())
}
