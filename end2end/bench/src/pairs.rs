//! How do two things compare on a machine whose speed drifts? In turns, A B A B, each pair its own ratio.
use anyhow::Result;

use crate::figure::Figure;

/// Of sorted or unsorted values, by nearest rank; 0 of none.
pub fn quantile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "an index into a few values")]
    let index = (last as f64 * part).round() as usize;
    sorted.get(index).copied().unwrap_or_default()
}

pub fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

#[derive(Default)]
pub struct Pairs {
    ours: Vec<f64>,
    baseline: Vec<f64>,
}

impl Pairs {
    /// `count` pairs after one that warms up.
    pub async fn take(
        count: usize,
        mut ours: impl AsyncFnMut() -> Result<f64>,
        mut baseline: impl AsyncFnMut() -> Result<f64>,
    ) -> Result<Self> {
        let mut pairs = Self::default();
        for turn in 0..=count {
            let pair = (ours().await?, baseline().await?);
            if turn > 0 {
                pairs.add(pair.0, pair.1);
            }
        }
        Ok(pairs)
    }

    pub fn add(&mut self, ours: f64, baseline: f64) {
        self.ours.push(ours);
        self.baseline.push(baseline);
    }

    /// Medians of both, and the quartiles of the pairs' ratios.
    pub fn figure(&self, name: &str, unit: &str, limits: [f64; 2]) -> Figure {
        let ratios: Vec<f64> = self.ours.iter().zip(&self.baseline).map(|(ours, baseline)| ours / baseline).collect();
        let quartiles = [quantile(&ratios, 0.25), quantile(&ratios, 0.75)];
        Figure::timed(name, unit, [median(&self.ours), median(&self.baseline)], limits).quartiles(quartiles).note(format!(
            "{} pairs, quartiles of the ratio {:.4} to {:.4}",
            ratios.len(),
            quartiles[0],
            quartiles[1]
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_were_seen() {
        let values = [5.0, 1.0, 4.0, 2.0, 3.0];
        assert_eq!([quantile(&values, 0.0), median(&values), quantile(&values, 0.99)], [1.0, 3.0, 5.0]);
        assert_eq!(median(&[]), 0.0);
    }
}
