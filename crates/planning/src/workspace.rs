//! From a workspace's snapshot to what calculations need: calendars, flow items, and the work of each team.

mod waits;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::{civil::Weekday, tz::TimeZone};
use pm33_product::{Day, ItemId, ItemType, Snapshot, Status, Team, TeamId, WorkItem};
use pm33_tenancy::Timestamp;

use crate::{
    PlanningError,
    calendar::{Absence, Calendar, Weekdays},
    flow::{FlowItem, SprintSpan},
    forecast::{Ending, Growth, ScopeItem, TeamWork, growth},
};

pub use waits::{Waits, waits};

/// What items without a team are told under.
pub const NO_TEAM: &str = "(no team)";

/// A team's calendar; Monday to Friday in UTC where none is set.
///
/// # Errors
/// [`PlanningError::Invalid`] when the zone is unknown or the calendar breaks a rule.
pub fn calendar(team: Option<&Team>) -> Result<Calendar, PlanningError> {
    let Some(given) = team.and_then(|team| team.calendar.as_ref()) else {
        return Ok(Calendar::monday_to_friday(TimeZone::UTC));
    };
    let zone = TimeZone::get(&given.time_zone).map_err(|_| {
        PlanningError::invalid("calendar.time_zone", "is no IANA time zone such as Europe/Berlin")
    })?;
    let weekdays: Weekdays = given.weekdays.iter().map(|day| weekday(*day)).collect();
    let absences: Vec<Absence> = given
        .absences
        .iter()
        .map(|away| Absence { from: away.from, to: away.to, share: away.share })
        .collect();
    Calendar::new(zone, weekdays, &given.holidays, &absences)
}

/// Items that hold others are not counted as work: epics, and whatever has children.
pub fn containers(snapshot: &Snapshot) -> BTreeSet<ItemId> {
    snapshot
        .items()
        .filter(|item| item.item_type == ItemType::Epic)
        .map(|item| item.id)
        .chain(snapshot.items().filter_map(|item| item.parent))
        .collect()
}

/// A team's items and sprints for flow metrics; `None` is the items without a team. What was finished and then archived
/// happened all the same. State changes are added by the caller,
/// who can read them.
pub fn flow(snapshot: &Snapshot, team: Option<TeamId>) -> (Vec<(ItemId, FlowItem)>, Vec<SprintSpan>) {
    let holds = containers(snapshot);
    let sprints: Vec<_> = snapshot.sprints().iter().filter(|sprint| Some(sprint.team) == team).collect();
    let places: HashMap<_, _> =
        sprints.iter().enumerate().map(|(place, sprint)| (sprint.id, place)).collect();
    let key = |item: &WorkItem| snapshot.key(item).to_string();
    let items = snapshot
        .items()
        .filter(|item| item.team == team && !holds.contains(&item.id))
        .filter(|item| item.archived.is_none() || !item.status.is_open())
        .map(|item| {
            let flow = FlowItem {
                key: key(item),
                created: item.created,
                started: item.started,
                ended: item.finished,
                status: item.status,
                points: item.points,
                sprint: item.sprint.and_then(|sprint| places.get(&sprint).copied()),
                changes: Vec::new(),
            };
            (item.id, flow)
        })
        .collect();
    let spans = sprints
        .into_iter()
        .map(|sprint| SprintSpan {
            name: sprint.name.to_string(),
            start: sprint.start,
            end: sprint.end,
            committed: sprint.committed.iter().filter_map(|item| Some(key(snapshot.get(*item)?))).collect(),
        })
        .collect();
    (items, spans)
}

/// A team's items, as far as a forecast asks for them.
#[derive(Default)]
struct Lane {
    finished: Vec<Timestamp>,
    undated: u32,
    remaining: u32,
}

/// The work of each team that has a part in a set of open items, or of every team with a history when no set is given.
/// Only items that hold no others are counted, both in what remains and in what was finished.
///
/// # Errors
/// [`PlanningError::Invalid`] when a team's calendar breaks a rule.
pub fn teams_work(
    snapshot: &Snapshot,
    scope: Option<&BTreeSet<ItemId>>,
    only: Option<&BTreeSet<Option<TeamId>>>,
) -> Result<Vec<TeamWork>, PlanningError> {
    let holds = containers(snapshot);
    let mut lanes: BTreeMap<Option<TeamId>, Lane> = BTreeMap::new();
    let leaves = snapshot.items().filter(|item| !holds.contains(&item.id));
    for item in leaves.filter(|item| only.is_none_or(|only| only.contains(&item.team))) {
        let lane = lanes.entry(item.team).or_default();
        if item.status == Status::Done {
            lane.finished.extend(item.finished);
            lane.undated += u32::from(item.finished.is_none());
        } else if item.status.is_open()
            && item.archived.is_none()
            && scope.is_none_or(|scope| scope.contains(&item.id))
        {
            lane.remaining += 1;
        }
    }
    lanes
        .into_iter()
        .filter(|(_, lane)| if scope.is_some() { lane.remaining > 0 } else { !lane.finished.is_empty() })
        .map(|(id, Lane { finished, undated, remaining })| {
            let team = id.and_then(|id| snapshot.team(id));
            Ok(TeamWork {
                team: team.map_or_else(|| NO_TEAM.to_owned(), |team| team.name.to_string()),
                calendar: calendar(team)?,
                finished,
                undated,
                remaining,
            })
        })
        .collect()
}

/// How epics grew: from every epic whose children are all over.
pub fn epic_growth(snapshot: &Snapshot) -> Growth {
    let mut sets: BTreeMap<ItemId, Vec<ScopeItem>> = BTreeMap::new();
    for item in snapshot.items() {
        let epic = item.parent.and_then(|parent| snapshot.get(parent));
        let Some(epic) = epic.filter(|epic| epic.item_type == ItemType::Epic) else { continue };
        let Some(created) = item.created else { continue };
        let ending = match item.status {
            Status::Done => Some(Ending::Done),
            Status::Cancelled => Some(Ending::Dropped),
            _ => None,
        };
        let over = item.finished.zip(ending);
        sets.entry(epic.id).or_default().push(ScopeItem { created, over });
    }
    growth(&sets.into_values().collect::<Vec<_>>())
}

fn weekday(day: Day) -> Weekday {
    match day {
        Day::Monday => Weekday::Monday,
        Day::Tuesday => Weekday::Tuesday,
        Day::Wednesday => Weekday::Wednesday,
        Day::Thursday => Weekday::Thursday,
        Day::Friday => Weekday::Friday,
        Day::Saturday => Weekday::Saturday,
        Day::Sunday => Weekday::Sunday,
    }
}
