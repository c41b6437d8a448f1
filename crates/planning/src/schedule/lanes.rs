//! Team lanes: epics on teams with a capacity per week, skills, calendars and work-in-progress limits, as a problem of
//! the engine, and its solution back in dates.

use std::{collections::HashMap, ops::ControlFlow};

use jiff::{Span, civil::Date};

use super::{
    Activity, Calendar, Demand, LaneReason, Length, Limits, Link, Mode, Problem, ProblemError, Progress,
    Resource, Solution, StartReason,
    reason::{Reasons, lane_reason},
    solve::{Known, earliest_finishes, solve_like},
};
use crate::{Seed, calendar::Calendar as WorkingDays};

/// Points are counted in thousandths.
const FINE: f64 = 1_000.0;
/// Longest plan in days: twenty years.
const LONGEST: usize = 7_300;

/// A team as a lane.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// Name for people.
    pub name: String,
    /// Points per week without holidays or absences.
    pub capacity_per_week: f64,
    /// When it works.
    pub calendar: WorkingDays,
    /// What it can do; compared ignoring case.
    pub skills: Vec<String>,
    /// Epics at a time; the capacity is shared evenly by these slots. 1 where there is no limit: one after the other.
    pub wip_limit: Option<u32>,
}

/// An epic to be placed.
#[derive(Clone, Debug, PartialEq)]
pub struct Epic {
    /// Names it, also across scenarios.
    pub key: String,
    /// Remaining work in points, above 0.
    pub size: f64,
    /// Its lane; `None` is any lane with the skills.
    pub lane: Option<usize>,
    /// What it needs; one lane must have it all.
    pub skills: Vec<String>,
    /// Not before.
    pub release: Option<Date>,
    /// To be finished by the end of this day.
    pub due: Option<Date>,
    /// Cost of delay per week, in units of value.
    pub cost_of_delay: f64,
    /// Epics to be finished before, with a lag in working days.
    pub depends_on: Vec<(usize, i32)>,
    /// Work on it has begun: it keeps a slot from the first day, whatever it was to wait for.
    pub under_way: bool,
}

/// What is planned.
#[derive(Clone, Debug, PartialEq)]
pub struct Portfolio {
    /// First day of the plan.
    pub start: Date,
    /// Teams.
    pub lanes: Vec<Lane>,
    /// Epics.
    pub epics: Vec<Epic>,
}

impl Portfolio {
    /// The seed of its plan: what is planned, so that the same portfolio always has the same plan.
    pub fn seed(&self) -> Seed {
        let words =
            |epic: &Epic| epic.key.bytes().map(u64::from).chain([epic.size.to_bits()]).collect::<Vec<_>>();
        Seed::of(self.epics.iter().flat_map(words))
    }
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PlanError {
    /// A number is out of range.
    #[error("{0}")]
    Invalid(String),
    /// Epics wait for each other.
    #[error("these wait for each other in a circle: {}; remove one of the dependencies", .0.join(" → "))]
    Cycle(Vec<String>),
    /// No lane has all the skills.
    #[error("no team can do {epic}: {}", missing_words(.missing))]
    MissingSkill {
        /// The epic.
        epic: String,
        /// Skills that no lane has at all; empty when each is somewhere, but never all in one lane.
        missing: Vec<String>,
    },
    /// The only lanes for an epic have no capacity.
    #[error("{epic} can only go to {}, without capacity for it in twenty years; give the team a capacity per week", .lanes.join(", "))]
    NoCapacity {
        /// The epic.
        epic: String,
        /// The lanes.
        lanes: Vec<String>,
    },
    /// More epics than one plan takes.
    #[error("{0} open epics are more than the {max} that one plan takes", max = Problem::ACTIVITIES_MAX)]
    TooMany(usize),
    /// It does not fit into twenty years.
    #[error("{0} does not fit into the twenty years that a plan may have; plan fewer epics, or smaller ones")]
    TooLong(String),
}

fn missing_words(missing: &[String]) -> String {
    if missing.is_empty() {
        "no single team has all its skills; split it, or give a team the missing ones".to_owned()
    } else {
        format!("nobody has {}; add it to a team, or take it off the epic", missing.join(", "))
    }
}

/// Where an epic goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Placement {
    /// The lane.
    pub lane: usize,
    /// First day.
    pub start: Date,
    /// Last day.
    pub finish: Date,
    /// Days that it is late.
    pub days_late: u32,
    /// The earliest last day that any plan could give it: its chain alone, with nobody else in the way.
    pub earliest: Date,
    /// Why this lane.
    pub lane_reason: LaneReason,
    /// Why not sooner.
    pub start_reason: StartReason,
}

