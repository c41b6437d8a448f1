//! Flow efficiency: how much of the time from start to end somebody worked on an item.

use pm33_product::Status;
use pm33_tenancy::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{item::FlowItem, measure::Measure};
use crate::calendar::Calendar;

/// Fewest items with a state history.
const ITEMS_MIN: usize = 5;

/// Flow efficiency over finished items with a state history.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Efficiency {
    /// Working time in progress or in review over all working time from the first start to the end, of all items together,
    /// 0 to 1 (Modig & Åhlström 2012). Time blocked, or back in the backlog, is waiting.
    pub active_share: f64,
    /// The part of the same time in which items were blocked.
    pub blocked_share: f64,
}

pub(super) fn efficiency(calendar: &Calendar, items: &[FlowItem], as_of: Timestamp) -> Measure<Efficiency> {
    let (mut active, mut blocked, mut whole, mut count) = (0.0, 0.0, 0.0, 0);
    for item in items {
        let Some(done) = item.done(as_of) else { continue };
        let begun =
            item.changes.iter().position(|(_, to)| matches!(to, Status::InProgress | Status::InReview));
        let Some(begun) = begun else { continue };
        count += 1;
        let ends = item.changes[begun + 1..].iter().map(|(at, _)| *at).chain([done]);
        for ((from, status), to) in item.changes[begun..].iter().zip(ends) {
            let to = to.min(done);
            if *from >= to {
                continue;
            }
            let spent = calendar.elapsed(*from, to);
            whole += spent;
            match status {
                Status::InProgress | Status::InReview => active += spent,
                Status::Blocked => blocked += spent,
                _ => {}
            }
        }
    }
    Measure::of("finished items with a state history", count, ITEMS_MIN, || {
        (whole > 0.0).then(|| Efficiency { active_share: active / whole, blocked_share: blocked / whole })
    })
}
