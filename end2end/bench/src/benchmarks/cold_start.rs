//! 12, first half: how long from the start of the program to the first right list, against one raw LIST?
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::dataset::claims;
use crate::figure::Figure;
use crate::pairs::Pairs;
use crate::portal::{Portal, START};
use crate::{Bench, benchmarks::admin_list::rows};

const PAGE: &str = "/admin/volumes?per=100";

pub async fn measure(bench: &Bench) -> Result<Vec<Figure>> {
    let place = bench.place.beside("cold-start")?;
    // Whoever signed in stays signed in.
    let before = Portal::start(&place, &bench.ground).await?;
    let (admin, port) = (before.sign_in("admin").await?, before.port()?);
    let (whole, _) = admin.page(PAGE).await?;
    let expected = count(&whole);
    before.stop().await?;
    let start = async || -> Result<f64> {
        let portal = Portal::spawn(&place, bench.ground.portal_kubeconfig(), port)?;
        let mut look = tokio::time::interval(Duration::from_millis(5));
        loop {
            look.tick().await;
            match admin.page(PAGE).await {
                Ok((page, _)) if rows(&page) == 100 && count(&page) == expected => break,
                Ok(_) | Err(_) if portal.began.elapsed() < START => {}
                Ok(_) | Err(_) => bail!("no right list within {} s", START.as_secs()),
            }
        }
        let took = portal.began.elapsed().as_secs_f64() * 1000.0;
        portal.stop().await?;
        Ok(took)
    };
    let raw = async || -> Result<f64> {
        let start = Instant::now();
        bench.ground.admin().get_text(&claims()).await?;
        Ok(start.elapsed().as_secs_f64() * 1000.0)
    };
    Ok(vec![Pairs::take(bench.pairs(), start, raw).await?.figure("12 cold start to the first right list", "ms", [1.2, 2.0])])
}

/// What the page says it holds.
fn count(page: &str) -> Option<&str> {
    page.split_once("id=\"count\"")?.1.split_once('<').map(|(count, _)| count)
}
