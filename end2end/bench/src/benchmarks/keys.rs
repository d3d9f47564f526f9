//! 8: how long from a key or a click to the rows that answer it, on a slow device: everybody's list against one of fifty?
use anyhow::{Result, ensure};
use serde::Deserialize;
use serde_json::json;

use crate::Bench;
use crate::browser::Script;
use crate::figure::Figure;
use crate::pairs::quantile;

/// Of one turn: two clicks that put in order, four keys that filter.
const ACTS: usize = 6;

#[derive(Deserialize)]
struct Answered {
    /// Milliseconds, of everybody's list and of the one of fifty.
    took: [f64; 2],
}

/// The slowest event of both, and what became of the time.
#[derive(Deserialize)]
struct Slowest {
    took: [f64; 2],
    what: String,
}

pub async fn measure(bench: &Bench) -> Result<Vec<Figure>> {
    let turns = if bench.quick { 2 } else { 12 };
    let lists = json!([
        { "path": "/admin/volumes", "cookie": bench.admin.cookie },
        { "path": "/volumes", "cookie": bench.first.cookie },
    ]);
    let mut script = Script::start("keys", &json!({ "url": bench.portal.url, "lists": lists, "turns": turns }))?;
    let (mut many, mut few) = (Vec::new(), Vec::new());
    for act in 0..turns * ACTS {
        let Answered { took: [all, fifty] } = script.next().await?;
        ensure!(all > 0.0 && fifty > 0.0, "an answer came before what was asked");
        // The first turn warms up.
        if act >= ACTS {
            many.push(all);
            few.push(fifty);
        }
    }
    let Slowest { took: [slowest, _], what } = script.next().await?;
    script.end().await?;
    let claims = bench.dataset.claims;
    let note = format!(
        "{} keys and clicks on each, 4x throttle; medians {:.0} and {:.0} ms, of which typing rests 120 ms before the list follows",
        many.len(),
        quantile(&many, 0.5),
        quantile(&few, 0.5)
    );
    let p98 = [quantile(&many, 0.98), quantile(&few, 0.98)];
    Ok(vec![
        Figure::timed(&format!("8 key to rows, {claims} over 50: p98"), "ms", p98, [1.2, 2.0]).note(note),
        Figure::timed("8 slowest event to next paint, over 50 ms", "ms", [slowest, 50.0], [1.0, 2.0]).note(what),
    ])
}
