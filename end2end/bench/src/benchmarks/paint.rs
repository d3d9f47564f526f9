//! 7 and 6: when is the list painted on a slow device behind a slow line, against a file with the same markup; and how long does
//! our script block a slow device, against the same page with ten thousand rows?
use anyhow::{Result, ensure};
use serde::Deserialize;
use serde_json::json;

use crate::Bench;
use crate::browser::Script;
use crate::figure::Figure;
use crate::pairs::{Pairs, median};

const ROWS: usize = 10_000;

#[derive(Deserialize)]
struct Visit {
    /// Milliseconds.
    lcp: f64,
    blocked: f64,
    /// The layout shift's score.
    shift: f64,
    rows: usize,
}

/// How often the page with all rows is opened: each takes about ten seconds.
fn large(bench: &Bench) -> usize {
    if bench.quick { 2 } else { 5 }
}

pub async fn measure(bench: &Bench) -> Result<Vec<Figure>> {
    let settings = json!({
        "url": bench.portal.url, "cookie": bench.first.cookie, "path": "/volumes", "pkg": bench.place.site.join("pkg"), "rows": ROWS,
        "pairs": bench.pairs() + 1, "large": large(bench),
    });
    let mut script = Script::start("paint", &settings)?;
    let (mut painted, mut shifts) = (Pairs::default(), Vec::new());
    for turn in 0..=bench.pairs() {
        let (ours, file): (Visit, Visit) = (script.next().await?, script.next().await?);
        ensure!(ours.rows == 50 && file.rows == ours.rows, "the pages have {} and {} rows", ours.rows, file.rows);
        if turn > 0 {
            painted.add(ours.lcp, file.lcp);
            shifts.push(ours.shift);
        }
    }
    let mut blocked = Pairs::default();
    for turn in 0..large(bench) {
        let (ours, large): (Visit, Visit) = (script.next().await?, script.next().await?);
        ensure!(ours.rows == 50 && large.rows == ROWS, "the pages have {} and {} rows", ours.rows, large.rows);
        if turn > 0 {
            blocked.add(ours.blocked, large.blocked);
        }
    }
    script.end().await?;
    let shift = median(&shifts);
    Ok(vec![
        painted.figure("7 LCP, cold and throttled", "ms", [1.05, 1.15]),
        Figure::timed("7 layout shift", "score", [shift, 1.0], [0.0, 0.1]),
        blocked.figure("6 blocking at 4x, 50 rows over 10,000", "ms", [0.01, 0.05]),
    ])
}
