//! 3: how long from the API server's word to the row in a browser, against a bare watch? Other people's tabs are open beside it.
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures::StreamExt;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use kube::api::{WatchEvent, WatchParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::mpsc;

use crate::browser::Script;
use crate::dataset::{self, claim_name, set_status};
use crate::figure::Figure;
use crate::pairs::quantile;
use crate::{Bench, tab};

/// The claim that changes, of the first member.
const CLAIM: usize = 3;
/// Changes are lone: the one before has been seen for so long.
const APART: Duration = Duration::from_millis(250);
const DEADLINE: Duration = Duration::from_secs(20);

#[derive(Deserialize)]
struct Seen {
    /// Milliseconds since 1970.
    at: f64,
    text: String,
}

pub async fn measure(bench: &Bench) -> Result<Vec<Figure>> {
    let tabs = tab::open(&bench.portal, 2, bench.tabs()).await?;
    let api = bench.ground.admin();
    let uid =
        api.get(&format!("{}/{}", dataset::claims(), claim_name(CLAIM))).await?["metadata"]["uid"].as_str().unwrap_or_default().to_owned();
    let settings = json!({ "url": bench.portal.url, "cookie": bench.first.cookie, "path": "/volumes?per=100", "row": format!("v-{uid}") });
    let mut script = Script::start("push", &settings)?;
    let mut watch = bare_watch(bench.ground.admin_kubeconfig()).await?;
    // The page is open and follows.
    let _open: Seen = script.next().await?;
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    let changes = if bench.quick { 10 } else { 100 };
    for change in 0..=changes {
        let number = 600 + change;
        set_status(api, CLAIM, "Bound", &format!("{number}Gi")).await?;
        let told = now();
        let dom = async {
            loop {
                let seen: Seen = script.next().await?;
                if seen.text == format!("{number} Gi") {
                    return anyhow::Ok(seen.at - told);
                }
            }
        };
        let wire = async {
            loop {
                let (at, size) = watch.recv().await.context("the bare watch ended")?;
                if size == format!("{number}Gi") {
                    return anyhow::Ok(at - told);
                }
            }
        };
        let Ok(both) = tokio::time::timeout(DEADLINE, async { tokio::try_join!(dom, wire) }).await else {
            bail!("change {number} was not seen within {} s", DEADLINE.as_secs());
        };
        let (dom, wire) = both?;
        if change > 0 {
            ours.push(dom);
            // A watch may be told before the writer is.
            bare.push(wire.max(0.0));
        }
        tokio::time::sleep(APART).await;
    }
    script.end().await?;
    set_status(api, CLAIM, "Bound", &dataset::size(CLAIM)).await?;
    let others = tabs.len();
    drop(tabs);
    let p99 = [quantile(&ours, 0.99), quantile(&bare, 0.99).max(1.0)];
    let note = format!(
        "{changes} lone changes, {others} other tabs; medians {:.1} and {:.1} ms; a bare watch under 1 ms counts as 1 ms",
        quantile(&ours, 0.5),
        quantile(&bare, 0.5)
    );
    Ok(vec![
        Figure::timed("3 push, API server to DOM: p99", "ms", p99, [3.0, 5.0]).note(note),
        Figure::timed("3 push, p99 over 50 ms", "ms", [p99[0], 50.0], [1.0, 2.0]),
    ])
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of this century fit")]
fn now() -> f64 {
    Timestamp::now().as_microsecond() as f64 / 1000.0
}

/// When each change of the claim arrives, and the size that it brings.
async fn bare_watch(kubeconfig: &Path) -> Result<mpsc::UnboundedReceiver<(f64, String)>> {
    let config = kube::Config::from_custom_kubeconfig(Kubeconfig::read_from(kubeconfig)?, &KubeConfigOptions::default()).await?;
    let claims = kube::Api::<PersistentVolumeClaim>::namespaced(kube::Client::try_from(config)?, ground::NAMESPACE);
    let params = WatchParams::default().fields(&format!("metadata.name={}", claim_name(CLAIM))).timeout(290);
    let (sender, receiver) = mpsc::unbounded_channel();
    let mut events = claims.watch(&params, "0").await?.boxed();
    tokio::spawn(async move {
        while let Some(Ok(event)) = events.next().await {
            let at = now();
            if let WatchEvent::Modified(claim) = event {
                let size = claim.status.and_then(|status| status.capacity?.remove("storage")).map(|size| size.0).unwrap_or_default();
                if sender.send((at, size)).is_err() {
                    break;
                }
            }
        }
    });
    Ok(receiver)
}
