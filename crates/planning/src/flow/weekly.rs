//! Throughput per working week.

use pm33_tenancy::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    item::FlowItem,
    measure::Measure,
    quantile::Summary,
    trend::{Trend, trend},
    xmr::{Xmr, xmr},
};
use crate::{
    calendar::{Calendar, date_of_day, day_number},
    forecast::throughput,
};

/// Weeks that are looked at, the latest.
const WEEKS: i32 = 26;
/// Fewest weeks for a summary, for limits and for a trend.
const SUMMARY_MIN: usize = 3;
const LIMITS_MIN: usize = 6;
const TREND_MIN: usize = 8;

/// Items finished per working week over the last 26 weeks of seven days before the as-of day. A week with holidays is
/// scaled to the team's usual working days; a week without any working day is left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Weekly {
    /// Items per working week.
    pub items: Measure<Summary>,
    /// Stability of items per working week.
    pub stability: Measure<Xmr>,
    /// Trend of items per working week.
    pub trend: Measure<Trend>,
    /// The weeks, oldest first: first day, and items scaled to a usual week.
    pub weeks: Vec<(String, f64)>,
}

pub(super) fn weekly(calendar: &Calendar, items: &[FlowItem], as_of: Timestamp) -> Weekly {
    let finished: Vec<Timestamp> = items.iter().filter_map(|item| item.done(as_of)).collect();
    let history = throughput(calendar, &finished, as_of);
    let today = day_number(calendar.date(as_of));
    let mut weeks = Vec::new();
    if let Some(first) = history.first {
        for back in (1..=WEEKS).rev() {
            let start = today - 7 * back;
            let (from, to) = (date_of_day(start), date_of_day(start + 7));
            let working = calendar.count(from, to);
            if from < first || working <= 0 {
                continue;
            }
            let place = usize::try_from(calendar.count(first, from)).unwrap_or(0);
            let days = history.counts.iter().skip(place).take(usize::try_from(working).unwrap_or(0));
            let count: u32 = days.sum();
            let usual = f64::from(calendar.days_per_week());
            weeks.push((from.to_string(), f64::from(count) * usual / f64::from(working)));
        }
    }
    let counts: Vec<f64> = weeks.iter().map(|(_, count)| *count).collect();
    let what = "whole weeks since the first finished item";
    Weekly {
        items: Measure::of(what, weeks.len(), SUMMARY_MIN, || Summary::of(&counts)),
        stability: Measure::of(what, weeks.len(), LIMITS_MIN, || xmr(&weeks)),
        trend: Measure::of(what, weeks.len(), TREND_MIN, || trend(&counts)),
        weeks,
    }
}
