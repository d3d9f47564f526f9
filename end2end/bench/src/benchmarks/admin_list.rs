//! 1 and 1b: how long does everybody's list take, and how much is it, against the same objects listed from the API server?
use anyhow::{Result, ensure};
use serde_json::Value;
use std::time::Instant;

use crate::Bench;
use crate::dataset::claims;
use crate::figure::Figure;
use crate::pairs::Pairs;

/// The first page, complete: 100 rows, totals, facets, the largest first.
const PAGE: &str = "/admin/volumes?per=100&sort=-size";
const ALL: &str = "/admin/volumes/download?format=json";

pub async fn measure(bench: &Bench) -> Result<Vec<Figure>> {
    let claims = claims();
    let raw = async || -> Result<(String, f64)> {
        let start = Instant::now();
        let text = bench.ground.admin().get_text(&claims).await?;
        Ok((text, start.elapsed().as_secs_f64() * 1000.0))
    };
    let ours = async |path: &str| -> Result<(String, f64)> {
        let (text, took) = bench.admin.page(path).await?;
        Ok((text, took.as_secs_f64() * 1000.0))
    };
    let (list, page, all) = (raw().await?.0, ours(PAGE).await?.0, ours(ALL).await?.0);
    is_right(bench, &list, &page, &all)?;

    let first = Pairs::take(bench.pairs(), async || Ok(ours(PAGE).await?.1), async || Ok(raw().await?.1)).await?;
    let whole = Pairs::take(bench.pairs(), async || Ok(ours(ALL).await?.1), async || Ok(raw().await?.1)).await?;
    #[expect(clippy::cast_precision_loss, reason = "lengths")]
    let lengths = |ours: &str| [ours.len() as f64, list.len() as f64];
    #[expect(clippy::cast_precision_loss, reason = "a count of rows")]
    let rows = rows(&ours("/admin/volumes").await?.0) as f64;
    // The page is as large with a thousand volumes as with a hundred thousand; the list is not.
    #[expect(clippy::cast_precision_loss, reason = "a count of claims")]
    let scale = 10_000.0 / bench.dataset.claims as f64;
    let page_bytes = Figure::counted("1 admin list, first page of 100: bytes", "bytes", lengths(&page), [0.001 * scale, 0.03 * scale]);
    Ok(vec![
        first.figure("1 admin list, first page of 100: time", "ms", [0.01 * scale, 0.03 * scale]),
        page_bytes.note("uncompressed, against one LIST of all claims; limits are for 10,000 claims"),
        whole.figure("1b admin list, all rows: time", "ms", [0.15, 0.3]),
        Figure::counted("1b admin list, all rows: bytes", "bytes", lengths(&all), [0.1, 0.3]),
        Figure::counted("rows in the DOM", "rows", [rows, 100.0], [1.0, 1.0]).note("of the list as it opens, whatever the cluster holds"),
    ])
}

pub fn rows(page: &str) -> usize {
    page.matches("<tr role=\"row\" id=\"v-").count()
}

fn is_right(bench: &Bench, list: &str, page: &str, all: &str) -> Result<()> {
    let list: Value = serde_json::from_str(list)?;
    let items = list["items"].as_array().map_or(&[][..], Vec::as_slice);
    ensure!(items.len() == bench.dataset.claims, "the API server lists {} claims", items.len());
    let all: Value = serde_json::from_str(all)?;
    let volumes = all["volumes"].as_array().map_or(0, Vec::len);
    ensure!(volumes == items.len(), "all rows are {volumes}, not {}", items.len());
    ensure!(rows(page) == 100, "the page has {} rows", rows(page));
    let largest = page.split("<tr role=\"row\" id=\"v-").nth(1).is_some_and(|row| row.contains("500 Gi"));
    ensure!(largest, "the largest volume is not the first row");
    ensure!(page.contains(&format!(">{}<", grouped(items.len()))), "the page does not tell how many there are");
    Ok(())
}

/// `10,000`
fn grouped(number: usize) -> String {
    if number < 1000 { number.to_string() } else { format!("{},{:03}", grouped(number / 1000), number % 1000) }
}
