//! What does a storage class allow? Its `parameters`, so that a class can be made whose refusals are real.
use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// What the provisioner adds of its own begins like this.
const ADDED: &str = "csi.storage.k8s.io/";

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Limits {
    /// `maxSize`: no volume is larger.
    pub(crate) max_size: Option<u64>,
    /// `pool` and `poolSize`: what all volumes of the pool may take together.
    pub(crate) pool: Option<Pool>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pool {
    pub(crate) name: String,
    pub(crate) size: u64,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadParameter {
    #[error("parameter {0} is not known; there are maxSize, pool and poolSize")]
    Unknown(String),
    #[error("parameter {name} is {value}, not a size such as 64Mi")]
    Size { name: &'static str, value: String },
    #[error("pool and poolSize come together")]
    HalfAPool,
}

impl Limits {
    pub(crate) fn parse(parameters: &HashMap<String, String>) -> Result<Self, BadParameter> {
        let known = ["maxSize", "pool", "poolSize"];
        if let Some(other) = parameters.keys().find(|name| !known.contains(&name.as_str()) && !name.starts_with(ADDED)) {
            return Err(BadParameter::Unknown(other.clone()));
        }
        let size = |name: &'static str| match parameters.get(name) {
            Some(value) => bytes(value).map(Some).ok_or_else(|| BadParameter::Size { name, value: value.clone() }),
            None => Ok(None),
        };
        let pool = match (parameters.get("pool"), size("poolSize")?) {
            (Some(name), Some(size)) => Some(Pool { name: name.clone(), size }),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return Err(BadParameter::HalfAPool),
        };
        Ok(Self { max_size: size("maxSize")?, pool })
    }
}

/// Plain bytes, or with one of the binary suffixes.
fn bytes(text: &str) -> Option<u64> {
    let suffixes = [("Ki", 1 << 10), ("Mi", 1 << 20), ("Gi", 1 << 30), ("Ti", 1 << 40)];
    let suffixed = suffixes.iter().find_map(|(suffix, unit)| Some((text.strip_suffix(suffix)?, *unit)));
    let (number, unit): (&str, u64) = suffixed.unwrap_or((text, 1));
    number.parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(parameters: &[(&str, &str)]) -> Result<Limits, BadParameter> {
        Limits::parse(&parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn a_class_says_how_large_one_volume_and_all_together_may_be() {
        let limits = parse(&[("maxSize", "64Mi"), ("pool", "small"), ("poolSize", "1Gi"), ("csi.storage.k8s.io/pvc/name", "data")]);
        let pool = Some(Pool { name: "small".into(), size: 1 << 30 });
        assert_eq!(limits, Ok(Limits { max_size: Some(64 << 20), pool }));
        assert_eq!(parse(&[]), Ok(Limits::default()));
    }

    #[test]
    fn what_a_class_says_wrongly_is_refused() {
        assert_eq!(parse(&[("maxsize", "1Gi")]), Err(BadParameter::Unknown("maxsize".into())));
        assert_eq!(parse(&[("maxSize", "1G")]), Err(BadParameter::Size { name: "maxSize", value: "1G".into() }));
        assert_eq!(parse(&[("maxSize", "99999999Ti")]), Err(BadParameter::Size { name: "maxSize", value: "99999999Ti".into() }));
        assert_eq!(parse(&[("pool", "small")]), Err(BadParameter::HalfAPool));
    }
}
