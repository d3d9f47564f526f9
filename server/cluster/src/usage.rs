//! How full are the volumes that pods mount? Asked of the nodes, now and then, for the whole portal.
//!
//! The kubelet's summary is read through the API server, which needs `get` on `nodes/proxy`. That is much: it opens every path of
//! every kubelet, also those that run commands in containers. The finer `nodes/stats` counts only towards the kubelet itself
//! (kubernetes, pkg/kubelet/server/auth.go), whose address may not be reachable and whose certificate is often signed by nobody:
//! the portal would show its token to whoever answers there. So the right is asked for here, is optional, and without it the
//! portal says what it cannot tell.

use crate::{
    clock::now,
    error::Error,
    object::{Time, null_is_default},
    scope::{Cluster, Link},
    watch::{measured::Measuring, rows::Rows},
};
use domain::{
    name::ObjectName,
    quantity::Size,
    usage::{Files, Sample, Usage},
};
use futures::{StreamExt, stream};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::time::timeout;
use tracing::{info, warn};

const DEADLINE: Duration = Duration::from_secs(10);
/// So many nodes are asked at once.
const PARALLEL: usize = 4;

/// What was measured of one volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// The claim's.
    pub uid: String,
    pub sample: Sample,
}

impl Cluster {
    /// Asks every node on which a pod mounts a claim, once. The rows have the figures when this returns; so do the volumes of
    /// everybody. A node that does not answer costs its own figures only.
    pub async fn measure(&self) -> Result<Vec<Measured>, Error> {
        let nodes = self.link.cache.rows(Rows::nodes)?;
        let asked: Vec<_> = nodes.into_iter().map(|node| Arc::clone(&self.link).summary(node)).collect();
        let nobody_to_ask = asked.is_empty();
        let mut answers = stream::iter(asked).buffered(PARALLEL);
        let (mut newest, mut refused, mut heard) = (HashMap::new(), false, false);
        while let Some(answer) = answers.next().await {
            match answer {
                Ok(summary) => {
                    heard = true;
                    summary.samples(&self.link.namespace, now()).for_each(|(claim, sample)| keep_newer(&mut newest, claim, sample));
                }
                Err(Error::MissingRight(right)) => {
                    refused = true;
                    info!(right = right.what, "how full volumes are is not measured: the portal lacks a right");
                    break;
                }
                Err(error) => warn!(error = &error as &dyn std::error::Error, "a node did not say how full its volumes are"),
            }
        }
        let measuring = match (heard, refused) {
            (false, true) => Some(Measuring::Refused),
            (true, _) => Some(Measuring::On),
            // Nothing is mounted: that it would be measured is all there is to say.
            (false, false) if nobody_to_ask => Some(Measuring::On),
            (false, false) => None,
        };
        let measured = self.link.cache.rows(|rows| of_claims(rows, newest))?;
        self.link.cache.measured(&measured, measuring);
        Ok(measured)
    }

    /// What was measured before the portal started.
    pub fn remember(&self, measured: &[Measured]) {
        self.link.cache.measured(measured, None);
    }
}

fn keep_newer(newest: &mut HashMap<String, Sample>, claim: String, sample: Sample) {
    let kept = newest.entry(claim).or_insert(sample);
    if kept.at < sample.at {
        *kept = sample;
    }
}

/// Names are used again, uids are not: what was measured before a claim was made is of a former one.
fn of_claims(rows: &Rows, newest: HashMap<String, Sample>) -> Vec<Measured> {
    let known = newest.into_iter().filter_map(|(name, sample)| {
        let meta = &rows.claim(&name)?.claim.meta;
        (meta.creation_timestamp.0.unwrap_or_default() <= sample.at).then(|| Measured { uid: meta.uid.to_string(), sample })
    });
    known.collect()
}

impl Link {
    async fn summary(self: Arc<Self>, node: String) -> Result<Summary, Error> {
        // Whoever made a pod may have written the node's name.
        let node: ObjectName = node.parse().map_err(Error::unexpected)?;
        let request =
            http::Request::get(format!("/api/v1/nodes/{node}/proxy/stats/summary")).body(Vec::new()).map_err(Error::unexpected)?;
        timeout(DEADLINE, self.ask(request)).await.unwrap_or(Err(Error::Slow))
    }
}

