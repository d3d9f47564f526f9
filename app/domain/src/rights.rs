//! Does the portal's account hold the rights that it needs, and how many more?

use serde::Deserialize;
use std::{collections::BTreeSet, fmt};

/// A rule, as roles have it and as the cluster tells whoever asks what they may do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Rule {
    pub verbs: Vec<String>,
    pub api_groups: Vec<String>,
    pub resources: Vec<String>,
    /// Only objects of these names; empty: all.
    pub resource_names: Vec<String>,
}

/// One verb on one kind of object, shown as `kubectl auth can-i` takes it: `create jobs.batch`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Right {
    verb: String,
    resource: String,
    group: String,
}

/// What an account holds, beside what it needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    pub missing: Vec<Right>,
    pub excess: Vec<Right>,
}

/// Kubernetes gives these to everybody who is signed in (`system:basic-user`); they tell only of whoever asks.
const OF_EVERYBODY: [&str; 2] = ["authentication.k8s.io", "authorization.k8s.io"];

impl Rule {
    fn rights(&self) -> impl Iterator<Item = Right> {
        self.api_groups.iter().flat_map(move |group| {
            self.resources.iter().flat_map(move |resource| {
                self.verbs.iter().map(|verb| Right { verb: verb.clone(), resource: resource.clone(), group: group.clone() })
            })
        })
    }

    /// `*` is all of a kind (kubernetes, pkg/apis/rbac/v1/evaluation_helpers.go).
    fn grants(&self, right: &Right) -> bool {
        let among = |all: &[String], one: &str| all.iter().any(|word| word == "*" || word == one);
        let part = right.resource.split_once('/').map(|(_, part)| format!("*/{part}"));
        self.resource_names.is_empty()
            && among(&self.verbs, &right.verb)
            && among(&self.api_groups, &right.group)
            && (among(&self.resources, &right.resource) || part.is_some_and(|part| self.resources.contains(&part)))
    }
}

impl Right {
    fn is_everybodys(&self) -> bool {
        OF_EVERYBODY.contains(&self.group.as_str()) && self.resource.starts_with("self") && self.verb == "create"
    }

    /// With it, one fault of the portal would reach everything: what is secret, other accounts, or all of a kind.
    pub fn is_dangerous(&self) -> bool {
        let secret = self.resource.split('/').next() == Some("secrets") && ["get", "list", "watch"].contains(&self.verb.as_str());
        secret || self.verb == "impersonate" || [&self.verb, &self.resource, &self.group].iter().any(|word| word.contains('*'))
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb, self.resource)?;
        if self.group.is_empty() { Ok(()) } else { write!(f, ".{}", self.group) }
    }
}

impl Standing {
    /// `spare` may be held or not.
    pub fn of(held: &[Rule], needed: &[Rule], spare: &[Rule]) -> Self {
        let rights = |rules: &[Rule]| rules.iter().flat_map(Rule::rights).collect::<BTreeSet<_>>();
        let shipped = &rights(needed) | &rights(spare);
        Self {
            missing: rights(needed).into_iter().filter(|right| !held.iter().any(|rule| rule.grants(right))).collect(),
            excess: rights(held).into_iter().filter(|right| !shipped.contains(right) && !right.is_everybodys()).collect(),
        }
    }

    /// Whether this is needed and not held, such as `create` on `pods/exec`.
    pub fn lacks(&self, verb: &str, resource: &str) -> bool {
        self.missing.iter().any(|right| right.verb == verb && right.resource == resource)
    }

    pub fn dangerous(&self) -> impl Iterator<Item = &Right> {
        self.excess.iter().filter(|right| right.is_dangerous())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(verbs: &str, groups: &str, resources: &str) -> Rule {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect();
        Rule { verbs: words(verbs), api_groups: words(groups), resources: words(resources), resource_names: vec![] }
    }

    fn told(held: &[Rule]) -> (String, String, usize) {
        let needed = [rule("get list", "", "pods pods/log"), rule("create", "batch", "jobs")];
        let standing = Standing::of(held, &needed, &[rule("list", "", "nodes")]);
        let text = |rights: &[Right]| rights.iter().map(Right::to_string).collect::<Vec<_>>().join(", ");
        (text(&standing.missing), text(&standing.excess), standing.dangerous().count())
    }

    #[test]
    fn what_is_missing_and_what_is_too_much_is_named_right_by_right() {
        let exact = [rule("get list", "", "pods pods/log"), rule("create", "batch", "jobs")];
        let everybodys = rule("create", "authorization.k8s.io", "selfsubjectaccessreviews selfsubjectrulesreviews");
        assert_eq!(told(&exact), (String::new(), String::new(), 0));
        assert_eq!(told(&[&exact[..], &[everybodys, rule("list", "", "nodes")]].concat()), (String::new(), String::new(), 0));
        assert_eq!(told(&exact[..1]), ("create jobs.batch".into(), String::new(), 0));
        assert_eq!(told(&[&exact[..], &[rule("get", "", "configmaps")]].concat()), (String::new(), "get configmaps".into(), 0));
        assert_eq!(told(&[]).0, "create jobs.batch, get pods, get pods/log, list pods, list pods/log");
    }

    #[test]
    fn a_right_on_objects_of_some_names_is_not_the_right_on_all() {
        let some = Rule { resource_names: vec!["a".into()], ..rule("create", "batch", "jobs") };
        assert_eq!(told(&[some, rule("get list", "", "pods pods/log")]).0, "create jobs.batch");
    }

    #[test]
    fn secrets_other_accounts_and_all_of_a_kind_are_dangerous() {
        for (held, dangerous) in [
            (rule("get list watch", "", "secrets"), 3),
            (rule("create delete", "", "secrets"), 0),
            (rule("impersonate", "", "users"), 1),
            (rule("*", "", "pods"), 1),
            (rule("get", "*", "pods"), 1),
            (rule("get", "", "*"), 1),
            (rule("get", "", "*/log"), 1),
            (rule("get", "", "configmaps"), 0),
        ] {
            assert_eq!(told(std::slice::from_ref(&held)).2, dangerous, "{held:?}");
        }
        assert_eq!(told(&[rule("*", "*", "*")]).0, "", "everything is enough");
        assert_eq!(told(&[rule("get list", "", "pods */log"), rule("create", "batch", "jobs")]).0, "");
    }
}
