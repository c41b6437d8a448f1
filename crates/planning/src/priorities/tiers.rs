//! Tiers P0 to P4 by a declared rule: floors for what is critical or due, then quantiles with hysteresis.

use jiff::civil::Date;
use pm33_product::Priority;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Candidate, Ranking};

/// A tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Tier {
    /// Now.
    P0,
    /// Next.
    P1,
    /// Soon.
    P2,
    /// Later.
    P3,
    /// Perhaps.
    P4,
}

impl Tier {
    const ALL: [Self; 5] = [Self::P0, Self::P1, Self::P2, Self::P3, Self::P4];
}

/// The rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TierRules {
    /// Parts of the list, from the top, at which P0, P1, P2 and P3 end.
    pub ends: [f64; 4],
    /// Part of the list by which an end must be passed before an item leaves the tier that it had.
    pub hysteresis: f64,
    /// An item due in at most so many days is P1 or better.
    pub due_days: i32,
    /// Today.
    pub today: Date,
}

impl TierRules {
    /// 5 %, 20 %, 50 % and 80 %; 2 % of hysteresis; 14 days.
    pub const fn standard(today: Date) -> Self {
        Self { ends: [0.05, 0.2, 0.5, 0.8], hysteresis: 0.02, due_days: 14, today }
    }
}

/// The tier of one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiered {
    /// The tier; `None` where nothing is known that would put it into one.
    pub tier: Option<Tier>,
    /// Which part of the rule decided.
    pub reason: TierReason,
}

/// Which part of the rule decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TierReason {
    /// Its place among the items of whose value something is known.
    Place,
    /// Nothing is known of its value, so it is in no tier.
    NothingKnown,
    /// Its place is near an end; it keeps the tier that it had.
    Kept,
    /// Declared critical: P1 or better.
    CriticalFloor,
    /// Due soon or overdue: P1 or better.
    DeadlineFloor,
}

/// The tier of each ranked item, in the ranking's order; quantiles are those of the items that have a place. `previous` gives the tier that an item had, by its place in
/// the list of candidates.
pub fn tiers(
    ranking: &Ranking,
    candidates: &[Candidate],
    rules: &TierRules,
    previous: impl Fn(usize) -> Option<Tier>,
) -> Vec<Tiered> {
    let all = number(ranking.items.iter().filter(|ranked| ranked.placed).count().max(1));
    let tiered = ranking.items.iter().map(|ranked| {
        let candidate = &candidates[ranked.candidate];
        // The middle of the item's own slot: in a list of one, the only item is not in the last tier.
        let place = (number(ranked.rank) - 1.0) / all;
        let at = |place: f64| Tier::ALL[rules.ends.iter().filter(|&&end| place >= end).count()];
        let plain = at(place);
        let near = |tier: Tier| {
            at((place - rules.hysteresis).max(0.0)) <= tier && tier <= at((place + rules.hysteresis).min(1.0))
        };
        let kept = previous(ranked.candidate).filter(|&tier| tier != plain && near(tier));
        let (tier, reason) = match kept {
            _ if !ranked.placed => (None, TierReason::NothingKnown),
            Some(kept) => (Some(kept), TierReason::Kept),
            None => (Some(plain), TierReason::Place),
        };
        let low = tier.is_none_or(|tier| tier > Tier::P1);
        let days = candidate.due.map(|due| due.since(rules.today).map_or(i32::MAX, |span| span.get_days()));
        if low && candidate.priority == Priority::Critical {
            Tiered { tier: Some(Tier::P1), reason: TierReason::CriticalFloor }
        } else if low && days.is_some_and(|days| days <= rules.due_days) {
            Tiered { tier: Some(Tier::P1), reason: TierReason::DeadlineFloor }
        } else {
            Tiered { tier, reason }
        }
    });
    tiered.collect()
}

#[expect(clippy::cast_precision_loss, reason = "a number of items")]
fn number(count: usize) -> f64 {
    count as f64
}