/// `Summary` (kubernetes, staging/src/k8s.io/kubelet/pkg/apis/stats/v1alpha1/types.go). What is in it stays text until each is
/// parsed by itself, so that one odd entry costs only itself.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Summary {
    #[serde(deserialize_with = "null_is_default")]
    pods: Vec<Box<RawValue>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PodStats {
    #[serde(deserialize_with = "null_is_default")]
    volume: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VolumeStats {
    #[serde(default)]
    time: Time,
    pvc_ref: PvcRef,
    used_bytes: u64,
    capacity_bytes: u64,
    inodes: Option<u64>,
    inodes_used: Option<u64>,
}

#[derive(Deserialize)]
struct PvcRef {
    name: String,
    namespace: String,
}

impl Summary {
    /// By the claim's name. Volumes that are no claim's, and those of other namespaces, are nobody's here.
    fn samples(self, namespace: &str, now: i64) -> impl Iterator<Item = (String, Sample)> {
        let pods = self.pods.into_iter().filter_map(|pod| serde_json::from_str::<PodStats>(pod.get()).ok());
        let volumes = pods.flat_map(|pod| pod.volume).filter_map(|volume| serde_json::from_str::<VolumeStats>(volume.get()).ok());
        volumes.filter(move |volume| volume.pvc_ref.namespace == namespace).filter_map(move |volume| volume.sample(now))
    }
}

impl VolumeStats {
    /// Nothing when the figures cannot be: a total of nothing, or more used than there is.
    fn sample(self, now: i64) -> Option<(String, Sample)> {
        let usage = Usage { used: Size::from_bytes(self.used_bytes), total: Size::from_bytes(self.capacity_bytes) };
        if self.capacity_bytes == 0 || usage.used > usage.total {
            return None;
        }
        let files = self.inodes_used.zip(self.inodes).map(|(used, total)| Files { used, total });
        let files = files.filter(|files| files.total > 0 && files.used <= files.total);
        Some((self.pvc_ref.name, Sample { at: self.time.0.unwrap_or(now).min(now), usage, files }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_774_101_727;

    fn samples(payload: &str) -> Vec<(String, Sample)> {
        let mut samples: Vec<_> = serde_json::from_str::<Summary>(payload).unwrap().samples("stowage-work", NOW).collect();
        samples.sort_by(|(a, _), (b, _)| a.cmp(b));
        samples
    }

    #[test]
    fn g0_59_what_a_kubelet_said_is_read_by_claim_and_only_of_this_namespace() {
        let samples = samples(include_str!("usage/answers/a_disk_and_a_folder.json"));
        let read: Vec<_> =
            samples.iter().map(|(claim, s)| (claim.as_str(), s.usage.percent(), s.usage.total.bytes() >> 20, s.at)).collect();
        assert_eq!(read, [("checkpoints-k2m4p6q8", 81, 27, 1_774_101_690), ("logs-a1b2c3d4", 7, 257_942, 1_774_101_701)]);
        assert_eq!(samples[0].1.files, Some(Files { used: 12, total: 16_384 }));
    }

    #[test]
    fn one_bad_entry_never_loses_the_others() {
        let samples = samples(include_str!("usage/answers/odd_entries.json"));
        assert_eq!(samples.iter().map(|(claim, _)| claim.as_str()).collect::<Vec<_>>(), ["good-1", "good-2", "no-time", "odd-files"]);
        assert_eq!((samples[2].1.at, samples[3].1.files), (NOW, None), "without a time it is now");
        assert!(samples.iter().all(|(_, sample)| sample.at <= NOW), "no clock is ahead of ours");
    }

    #[test]
    fn an_answer_without_pods_has_nothing() {
        for payload in ["{}", r#"{"pods": null}"#, r#"{"pods": [null, 5, {}, {"volume": null}]}"#] {
            assert!(samples(payload).is_empty(), "{payload}");
        }
        assert!(serde_json::from_str::<Summary>(r#"{"pods": 5}"#).is_err(), "not a summary at all");
    }
}
