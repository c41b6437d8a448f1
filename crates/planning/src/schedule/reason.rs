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

/// What tells why epics start when they do, looked up once for all of them.
pub(super) struct Reasons<'a> {
    portfolio: &'a Portfolio,
    problem: &'a Problem,
    solution: &'a Solution,
    /// Per epic the end of the constraint that ends last, and the epic that it waits for.
    last: Vec<Option<(usize, usize)>>,
    /// Per lane finishes and whose they are, ascending.
    freed: Vec<Vec<(usize, usize)>>,
}

impl<'a> Reasons<'a> {
    pub(super) fn new(portfolio: &'a Portfolio, problem: &'a Problem, solution: &'a Solution) -> Self {
        let mut last = vec![None; portfolio.epics.len()];
        for link in problem.links.iter().filter(|link| !portfolio.epics[link.to].under_way) {
            let ready = solution.finish[link.from].saturating_add_signed(link.lag);
            last[link.to] = last[link.to].max(Some((ready, link.from)));
        }
        let mut freed = vec![Vec::new(); portfolio.lanes.len()];
        for (one, &finish) in solution.finish.iter().enumerate() {
            freed[lane_of(problem, solution, one)].push((finish, one));
        }
        for lane in &mut freed {
            lane.sort_unstable();
        }
        Self { portfolio, problem, solution, last, freed }
    }

    /// Why not sooner: the constraint that ends last before the start is what the epic waited for.
    pub(super) fn start(&self, one: usize) -> StartReason {
        let lane = lane_of(self.problem, self.solution, one);
        let start = self.solution.start[one];
        // Days without work between a constraint's end and the start are nobody's.
        let first_work = |from: usize| {
            let rate = &self.problem.calendars[lane].rate;
            (from..rate.len()).find(|&at| rate[at] > 0).unwrap_or(from)
        };
        if start == first_work(0) {
            let begun = self.portfolio.epics[one].under_way;
            return if begun { StartReason::UnderWay } else { StartReason::AtOnce };
        }
        if let Some((_, from)) = self.last[one].filter(|&(ready, _)| first_work(ready) == start) {
            return StartReason::After(self.portfolio.epics[from].key.clone());
        }
        if first_work(self.problem.activities[one].release) == start {
            return StartReason::Release;
        }
        let before = self.freed[lane].partition_point(|&(finish, _)| finish <= start);
        let freed = self.freed[lane][..before].iter().rev().find(|&&(_, other)| other != one);
        match freed {
            Some(&(finish, other)) if first_work(finish) == start => {
                StartReason::LaneBusy(self.portfolio.epics[other].key.clone())
            }
            _ => StartReason::Order,
        }
    }
}
