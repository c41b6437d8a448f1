//! Cycle and lead times, and the age of what is in progress against them.

use pm33_tenancy::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    item::FlowItem,
    measure::Measure,
    quantile::{Percentiles, sorted},
};
use crate::calendar::Calendar;

/// Fewest finished items for percentiles.
const ITEMS_MIN: usize = 10;
/// Most items of the at-risk list.
pub const RISK_MAX: usize = 50;

/// Work in progress at the as-of time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WorkInProgress {
    /// Items begun and not over.
    pub items: usize,
    /// The team's limit, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Ages in working days since work began.
    pub age: Measure<Percentiles>,
    /// Items at risk, oldest first, at most 50: older than 85 % of finished items took. Empty too when cycle times are not
    /// known.
    pub at_risk: Vec<AgingItem>,
}

/// An item in progress that is old.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AgingItem {
    /// Its key.
    pub key: String,
    /// Working days since work began.
    pub age_days: f64,
    /// It is older than this percentage of finished items took: 85 or 95.
    pub older_than: u8,
}

/// Working days from the start of work to its end.
pub(super) fn cycle_times(calendar: &Calendar, items: &[FlowItem], as_of: Timestamp) -> Vec<f64> {
    sorted(items.iter().filter_map(|item| cycle(calendar, item, as_of)))
}

/// One item's cycle time; `None` when it is not done, its start is unknown or lies after its end.
pub(super) fn cycle(calendar: &Calendar, item: &FlowItem, as_of: Timestamp) -> Option<f64> {
    let (started, done) = (item.started?, item.done(as_of)?);
    (started <= done).then(|| calendar.elapsed(started, done))
}

/// Working days from creation to the end.
pub(super) fn lead_times(calendar: &Calendar, items: &[FlowItem], as_of: Timestamp) -> Vec<f64> {
    let lead = |item: &FlowItem| {
        let (created, done) = (item.created?, item.done(as_of)?);
        (created <= done).then(|| calendar.elapsed(created, done))
    };
    sorted(items.iter().filter_map(lead))
}

/// Percentiles of times in ascending order.
pub(super) fn percentiles(what: &str, times: &[f64]) -> Measure<Percentiles> {
    Measure::of(what, times.len(), ITEMS_MIN, || Percentiles::of(times))
}

pub(super) fn in_progress(
    calendar: &Calendar,
    items: &[FlowItem],
    limit: Option<u32>,
    cycle: &Measure<Percentiles>,
    as_of: Timestamp,
) -> WorkInProgress {
    let mut ages: Vec<(f64, &str)> = items
        .iter()
        .filter(|item| item.status.is_open() && item.in_progress(as_of))
        .filter_map(|item| Some((calendar.elapsed(item.started?, as_of), item.key.as_str())))
        .collect();
    ages.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    let at_risk = ages
        .iter()
        .filter_map(|(age, key)| {
            let older_than = cycle.known()?.exceeded(*age).filter(|level| *level >= 85)?;
            Some(AgingItem { key: (*key).to_owned(), age_days: *age, older_than })
        })
        .take(RISK_MAX)
        .collect();
    let sorted = sorted(ages.iter().map(|(age, _)| *age));
    WorkInProgress {
        items: ages.len(),
        limit,
        age: Measure::of("items in progress", sorted.len(), 1, || Percentiles::of(&sorted)),
        at_risk,
    }
}
