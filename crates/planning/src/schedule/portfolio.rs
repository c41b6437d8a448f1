//! A portfolio from a workspace's snapshot: open epics with the points that are left below them, on the teams.

use std::collections::{BTreeSet, HashMap};

use jiff::{civil::Date, tz::TimeZone};
use pm33_product::{ItemId, Priority, Snapshot, Status, StatusCategory, Team, TeamId, WorkItem};

use super::{
    Epic, Lane, Portfolio,
    left::{Left, is_open_epic},
};
use crate::{PlanningError, workspace::calendar};

/// A workspace's portfolio, and what could not be planned.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkspacePortfolio {
    /// Teams with a capacity, and epics with a size; keys name the epics.
    pub portfolio: Portfolio,
    /// Per epic of the portfolio the item.
    pub items: Vec<ItemId>,
    /// Open epics without any points left below them or on themselves.
    pub unsized_epics: Vec<String>,
    /// Open items below these epics that have no points, neither themselves nor above nor below them; the plan does not hold them.
    pub unsized_items: usize,
    /// Teams without a capacity; nothing is placed on them.
    pub idle_teams: Vec<String>,
    /// Per lane the points that the team finished a week in the twelve weeks before the start; `None` for none.
    pub finished_per_week: Vec<Option<f64>>,
}

/// Cost of delay per week that a declared priority stands for where nothing better is known.
pub const fn priority_weight(priority: Priority) -> f64 {
    match priority {
        Priority::Critical => 8.0,
        Priority::High => 4.0,
        Priority::Medium => 2.0,
        Priority::Low => 1.0,
        Priority::None => 0.5,
    }
}

/// Reads the portfolio.
///
/// # Errors
/// [`PlanningError`] when a team's calendar is broken, or there is nothing to plan, with what to do about it.
pub fn portfolio(snapshot: &Snapshot, start: Date) -> Result<WorkspacePortfolio, PlanningError> {
    portfolio_of(snapshot, start, None)
}

/// Reads the part of the portfolio that is wanted, with the open epics that it waits for, directly or through others. The
/// teams are free for it.
///
/// # Errors
/// As [`portfolio`].
pub fn portfolio_of(
    snapshot: &Snapshot,
    start: Date,
    wanted: Option<&BTreeSet<ItemId>>,
) -> Result<WorkspacePortfolio, PlanningError> {
    let needed = wanted.map(|wanted| with_needed(snapshot, wanted));
    let is_within = |epic: &ItemId| needed.as_ref().is_none_or(|needed| needed.contains(epic));
    let (begun, finished) = (begun(snapshot), finished_points(snapshot, start));
    let (mut lanes, mut idle_teams, mut lane_of) = (Vec::new(), Vec::new(), HashMap::new());
    for team in snapshot.teams() {
        let capacity = team.capacity_per_week.filter(|capacity| capacity.is_finite() && *capacity > 0.0);
        if capacity.is_none() {
            idle_teams.push(team.name.to_string());
        }
        lane_of.insert(team.id, lanes.len());
        lanes.push(Lane {
            name: team.name.to_string(),
            capacity_per_week: capacity.unwrap_or(0.0),
            calendar: calendar(Some(team))?,
            skills: team.skills.clone(),
            wip_limit: Some(slots(team, begun.get(&team.id).copied().unwrap_or(0))),
        });
    }
    let Left { points: left, unsized_items, .. } = Left::of(snapshot);
    let unsized_items =
        unsized_items.iter().filter(|(epic, _)| is_within(epic)).map(|(_, count)| count).sum();
    let pace = |team: &Team| finished.get(&team.id).map(|points| points / f64::from(PACE_WEEKS));
    let finished_per_week = snapshot.teams().iter().map(pace).collect();
    let mut epics: Vec<&WorkItem> = Vec::new();
    let mut unsized_epics = Vec::new();
    for item in snapshot.items().filter(|item| is_open_epic(item) && is_within(&item.id)) {
        if left.get(&item.id).is_some_and(|points| *points > 0.0) {
            epics.push(item);
        } else {
            unsized_epics.push(snapshot.key(item).to_string());
        }
    }
    epics.sort_by_key(|item| item.number);
    if epics.is_empty() || lanes.len() == idle_teams.len() {
        let (what, next) = if epics.is_empty() {
            (
                "open epics with points",
                "set story_points on the epics or on the items below them with pm33_update_work_item, or create epics with pm33_create_work_item",
            )
        } else {
            ("teams with a capacity per week", "set it with pm33_manage_team")
        };
        return Err(PlanningError::NotEnough { what, have: 0, need: 1, next });
    }
    let places: HashMap<ItemId, usize> =
        epics.iter().enumerate().map(|(place, item)| (item.id, place)).collect();
    let planned = epics.iter().map(|item| Epic {
        key: snapshot.key(item).to_string(),
        size: left.get(&item.id).copied().unwrap_or(0.0),
        lane: item.team.and_then(|team| lane_of.get(&team).copied()),
        skills: item.skills.iter().map(ToString::to_string).collect(),
        release: item.release,
        due: item.due,
        cost_of_delay: priority_weight(item.priority),
        depends_on: item
            .dependencies
            .iter()
            .filter_map(|one| places.get(&one.on).map(|&place| (place, one.lag_days)))
            .collect(),
        under_way: item.status.category() == StatusCategory::Doing,
    });
    let items = epics.iter().map(|item| item.id).collect();
    let portfolio = Portfolio { start, epics: planned.collect(), lanes };
    Ok(WorkspacePortfolio { portfolio, items, unsized_epics, unsized_items, idle_teams, finished_per_week })
}

