//! All metrics of one team, or of a workspace as one.

use pm33_tenancy::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    efficiency::{Efficiency, efficiency},
    item::{FlowItem, SprintSpan},
    little::{LittlesLaw, littles_law},
    measure::Measure,
    quantile::Percentiles,
    rank::{Correlation, spearman},
    sprint::{Velocity, velocity},
    times::{WorkInProgress, cycle, cycle_times, in_progress, lead_times, percentiles},
    weekly::{Weekly, weekly},
};
use crate::calendar::Calendar;

/// Fewest items with points and cycle time.
const PAIRS_MIN: usize = 10;

/// What metrics are computed from.
#[derive(Clone, Debug)]
pub struct FlowInput<'a> {
    /// The team's calendar.
    pub calendar: &'a Calendar,
    /// Its items, finished ones too.
    pub items: &'a [FlowItem],
    /// Its sprints.
    pub sprints: &'a [SprintSpan],
    /// Its work-in-progress limit.
    pub wip_limit: Option<u32>,
    /// The time of the answer; what happened later is not seen.
    pub as_of: Timestamp,
}

/// Velocity and flow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FlowReport {
    /// Velocity per sprint, scaled to one length, with stability, trend and say/do.
    pub velocity: Velocity,
    /// Throughput per working week.
    pub throughput: Weekly,
    /// Cycle time in working days from the start of work to done.
    pub cycle_time: Measure<Percentiles>,
    /// Lead time in working days from creation to done.
    pub lead_time: Measure<Percentiles>,
    /// Work in progress and its age.
    pub work_in_progress: WorkInProgress,
    /// Flow efficiency, where state history is kept.
    pub flow_efficiency: Measure<Efficiency>,
    /// Whether Little's law holds, that is, whether the times above can be believed.
    pub littles_law: Measure<LittlesLaw>,
    /// Spearman correlation of story points with cycle time: whether estimates say anything about duration.
    pub points_against_cycle_time: Measure<Correlation>,
    /// Items that are done since an unknown time. They are in none of the figures, so that the pace may be higher.
    pub done_undated: u32,
    /// The time of the data.
    pub as_of: Timestamp,
}

/// Computes every metric.
pub fn analyse(input: &FlowInput<'_>) -> FlowReport {
    let FlowInput { calendar, items, sprints, wip_limit, as_of } = *input;
    let cycles = cycle_times(calendar, items, as_of);
    let cycle_time = percentiles("finished items with a start", &cycles);
    let pairs: Vec<(f64, f64)> =
        items.iter().filter_map(|item| Some((item.size()?, cycle(calendar, item, as_of)?))).collect();
    FlowReport {
        velocity: velocity(calendar, items, sprints, as_of),
        throughput: weekly(calendar, items, as_of),
        lead_time: percentiles("finished items with a creation time", &lead_times(calendar, items, as_of)),
        work_in_progress: in_progress(calendar, items, wip_limit, &cycle_time, as_of),
        cycle_time,
        flow_efficiency: efficiency(calendar, items, as_of),
        littles_law: littles_law(calendar, items, as_of),
        points_against_cycle_time: Measure::of(
            "finished items with points and a start",
            pairs.len(),
            PAIRS_MIN,
            || spearman(&pairs),
        ),
        done_undated: u32::try_from(items.iter().filter(|item| item.is_undated()).count())
            .unwrap_or(u32::MAX),
        as_of,
    }
}

#[cfg(test)]
mod tests;
