//! How sets of items split, grow and shrink on their way, from sets that are finished.

use pm33_tenancy::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Fewest finished sets before growth is sampled.
const SETS_MIN: usize = 5;
/// Fewest items of a set that tells something.
const ITEMS_MIN: usize = 3;
/// The largest growth that is believed.
const RATIO_MAX: f64 = 10.0;

/// An item of a set that was worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScopeItem {
    /// When it was added to the set.
    pub created: Timestamp,
    /// When it was over, and how.
    pub over: Option<(Timestamp, Ending)>,
}

/// How an item ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It was finished.
    Done,
    /// It was cancelled.
    Dropped,
}

/// Factors from items that were known to be open to items that were then still finished.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Growth {
    /// Finished sets that the factors come from.
    pub sets: usize,
    /// The factors, ascending; empty while there are fewer than five sets, and then scope is taken as known.
    pub factors: Vec<f64>,
}

impl Growth {
    /// The middle factor; 1 without factors.
    pub fn median(&self) -> f64 {
        self.factors.get(self.factors.len() / 2).copied().unwrap_or(1.0)
    }

    /// Items that a set of so many becomes in one trial, given two even numbers from 0 to 1; at least one.
    pub(super) fn grown(&self, items: u32, which: f64, within: f64) -> u32 {
        let place = (which * self.factors.len() as f64) as usize;
        match self.factors.get(place) {
            Some(factor) if items > 0 => ((f64::from(items) * factor + within).floor() as u32).max(1),
            _ => items,
        }
    }
}

/// Growth from sets of items (epics, as a rule) that are over. Each is looked at when none, a quarter, half and three
/// quarters of its finished items were finished: how many items were finished after that, for each that was open then?
pub fn growth(sets: &[Vec<ScopeItem>]) -> Growth {
    let mut factors = Vec::new();
    let mut used = 0;
    for set in sets {
        let ends: Option<Vec<_>> = set.iter().map(|item| item.over).collect();
        let Some(ends) = ends.filter(|ends| ends.len() >= ITEMS_MIN) else { continue };
        let mut done: Vec<Timestamp> =
            ends.iter().filter(|(_, ending)| *ending == Ending::Done).map(|(at, _)| *at).collect();
        done.sort_unstable();
        let Some(begun) = set.iter().map(|item| item.created).min().filter(|_| !done.is_empty()) else {
            continue;
        };
        used += 1;
        for quarter in 0..4 {
            let at = if quarter == 0 { begun } else { done[(done.len() * quarter / 4).min(done.len() - 1)] };
            let known = set
                .iter()
                .filter(|item| item.created <= at && item.over.is_some_and(|(over, _)| over > at))
                .count();
            let after = done.len() - done.partition_point(|finished| *finished <= at);
            if known > 0 {
                factors.push((after as f64 / known as f64).min(RATIO_MAX));
            }
        }
    }
    if used < SETS_MIN {
        factors.clear();
    }
    factors.sort_by(f64::total_cmp);
    Growth { sets: used, factors }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(items: &[(i64, i64, Ending)]) -> Vec<ScopeItem> {
        let at = Timestamp::from_micros;
        items
            .iter()
            .map(|(created, over, ending)| ScopeItem {
                created: at(*created),
                over: Some((at(*over), *ending)),
            })
            .collect()
    }

    #[test]
    fn sets_that_doubled_say_two() {
        use Ending::Done;
        let doubled = set(&[(0, 10, Done), (0, 11, Done), (5, 12, Done), (5, 13, Done)]);
        let found = growth(&vec![doubled.clone(); 5]);
        assert_eq!(found.sets, 5);
        assert!((found.factors.last().copied().unwrap_or_default() - 2.0).abs() < 1e-12, "{found:?}");
        assert!(growth(&vec![doubled; 4]).factors.is_empty(), "four sets are too few");
    }

    #[test]
    fn dropped_items_shrink_a_set_and_open_sets_say_nothing() {
        use Ending::{Done, Dropped};
        let half = set(&[(0, 10, Done), (0, 11, Dropped), (0, 12, Done), (0, 13, Dropped)]);
        let found = growth(&vec![half.clone(); 6]);
        assert!((found.factors.last().copied().unwrap_or_default() - 0.5).abs() < 1e-12, "{found:?}");
        let mut open = half;
        open[0].over = None;
        assert_eq!(growth(&vec![open; 6]), Growth::default());
    }

    #[test]
    fn growing_keeps_at_least_one_item_and_is_even_on_average() {
        let growth = Growth { sets: 5, factors: vec![0.25, 1.5] };
        assert_eq!(growth.grown(1, 0.0, 0.0), 1);
        assert_eq!(growth.grown(0, 0.9, 0.9), 0);
        assert_eq!((growth.grown(3, 0.9, 0.2), growth.grown(3, 0.9, 0.7)), (4, 5));
        assert_eq!(Growth::default().grown(7, 0.5, 0.5), 7);
    }
}
