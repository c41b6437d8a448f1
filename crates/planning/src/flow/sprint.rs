//! Velocity per sprint, and what was said against what was done.

use pm33_product::Status;
use pm33_tenancy::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    item::{FlowItem, SprintSpan},
    measure::Measure,
    quantile::{Summary, quantile, sorted},
    trend::{Trend, trend},
    xmr::{Xmr, xmr},
};
use crate::calendar::Calendar;

/// Fewest sprints for a mean with its spread, for limits, and for a test of trend.
const SUMMARY_MIN: usize = 3;
const LIMITS_MIN: usize = 6;
const TREND_MIN: usize = 8;

/// Velocity over the sprints that are over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Velocity {
    /// Working days of the usual sprint (the median length). Sprints of other lengths are scaled to it before they are
    /// compared: value times usual days over the sprint's own days.
    pub usual_days: f64,
    /// Points finished per sprint of usual length.
    pub points: Measure<Summary>,
    /// Items finished per sprint of usual length.
    pub items: Measure<Summary>,
    /// Stability of items per sprint.
    pub stability: Measure<Xmr>,
    /// Trend of items per sprint.
    pub trend: Measure<Trend>,
    /// Done over said, over the sprints whose commitment was recorded.
    pub say_do: Measure<Summary>,
    /// The sprints, oldest first.
    pub sprints: Vec<SprintRow>,
}

/// One sprint that is over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SprintRow {
    /// Its name.
    pub name: String,
    /// Its working days.
    pub working_days: i32,
    /// Points of the team's items finished during the sprint, unscaled; items without points count none.
    pub points: f64,
    /// The team's items finished during the sprint, unscaled.
    pub items: usize,
    /// What was said and done; not enough data where no commitment was recorded.
    pub say_do: Measure<SayDo>,
}

/// What was said against what was done, in items.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SayDo {
    /// Items that the team committed to at its start; where that was not recorded, items of the sprint that existed then.
    pub said: usize,
    /// Of these, finished by its end.
    pub done: usize,
    /// Items of the sprint that were not said.
    pub added: usize,
    /// Items that were said and then moved out of the sprint, and items of the sprint cancelled before its end. Where the
    /// commitment was not recorded, moved items are not seen.
    pub removed: usize,
    /// Done over said, 0 to 1.
    pub ratio: f64,
}

/// Velocity over the sprints that ended before a time and hold a working day.
pub(super) fn velocity(
    calendar: &Calendar,
    items: &[FlowItem],
    sprints: &[SprintSpan],
    as_of: Timestamp,
) -> Velocity {
    let today = calendar.date(as_of);
    let mut rows: Vec<(usize, SprintRow)> = Vec::new();
    for (index, sprint) in sprints.iter().enumerate().filter(|(_, sprint)| sprint.end < today) {
        let after = sprint.end.tomorrow().unwrap_or(sprint.end);
        let working_days = calendar.count(sprint.start, after);
        if working_days > 0 {
            rows.push((index, row(calendar, items, index, sprint, working_days, as_of)));
        }
    }
    rows.sort_by_key(|(index, _)| sprints[*index].start);
    let rows: Vec<SprintRow> = rows.into_iter().map(|(_, row)| row).collect();
    let usual_days =
        quantile(&sorted(rows.iter().map(|row| f64::from(row.working_days))), 0.5).unwrap_or(0.0);
    let scaled = |value: f64, row: &SprintRow| value * usual_days / f64::from(row.working_days);
    let points: Vec<f64> = rows.iter().map(|row| scaled(row.points, row)).collect();
    let counts: Vec<f64> = rows.iter().map(|row| scaled(row.items as f64, row)).collect();
    let kept: Vec<f64> =
        rows.iter().filter_map(|row| row.say_do.known()).map(|say_do| say_do.ratio).collect();
    let estimated = points.iter().filter(|points| **points > 0.0).count();
    Velocity {
        usual_days,
        points: Measure::of("finished sprints with points", estimated, SUMMARY_MIN, || Summary::of(&points)),
        items: Measure::of("finished sprints", rows.len(), SUMMARY_MIN, || Summary::of(&counts)),
        stability: Measure::of("finished sprints", rows.len(), LIMITS_MIN, || {
            let named = rows.iter().map(|row| row.name.clone()).zip(counts.iter().copied());
            xmr(&named.collect::<Vec<_>>())
        }),
        trend: Measure::of("finished sprints", rows.len(), TREND_MIN, || trend(&counts)),
        say_do: Measure::of("finished sprints with a recorded commitment", kept.len(), SUMMARY_MIN, || {
            Summary::of(&kept)
        }),
        sprints: rows,
    }
}

fn row(
    calendar: &Calendar,
    items: &[FlowItem],
    index: usize,
    sprint: &SprintSpan,
    working_days: i32,
    as_of: Timestamp,
) -> SprintRow {
    let during = |at: Timestamp| (sprint.start..=sprint.end).contains(&calendar.date(at));
    let finished: Vec<&FlowItem> = items.iter().filter(|item| item.done(as_of).is_some_and(during)).collect();
    let (mut said, mut done, mut added, mut removed) = (0_usize, 0_usize, 0, 0);
    for item in items {
        let inside = item.sprint == Some(index);
        let committed = if sprint.committed.is_empty() {
            inside && item.created.is_none_or(|created| calendar.date(created) <= sprint.start)
        } else {
            sprint.committed.contains(&item.key)
        };
        let over = item.ended.is_some_and(|at| calendar.date(at) <= sprint.end);
        if committed {
            said += 1;
            done += usize::from(over && item.status == Status::Done);
        } else {
            added += usize::from(inside);
        }
        let dropped = inside && over && item.status == Status::Cancelled;
        removed += usize::from(dropped || committed && !inside);
    }
    SprintRow {
        name: sprint.name.clone(),
        working_days,
        // A sum of nothing is −0; it is to read as 0.
        points: finished.iter().filter_map(|item| item.size()).fold(0.0, |sum, points| sum + points),
        items: finished.len(),
        say_do: Measure::of("items committed to at the sprint's start", said, 1, || {
            Some(SayDo { said, done, added, removed, ratio: done as f64 / said as f64 })
        }),
    }
}
