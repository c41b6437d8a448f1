//! A check by Little's law (Little 1961): over a stretch in which a team is steady, mean work in progress is throughput
//! times mean cycle time. When it is not, the start and finish times do not tell the whole story.

use pm33_tenancy::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{item::FlowItem, measure::Measure, times::cycle};
use crate::calendar::{Calendar, date_of_day, day_number};

/// Days that are looked at.
const DAYS: i32 = 26 * 7;
/// Fewest items finished in them.
const ITEMS_MIN: usize = 10;
/// Difference up to which the law is said to hold.
const TOLERANCE: f64 = 0.25;

/// The two sides of the law over the last 26 weeks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LittlesLaw {
    /// Mean of the items in progress at the end of each working day.
    pub mean_in_progress: f64,
    /// Items finished per working day times mean cycle time in working days.
    pub throughput_times_cycle: f64,
    /// Whether both differ by at most 25 % of the larger. When not, work in progress is growing or shrinking, or start times
    /// are missing: then cycle times say little about the future.
    pub holds: bool,
}

pub(super) fn littles_law(calendar: &Calendar, items: &[FlowItem], as_of: Timestamp) -> Measure<LittlesLaw> {
    let today = day_number(calendar.date(as_of));
    let days: Vec<_> =
        (today - DAYS..today).map(date_of_day).filter(|day| calendar.is_working(*day)).collect();
    let since = date_of_day(today - DAYS);
    let cycles: Vec<f64> = items
        .iter()
        .filter(|item| {
            item.done(as_of).is_some_and(|done| (since..date_of_day(today)).contains(&calendar.date(done)))
        })
        .filter_map(|item| cycle(calendar, item, as_of))
        .collect();
    Measure::of("items with start and end in the last 26 weeks", cycles.len(), ITEMS_MIN, || {
        let spans: Vec<_> = items
            .iter()
            .filter_map(|item| {
                Some((calendar.date(item.started?), item.ended.map(|ended| calendar.date(ended))))
            })
            .collect();
        let count = days.len() as f64;
        let begun = |day: &jiff::civil::Date| {
            spans.iter().filter(|(start, end)| start <= day && end.is_none_or(|end| end > *day)).count()
                as f64
        };
        let mean_in_progress = days.iter().map(begun).sum::<f64>() / count;
        // Items finished times their mean cycle time is the sum of the cycle times.
        let throughput_times_cycle = cycles.iter().sum::<f64>() / count;
        let larger = mean_in_progress.max(throughput_times_cycle);
        (count > 0.0).then_some(LittlesLaw {
            mean_in_progress,
            throughput_times_cycle,
            holds: (mean_in_progress - throughput_times_cycle).abs() <= TOLERANCE * larger,
        })
    })
}