/// Open epics of a set, and those that they wait for.
fn with_needed(snapshot: &Snapshot, wanted: &BTreeSet<ItemId>) -> BTreeSet<ItemId> {
    let is_epic = |id: &ItemId| snapshot.get(*id).is_some_and(|item| is_open_epic(item));
    let mut all: BTreeSet<ItemId> = wanted.iter().copied().filter(is_epic).collect();
    let mut open: Vec<ItemId> = all.iter().copied().collect();
    while let Some(item) = open.pop().and_then(|id| snapshot.get(id)) {
        let needs = item.dependencies.iter().map(|need| need.on).filter(is_epic);
        open.extend(needs.filter(|need| all.insert(*need)));
    }
    all
}

/// How many epics a team works on at a time: as many as it has in progress, inside its limit; else one after the other,
/// which finishes each of them sooner.
fn slots(team: &Team, begun: u32) -> u32 {
    begun.min(team.wip_limit.unwrap_or(u32::MAX)).max(1)
}

/// Open epics in progress per team.
fn begun(snapshot: &Snapshot) -> HashMap<TeamId, u32> {
    let mut begun = HashMap::new();
    let doing =
        snapshot.items().filter(|item| is_open_epic(item) && item.status.category() == StatusCategory::Doing);
    for team in doing.filter_map(|item| item.team) {
        *begun.entry(team).or_default() += 1;
    }
    begun
}

/// Weeks that a team's real pace is told from.
const PACE_WEEKS: i32 = 12;

/// Points above 0 that each team finished in the last weeks, for comparison with the capacity that the plan believes.
fn finished_points(snapshot: &Snapshot, start: Date) -> HashMap<TeamId, f64> {
    let mut sums = HashMap::new();
    for item in snapshot.items().filter(|item| item.status == Status::Done) {
        let points = item.points.filter(|points| points.is_finite() && *points > 0.0);
        let (Some(team), Some(points), Some(finished)) = (item.team, points, item.finished) else { continue };
        let day = TimeZone::UTC.to_datetime(finished.instant()).date();
        let ago = start.since(day).map_or(0, |ago| ago.get_days());
        if (1..=PACE_WEEKS * 7).contains(&ago) {
            *sums.entry(team).or_default() += points;
        }
    }
    sums
}
