//! What judged bindings add up to.

/// How an item contributes to an objective.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Contribution {
    /// It does not.
    None,
    /// It helps something that helps.
    Indirect,
    /// It moves the objective or one of its key results.
    Direct,
    /// Without it the objective cannot be reached.
    Critical,
}

impl Contribution {
    /// Its value, 0 to 1.
    pub const fn value(self) -> f64 {
        match self {
            Self::None => 0.0,
            Self::Indirect => 1.0 / 3.0,
            Self::Direct => 2.0 / 3.0,
            Self::Critical => 1.0,
        }
    }
}

/// A judged binding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bound {
    /// Weight of the objective, 0 to 1.
    pub weight: f64,
    /// Share of the item's effect that the link gives to it, 0 to 1.
    pub share: f64,
    /// What was judged.
    pub contribution: Contribution,
    /// How sure that is, 0 to 1.
    pub confidence: f64,
}

impl Bound {
    /// What it adds to the score.
    pub fn part(&self, total_weight: f64) -> f64 {
        if total_weight <= 0.0 {
            return 0.0;
        }
        let unit = |value: f64| value.clamp(0.0, 1.0);
        self.weight.max(0.0) * unit(self.share) * self.contribution.value() * unit(self.confidence)
            / total_weight
    }
}

/// The score of an item: weights × contribution × confidence over the weight of all active objectives, 0 to 1. Nothing
/// when nothing was judged or no objective is active: there is nothing to serve then, and no number says so.
pub fn score(bound: &[Bound], total_weight: f64) -> Option<f64> {
    if bound.is_empty() || total_weight <= 0.0 {
        return None;
    }
    Some(bound.iter().map(|one| one.part(total_weight)).sum::<f64>().clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bound(weight: f64, contribution: Contribution, confidence: f64) -> Bound {
        Bound { weight, share: 1.0, contribution, confidence }
    }

    #[test]
    fn the_formula_by_hand() {
        let judged = [bound(0.4, Contribution::Critical, 0.9), bound(0.2, Contribution::Direct, 1.0)];
        let found = score(&judged, 1.0).unwrap();
        assert!((found - (0.4 * 0.9 + 0.2 * 2.0 / 3.0)).abs() < 1e-12);
        assert_eq!(score(&[], 1.0), None);
        assert_eq!(score(&judged, 0.0), None);
    }

    proptest! {
        #[test]
        fn a_score_lies_between_nothing_and_all_and_grows_with_each_part(
            weights in prop::collection::vec(0.0..1.0_f64, 1..6), step in 0..3_usize, sure in 0.0..=1.0_f64,
        ) {
            let steps = [Contribution::None, Contribution::Indirect, Contribution::Direct, Contribution::Critical];
            let total: f64 = weights.iter().sum();
            let judged: Vec<_> = weights.iter().map(|weight| bound(*weight, steps[step], sure)).collect();
            let mut more = judged.clone();
            more[0].contribution = steps[step + 1];
            if let (Some(one), Some(other)) = (score(&judged, total), score(&more, total)) {
                prop_assert!((0.0..=1.0).contains(&one) && one <= other + 1e-12);
            }
        }
    }
}
