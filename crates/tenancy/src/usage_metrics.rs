//! Usage metrics that may be published (promise P7): sums over organisations, each of which counts for so much at most,
//! and no sum that tells of few. A day is summed once: asked again after some have opted out, the difference of the two
//! answers would be those few.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// What holds for every published sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct MetricRules {
    /// Organisations that contribute to a sum at least.
    pub least: usize,
    /// What one organisation counts for in a sum at most.
    pub clip: u64,
    /// The largest organisation's part of a sum at most, in percent.
    pub share: u64,
}

impl MetricRules {
    /// The rules of this program (governance G10): ten organisations, none of them more than 40 %.
    pub const PUBLISHED: Self = Self { least: 10, clip: 1_000, share: 40 };
}

/// What one organisation contributes to a sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contribution {
    /// The organisation, by a keyed pseudonym.
    pub from: String,
    /// The sum: names of the program only, such as a tool and an outcome.
    pub cell: String,
    /// Calls.
    pub value: u64,
}

/// The sums of a day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The day (UTC); nothing is finer.
    pub day: String,
    /// Sums by cell. There is no total over cells: with one it could be told what a cell that is not here has.
    pub sums: BTreeMap<String, u64>,
}

/// What is kept beside a release, and never published: who contributed, by keyed pseudonyms.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The release.
    pub release: Release,
    /// Who contributed to each cell that there was, published or not.
    pub contributors: BTreeMap<String, BTreeSet<String>>,
}

/// Sums a day's contributions. What an earlier release of the same day has of a cell stands when fewer than `least`
/// organisations came or went since.
pub fn summed(rules: MetricRules, day: &str, all: &[Contribution], earlier: Option<&Kept>) -> Kept {
    let mut cells: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for one in all.iter().filter(|one| one.value > 0) {
        let of = cells.entry(one.cell.clone()).or_default().entry(one.from.clone()).or_default();
        *of = of.saturating_add(one.value).min(rules.clip);
    }
    let earlier = earlier.filter(|kept| kept.release.day == day);
    let mut kept = Kept { release: Release { day: day.to_owned(), ..Release::default() }, ..Kept::default() };
    let names: BTreeSet<String> =
        cells.keys().chain(earlier.into_iter().flat_map(|kept| kept.contributors.keys())).cloned().collect();
    for cell in names {
        let of = cells.remove(&cell).unwrap_or_default();
        let now: BTreeSet<String> = of.keys().cloned().collect();
        if let Some(known) = earlier.and_then(|kept| kept.contributors.get(&cell))
            && known.symmetric_difference(&now).count() < rules.least
        {
            kept.contributors.insert(cell.clone(), known.clone());
            if let Some(sum) = earlier.and_then(|kept| kept.release.sums.get(&cell)) {
                kept.release.sums.insert(cell, *sum);
            }
            continue;
        }
        let sum: u64 = of.values().sum();
        let largest = of.values().max().copied().unwrap_or(0);
        if of.len() >= rules.least && largest.saturating_mul(100) <= sum.saturating_mul(rules.share) {
            kept.release.sums.insert(cell.clone(), sum);
        }
        kept.contributors.insert(cell, now);
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RULES: MetricRules = MetricRules::PUBLISHED;

    fn one(from: usize, value: u64) -> Contribution {
        Contribution { from: format!("t{from}"), cell: "tool done".to_owned(), value }
    }

    fn sum(all: &[Contribution], earlier: Option<&Kept>) -> (Option<u64>, Kept) {
        let kept = summed(RULES, "2026-11-25", all, earlier);
        (kept.release.sums.get("tool done").copied(), kept)
    }

    #[test]
    fn few_tell_nothing_and_nobody_counts_for_more_than_the_clip() {
        let nine: Vec<_> = (0..9).map(|from| one(from, 5)).collect();
        assert_eq!(sum(&nine, None).0, None);
        let mut ten: Vec<_> = (0..10).map(|from| one(from, 500)).collect();
        assert_eq!(sum(&ten, None).0, Some(5_000));
        // In two parts, and huge: clipped together.
        ten.push(one(9, u64::MAX));
        assert_eq!(sum(&ten, None).0, Some(5_500));
        let silent: Vec<_> = (0..30).map(|from| one(from, u64::from(from < 9))).collect();
        assert_eq!(sum(&silent, None).0, None, "who did nothing does not hide who did");
    }

    #[test]
    fn one_that_is_most_of_it_is_not_told() {
        let mut all: Vec<_> = (0..20).map(|from| one(from, 1)).collect();
        all[0].value = 13;
        assert_eq!(sum(&all, None).0, None, "13 of 32 is more than 40 %");
        all[0].value = 12;
        assert_eq!(sum(&all, None).0, Some(31));
    }

    #[test]
    fn a_second_release_does_not_tell_who_left() {
        let all: Vec<_> = (0..20).map(|from| one(from, 1)).collect();
        let (first, kept) = sum(&all, None);
        assert_eq!(first, Some(20));
        assert_eq!(sum(&all[..11], Some(&kept)).0, Some(20), "nine left: the answer stands");
        assert_eq!(sum(&all[..10], Some(&kept)).0, Some(10), "ten left: their sum is one that may be told");
        let nobody = sum(&[], Some(&sum(&all[..9], None).1));
        assert_eq!(nobody.0, None);
        let other = summed(RULES, "2026-11-26", &all[..11], Some(&kept));
        assert_eq!(other.release.sums.get("tool done"), Some(&11), "another day is another question");
    }

    proptest! {
        #[test]
        fn no_difference_of_two_releases_is_of_few(
            values in proptest::collection::vec(0_u64..2_000, 0..40),
            left in proptest::collection::vec(any::<bool>(), 40),
        ) {
            let all: Vec<_> = values.iter().enumerate().map(|(from, value)| one(from, *value)).collect();
            let (before, kept) = sum(&all, None);
            let fewer: Vec<_> = all.iter().zip(&left).filter(|(_, left)| !**left).map(|(one, _)| one.clone()).collect();
            let (after, _) = sum(&fewer, Some(&kept));
            let gone = all.iter().zip(&left).filter(|(one, left)| **left && one.value > 0).count();
            if before != after {
                prop_assert!(gone >= RULES.least);
            }
            for told in [before, after].into_iter().flatten() {
                prop_assert!(told >= 10, "ten organisations did something each");
            }
        }
    }
}
