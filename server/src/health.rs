//! Should this process be restarted, or get traffic? Asked by the kubelet, without a person.
//!
//! Neither answer depends on the API server or the identity provider: they are away for every replica at once, and a restart does not
//! bring them back. `/readyz?verbose` names them for whoever looks, and the rights that the portal's account lacks.

use crate::ending::Ending;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::routing::get;
use cluster::Cluster;
use http::StatusCode;
use records::Records;

#[derive(Clone)]
struct Checked {
    cluster: Cluster,
    records: Records,
    ending: Ending,
}

/// Exists only once the configuration is good and the records have been opened: that is what "started" means.
pub fn routes(cluster: Cluster, records: Records, ending: Ending) -> Router {
    Router::new().route("/livez", get(alive)).route("/startupz", get(async || "ok")).route("/readyz", get(ready)).with_state(Checked {
        cluster,
        records,
        ending,
    })
}

async fn alive(State(checked): State<Checked>) -> (StatusCode, &'static str) {
    liveness(checked.cluster.health().sound)
}

fn liveness(sound: bool) -> (StatusCode, &'static str) {
    if sound { (StatusCode::OK, "ok") } else { (StatusCode::SERVICE_UNAVAILABLE, "the portal does not follow the cluster any more") }
}

async fn ready(State(checked): State<Checked>, RawQuery(query): RawQuery) -> (StatusCode, String) {
    let staying = !checked.ending.has_begun();
    let status = if staying { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let verbose = query.is_some_and(|query| query.split('&').any(|part| part == "verbose" || part.starts_with("verbose=")));
    if !verbose {
        return (status, if staying { "ok" } else { "stopping" }.to_owned());
    }
    let health = checked.cluster.health();
    let cluster = match (health.synced, health.down_since) {
        (true, None) => "in step".to_owned(),
        (false, None) => "being read for the first time".to_owned(),
        (_, Some(since)) => {
            format!("not reachable since {}", jiff::Timestamp::from_second(since).map_or_else(|_| since.to_string(), |t| t.to_string()))
        }
    };
    let records = if checked.records.check().await.is_ok() { "answer" } else { "do not answer" };
    let line = |good: bool, counts: bool, what: &str| {
        format!("[{}] {what}{}\n", if good { '+' } else { '-' }, if counts { "" } else { " (does not count)" })
    };
    let rights = match checked.cluster.standing() {
        None => line(false, false, "rights have not been looked up yet"),
        Some(standing) if standing.missing.is_empty() => line(true, false, "rights are complete"),
        Some(standing) => standing.missing.iter().map(|right| line(false, false, &format!("right is missing: {right}"))).collect(),
    };
    let text = line(true, true, "configuration is good")
        + &line(staying, true, if staying { "staying" } else { "stopping" })
        + &line(records == "answer", false, &format!("records {records}"))
        + &line(health.synced && health.down_since.is_none(), false, &format!("cluster is {cluster}"))
        + &rights;
    (status, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d_43_a_portal_that_no_longer_follows_the_cluster_asks_for_a_restart() {
        assert_eq!((liveness(true).0, liveness(false).0), (StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE));
    }
}
