//! Do estimates say anything? Spearman's rank correlation (Spearman 1904), with midranks for ties.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};

/// A rank correlation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Correlation {
    /// Spearman's rho, -1 to 1: 0 says nothing about the other, 1 orders the same way.
    pub rho: f64,
    /// Two-sided p by the t approximation with n - 2 degrees of freedom.
    pub p: f64,
}

/// Spearman's correlation of pairs; `None` of fewer than three pairs or when one side is all the same.
pub fn spearman(pairs: &[(f64, f64)]) -> Option<Correlation> {
    if pairs.len() < 3 {
        return None;
    }
    let left = ranks(&pairs.iter().map(|pair| pair.0).collect::<Vec<_>>());
    let right = ranks(&pairs.iter().map(|pair| pair.1).collect::<Vec<_>>());
    let count = pairs.len() as f64;
    let middle = f64::midpoint(count, 1.0);
    let product =
        |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - middle) * (b - middle)).sum::<f64>();
    let spread = (product(&left, &left) * product(&right, &right)).sqrt();
    if spread <= 0.0 {
        return None;
    }
    let rho = (product(&left, &right) / spread).clamp(-1.0, 1.0);
    let p = if rho.abs() >= 1.0 {
        0.0
    } else {
        let t = rho.abs() * ((count - 2.0) / (1.0 - rho * rho)).sqrt();
        2.0 * StudentsT::new(0.0, 1.0, count - 2.0).ok()?.sf(t)
    };
    Some(Correlation { rho, p: p.clamp(0.0, 1.0) })
}

/// Ranks from 1, equal values sharing the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut below = 0;
    for equal in order.chunk_by(|a, b| values[*a].total_cmp(&values[*b]).is_eq()) {
        let rank = below as f64 + f64::midpoint(equal.len() as f64, 1.0);
        for index in equal {
            ranks[*index] = rank;
        }
        below += equal.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_values() {
        // The example of IQ and hours of television: rho = -29/165.
        let pairs = [
            (106.0, 7.0),
            (100.0, 27.0),
            (86.0, 2.0),
            (101.0, 50.0),
            (99.0, 28.0),
            (103.0, 29.0),
            (97.0, 20.0),
            (113.0, 12.0),
            (112.0, 6.0),
            (110.0, 17.0),
        ];
        let found = spearman(&pairs).expect("a correlation");
        assert!((found.rho + 29.0 / 165.0).abs() < 1e-12 && (found.p - 0.627_188).abs() < 1e-4, "{found:?}");
        assert_eq!(ranks(&[5.0, 1.0, 5.0, 0.0]), [3.5, 2.0, 3.5, 1.0]);
        assert!(spearman(&[(1.0, 2.0), (1.0, 3.0), (1.0, 4.0)]).is_none());
    }

    proptest! {
        #[test]
        fn only_the_order_matters(values in prop::collection::vec((0.1_f64..100.0, 0.1_f64..100.0), 3..40)) {
            let stretched: Vec<_> = values.iter().map(|(a, b)| (a.powi(3), b.ln())).collect();
            match (spearman(&values), spearman(&stretched)) {
                (Some(one), Some(other)) => prop_assert!((one.rho - other.rho).abs() < 1e-9),
                (one, other) => prop_assert_eq!(one.is_some(), other.is_some()),
            }
        }
    }
}
