//! What may the portal's account do? The cluster tells whoever asks of themselves, which needs no right.

use crate::{
    act::{DEADLINE, within},
    error::Error,
    scope::Cluster,
};
use domain::rights::{Rule, Standing};
use kube::core::Request;
use serde::Deserialize;
use serde_json::json;

const REVIEWS: &str = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";

/// What an administrator applies, as it is shipped.
const NEEDED: [&str; 2] = [include_str!("../../../deploy/rights.yaml"), include_str!("../../../deploy/work.yaml")];
const USAGE: &str = include_str!("../../../deploy/usage.yaml");
const GPUS: &str = include_str!("../../../deploy/gpus.yaml");

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Answer {
    status: Status,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Status {
    resource_rules: Vec<Rule>,
    /// Whoever decides does not tell all rules, as webhooks do not.
    incomplete: bool,
}

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    rules: Vec<Rule>,
}

impl Cluster {
    /// Asks what the portal's account holds in its namespace, beside what it needs. `measures`: whether it asks nodes how full volumes
    /// are. A cluster that does not tell all is not said to lack anything.
    pub async fn review_rights(&self, measures: bool) -> Result<Standing, Error> {
        let asked =
            json!({"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview", "spec": {"namespace": self.namespace()}});
        let answer: Answer = within(DEADLINE, self.link.post(&Request::new(REVIEWS), &asked, false)).await?;
        let mut needed = shipped(&NEEDED)?;
        if measures {
            needed.extend(shipped(&[USAGE])?);
        }
        let mut standing = Standing::of(&answer.status.resource_rules, &needed, &shipped(&[GPUS])?);
        if answer.status.incomplete {
            standing.missing.clear();
        }
        self.link.standing.send_replace(Some(standing.clone()));
        Ok(standing)
    }

    /// What the last review told; nothing before there was one.
    pub fn standing(&self) -> Option<Standing> {
        self.link.standing.borrow().clone()
    }
}

fn shipped(files: &[&str]) -> Result<Vec<Rule>, Error> {
    let mut rules = Vec::new();
    for file in files {
        let manifests: Vec<Manifest> = serde_saphyr::from_multiple(file).map_err(Error::unexpected)?;
        rules.extend(manifests.into_iter().flat_map(|manifest| manifest.rules));
    }
    Ok(rules)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shipped_is_read_and_none_of_it_is_dangerous() {
        let all = [shipped(&NEEDED).unwrap(), shipped(&[USAGE]).unwrap(), shipped(&[GPUS]).unwrap()];
        assert!(all.iter().all(|rules| !rules.is_empty() && rules.iter().all(|rule| rule.resource_names.is_empty())), "{all:?}");
        assert_eq!(Standing::of(&all.concat(), &[], &[]).dangerous().count(), 0);
    }
}
