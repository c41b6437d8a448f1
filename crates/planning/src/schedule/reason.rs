//! Why an epic is where it is, in words.

use std::fmt;

use super::{Portfolio, Problem, Solution, lanes::lane_of};

/// Why this lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LaneReason {
    /// The epic belongs to this team.
    Assigned,
    /// No other lane has the skills and capacity.
    OnlyOne,
    /// Of so many lanes this one fits the plan best.
    BestOf(usize),
}

/// Why not sooner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartReason {
    /// It starts with the plan, or on the first working day after it.
    AtOnce,
    /// Work on it has begun, so it goes on from the first day.
    UnderWay,
    /// Its release date.
    Release,
    /// It waits for this epic to finish.
    After(String),
    /// Every slot of the lane is taken; this epic is the one whose finish frees it.
    LaneBusy(String),
    /// The search found no better place; it could start sooner only at the cost of others.
    Order,
}

impl fmt::Display for LaneReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Assigned => f.write_str("it belongs to this team"),
            Self::OnlyOne => f.write_str("no other team has the skills and the capacity"),
            Self::BestOf(lanes) => write!(f, "of {lanes} teams with the skills this one suits the plan best"),
        }
    }
}

impl fmt::Display for StartReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtOnce => f.write_str("it starts with the plan"),
            Self::UnderWay => f.write_str("it is in progress and goes on"),
            Self::Release => f.write_str("it may not start before its release date"),
            Self::After(key) => write!(f, "it waits for {key}"),
            Self::LaneBusy(key) => write!(f, "the team has no slot free until {key} is finished"),
            Self::Order => f.write_str("others that matter more go first"),
        }
    }
}

pub(super) fn lane_reason(portfolio: &Portfolio, problem: &Problem, one: usize) -> LaneReason {
    match (portfolio.epics[one].lane, problem.activities[one].modes.len()) {
        (Some(_), _) => LaneReason::Assigned,
        (None, 1) => LaneReason::OnlyOne,
        (None, lanes) => LaneReason::BestOf(lanes),
    }
}

/// The constraint that ends last before the start is what the epic waited for.
pub(super) fn start_reason(
    portfolio: &Portfolio,
    problem: &Problem,
    solution: &Solution,
    one: usize,
) -> StartReason {
    let lane = lane_of(problem, solution, one);
    let start = solution.start[one];
    // Days without work between a constraint's end and the start are nobody's.
    let first_work = |from: usize| {
        let rate = &problem.calendars[lane].rate;
        (from..rate.len()).find(|&at| rate[at] > 0).unwrap_or(from)
    };
    if start == first_work(0) {
        let begun = portfolio.epics[one].under_way;
        return if begun { StartReason::UnderWay } else { StartReason::AtOnce };
    }
    let waits = problem.links.iter().filter(|link| link.to == one && !portfolio.epics[one].under_way);
    let last =
        waits.map(|link| (solution.finish[link.from].saturating_add_signed(link.lag), link.from)).max();
    if let Some((_, from)) = last.filter(|&(ready, _)| first_work(ready) == start) {
        return StartReason::After(portfolio.epics[from].key.clone());
    }
    if first_work(problem.activities[one].release) == start {
        return StartReason::Release;
    }
    let freed = (0..portfolio.epics.len())
        .filter(|&other| {
            other != one && lane_of(problem, solution, other) == lane && solution.finish[other] <= start
        })
        .max_by_key(|&other| solution.finish[other]);
    match freed {
        Some(other) if first_work(solution.finish[other]) == start => {
            StartReason::LaneBusy(portfolio.epics[other].key.clone())
        }
        _ => StartReason::Order,
    }
}