/// A plan.
#[derive(Clone, Debug, PartialEq)]
pub struct LanePlan {
    /// Per epic.
    pub placements: Vec<Placement>,
    /// Part of each lane's capacity that is used until the plan ends, 0 to 1.
    pub utilisation: Vec<f64>,
    /// Last day of the plan; `None` without epics.
    pub end: Option<Date>,
    /// No plan ends before this day.
    pub bound: Option<Date>,
    /// The engine's solution; a unit is a day from the portfolio's start.
    pub solution: Solution,
    /// The engine's problem.
    pub problem: Problem,
    /// Tardiness that was there before the plan's first day, weighted: no order changes it.
    pub lost_before: f64,
}

impl LanePlan {
    /// How much longer the plan is than its bound: days over days, minus 1; 0 is proven best.
    #[expect(clippy::cast_precision_loss, reason = "days of a plan")]
    pub fn gap(&self) -> f64 {
        let bound = self.solution.bound();
        if bound == 0 { 0.0 } else { self.solution.value.makespan as f64 / bound as f64 - 1.0 }
    }
}

/// Plans a portfolio.
///
/// # Errors
/// [`PlanError`] with the smallest conflict that rules every plan out. A due date that cannot be met is not one: the
/// epic is placed late, and its `earliest` says by how much no plan could meet it.
pub fn plan(
    portfolio: &Portfolio,
    limits: Limits,
    watch: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<LanePlan, PlanError> {
    plan_like(portfolio, None, limits, watch)
}

/// Plans a portfolio that is like one that is planned already. The search tries that plan's order and lanes, too, with what
/// is new at the end, so that the plan is no worse than going on as planned.
///
/// # Errors
/// As [`plan`].
pub fn plan_like(
    portfolio: &Portfolio,
    like: Option<(&Portfolio, &LanePlan)>,
    limits: Limits,
    watch: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<LanePlan, PlanError> {
    if portfolio.epics.len() > Problem::ACTIVITIES_MAX {
        return Err(PlanError::TooMany(portfolio.epics.len()));
    }
    let problem = problem(portfolio)?;
    let known = like.map(|(other, plan)| known(portfolio, &problem, other, plan));
    let solution =
        solve_like(&problem, known.as_ref(), limits, watch).map_err(|error| in_words(portfolio, &error))?;
    let alone = earliest_finishes(&problem).map_err(|error| in_words(portfolio, &error))?;
    let day = |at: usize| day_of(portfolio.start, at);
    let last = |at: usize| day(at.saturating_sub(1));
    let reasons = Reasons::new(portfolio, &problem, &solution);
    let placements = (0..portfolio.epics.len()).map(|one| Placement {
        lane: lane_of(&problem, &solution, one),
        start: day(solution.start[one]),
        finish: last(solution.finish[one]),
        days_late: portfolio.epics[one].due.map_or(0, |due| days_late(due, last(solution.finish[one]))),
        earliest: last(alone[one]),
        lane_reason: lane_reason(portfolio, &problem, one),
        start_reason: reasons.start(one),
    });
    let placements: Vec<_> = placements.collect();
    let end = solution.value.makespan;
    Ok(LanePlan {
        utilisation: utilisation(portfolio, &problem, &solution),
        placements,
        end: (!portfolio.epics.is_empty()).then(|| last(end)),
        bound: (!portfolio.epics.is_empty()).then(|| last(solution.bound())),
        lost_before: lost_before(portfolio),
        solution,
        problem,
    })
}

/// Where epics went in the plan of another portfolio with the same lanes.
fn known(portfolio: &Portfolio, problem: &Problem, other: &Portfolio, plan: &LanePlan) -> Known {
    let places: HashMap<&str, usize> =
        other.epics.iter().enumerate().map(|(place, epic)| (epic.key.as_str(), place)).collect();
    let placed = |(one, epic): (usize, &Epic)| {
        let place = *places.get(epic.key.as_str())?;
        let lane = plan.placements[place].lane;
        let modes = &problem.activities[one].modes;
        let mode = modes.iter().position(|mode| mode.demands.iter().any(|demand| demand.resource == lane))?;
        Some((plan.solution.start[place], mode))
    };
    Known { placed: portfolio.epics.iter().enumerate().map(placed).collect() }
}

/// Days that a last day is after a due date.
fn days_late(due: Date, finish: Date) -> u32 {
    u32::try_from(finish.since(due).map_or(0, |span| span.get_days())).unwrap_or(0)
}

/// What due dates before the plan's first day cost already: the engine counts lateness from that day on.
fn lost_before(portfolio: &Portfolio) -> f64 {
    let lost = |epic: &Epic| {
        let eve = portfolio.start.yesterday().unwrap_or(portfolio.start);
        epic.cost_of_delay / 7.0 * f64::from(epic.due.map_or(0, |due| days_late(due, eve)))
    };
    portfolio.epics.iter().map(lost).fold(0.0, |sum, lost| sum + lost)
}

/// The lane that a solution gives an epic.
pub(super) fn lane_of(problem: &Problem, solution: &Solution, one: usize) -> usize {
    problem.activities[one].modes[solution.mode[one]].demands.first().map_or(0, |demand| demand.resource)
}

/// A day of the plan, counted from its first.
pub fn day_of(start: Date, at: usize) -> Date {
    let days = i64::try_from(at).unwrap_or(i64::MAX).min(4_000_000);
    start.checked_add(Span::new().days(days)).unwrap_or(Date::MAX)
}

fn problem(portfolio: &Portfolio) -> Result<Problem, PlanError> {
    let offset = |date: Date| {
        usize::try_from(date.since(portfolio.start).map_or(0, |span| span.get_days())).unwrap_or(0)
    };
    let slots: Vec<u32> =
        portfolio.lanes.iter().map(|lane| lane.wip_limit.unwrap_or(1).clamp(1, 1_000)).collect();
    for lane in &portfolio.lanes {
        if !lane.capacity_per_week.is_finite() || !(0.0..=1e6).contains(&lane.capacity_per_week) {
            return Err(PlanError::Invalid(format!(
                "the capacity of {} must be 0 to 1,000,000 points a week",
                lane.name
            )));
        }
    }
    let calendars: Vec<Calendar> = portfolio
        .lanes
        .iter()
        .zip(&slots)
        .map(|(lane, &slots)| {
            let full = lane.capacity_per_week * FINE
                / f64::from(lane.calendar.days_per_week().max(1))
                / f64::from(slots);
            let there = lane.calendar.availabilities(portfolio.start, LONGEST);
            Calendar { rate: there.into_iter().map(|part| whole(full * part)).collect() }
        })
        .collect();
    let mut activities = Vec::with_capacity(portfolio.epics.len());
    let mut links = Vec::new();
    for (index, epic) in portfolio.epics.iter().enumerate() {
        if !epic.size.is_finite() || epic.size <= 0.0 || epic.size > 1e6 {
            return Err(PlanError::Invalid(format!(
                "{} has a size of {}: it must be above 0 and at most 1,000,000 points; size it, or leave it out",
                epic.key, epic.size
            )));
        }
        let amount = u64::from(whole(epic.size * FINE)).max(1);
        let modes = eligible(portfolio, epic)?.into_iter().map(|lane| Mode {
            length: Length::Working { calendar: lane, amount },
            demands: vec![Demand { resource: lane, amount: 1 }],
        });
        activities.push(Activity {
            modes: modes.collect(),
            release: epic.release.filter(|_| !epic.under_way).map_or(0, offset).min(LONGEST),
            // The day after the due date is the first that is late.
            due: epic.due.map(|due| if due < portfolio.start { 0 } else { offset(due) + 1 }),
            weight: epic.cost_of_delay / 7.0,
            under_way: epic.under_way,
        });
        for &(from, lag) in &epic.depends_on {
            // A lag in working days, as elapsed days of five-day weeks.
            let sevenths = i64::from(lag) * 7;
            let elapsed = sevenths.div_euclid(5) + i64::from(sevenths % 5 != 0);
            links.push(Link { from, to: index, lag: isize::try_from(elapsed).unwrap_or(0) });
        }
    }
    let resources = slots.into_iter().map(|slots| Resource { capacity: vec![slots] }).collect();
    Ok(Problem { resources, calendars, activities, links, horizon: LONGEST })
}

/// Lanes that an epic may go to.
fn eligible(portfolio: &Portfolio, epic: &Epic) -> Result<Vec<usize>, PlanError> {
    let has = |lane: &Lane, skill: &String| lane.skills.iter().any(|one| one.eq_ignore_ascii_case(skill));
    let all = |lane: &Lane| epic.skills.iter().all(|skill| has(lane, skill));
    let lanes: Vec<usize> = match epic.lane {
        Some(lane) if lane < portfolio.lanes.len() => vec![lane],
        Some(_) => Vec::new(),
        None => (0..portfolio.lanes.len()).filter(|&lane| all(&portfolio.lanes[lane])).collect(),
    };
    if lanes.is_empty() {
        let missing = epic.skills.iter().filter(|skill| !portfolio.lanes.iter().any(|lane| has(lane, skill)));
        return Err(PlanError::MissingSkill { epic: epic.key.clone(), missing: missing.cloned().collect() });
    }
    let able: Vec<_> =
        lanes.iter().copied().filter(|&lane| portfolio.lanes[lane].capacity_per_week > 0.0).collect();
    if able.is_empty() {
        let names = lanes.iter().map(|&lane| portfolio.lanes[lane].name.clone()).collect();
        return Err(PlanError::NoCapacity { epic: epic.key.clone(), lanes: names });
    }
    Ok(able)
}

fn in_words(portfolio: &Portfolio, error: &ProblemError) -> PlanError {
    let key = |one: usize| portfolio.epics.get(one).map_or_else(String::new, |epic| epic.key.clone());
    match error {
        ProblemError::Malformed(text) => PlanError::Invalid(text.clone()),
        ProblemError::Cycle { activities } => {
            PlanError::Cycle(activities.iter().map(|&one| key(one)).collect())
        }
        ProblemError::Unplaceable { activity } | ProblemError::Horizon { activity, .. } => {
            PlanError::TooLong(key(*activity))
        }
    }
}

fn utilisation(portfolio: &Portfolio, problem: &Problem, solution: &Solution) -> Vec<f64> {
    let mut used: HashMap<usize, f64> = HashMap::new();
    for (one, epic) in portfolio.epics.iter().enumerate() {
        *used.entry(lane_of(problem, solution, one)).or_default() += epic.size;
    }
    let there = |lane: usize| {
        let days = &problem.calendars[lane].rate[..solution.value.makespan.min(LONGEST)];
        let slots = problem.resources[lane].capacity.first().copied().unwrap_or(1);
        days.iter().map(|&rate| f64::from(rate)).sum::<f64>() * f64::from(slots) / FINE
    };
    (0..portfolio.lanes.len())
        .map(|lane| match there(lane) {
            there if there > 0.0 => (used.get(&lane).copied().unwrap_or(0.0) / there).clamp(0.0, 1.0),
            _ => 0.0,
        })
        .collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a positive number below 2³² by its check"
)]
fn whole(number: f64) -> u32 {
    number.round().clamp(0.0, f64::from(u32::MAX)) as u32
}
