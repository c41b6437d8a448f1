//! A workspace's stories in the coming sprints of its teams, in the order of the plan of their epics.

use std::collections::{BTreeSet, HashMap};

use jiff::{Span, civil::Date};
use pm33_product::{ItemId, Snapshot, Sprint, SprintId, StatusCategory, TeamId, WorkItem};

use super::{
    LanePlan, Need, SprintRoom, Story, WorkspacePortfolio,
    left::{Left, above},
    pack,
    portfolio::priority_weight,
};
use crate::{PlanningError, calendar::day_number, workspace::calendar};

/// Days of a sprint where a team has never had one.
const USUAL_DAYS: i64 = 14;

/// A sprint with its stories.
#[derive(Clone, Debug, PartialEq)]
pub struct PackedSprint {
    /// Whose.
    pub team: String,
    /// Its name; `None` where it is not written down yet and continues the team's rhythm.
    pub name: Option<String>,
    /// First day.
    pub start: Date,
    /// Last day.
    pub end: Date,
    /// Points that fit by the team's capacity and calendar, from the plan's start on.
    pub room: f64,
    /// Points that are still free.
    pub free: f64,
    /// Its stories, best first.
    pub stories: Vec<ItemId>,
}

/// Why a story is in no sprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOver {
    /// The sprints are full.
    NoRoom,
    /// It is larger than each of them as a whole, whatever day the plan starts on.
    TooLarge,
    /// It waits for something that is in no sprint either.
    Waits,
    /// It has no team, or one without capacity.
    NoTeam,
}

/// Stories in sprints.
#[derive(Clone, Debug, PartialEq)]
pub struct PackedStories {
    /// By team and time; of a part of the plan those of teams that have a story in it.
    pub sprints: Vec<PackedSprint>,
    /// Stories that are in none, best first.
    pub left_over: Vec<(ItemId, LeftOver)>,
    /// Stories with points, in a sprint or not.
    pub total: usize,
}

/// Packs the open stories with points into the next sprints of each team: those that are written down, then as many more of the
/// same length. With `only` the stories below planned epics; without, those below no planned epic come along.
///
/// What is in progress comes first, then what is committed to a sprint, then the rest by the start of its epic in the plan, by
/// priority, due date and number.
///
/// # Errors
/// [`PlanningError`] when a team's calendar is broken.
pub fn packed_stories(
    snapshot: &Snapshot,
    read: &WorkspacePortfolio,
    planned: &LanePlan,
    only: Option<&BTreeSet<ItemId>>,
    sprints: usize,
) -> Result<PackedStories, PlanningError> {
    let start = read.portfolio.start;
    let mut ahead = sprints_ahead(snapshot, read, sprints)?;
    let end_of: HashMap<SprintId, i64> =
        ahead.iter().filter_map(|one| Some((one.id?, one.room.end))).collect();
    let places: HashMap<ItemId, usize> =
        read.items.iter().enumerate().map(|(place, &id)| (id, place)).collect();
    let teams: HashMap<TeamId, usize> =
        snapshot.teams().iter().enumerate().map(|(place, team)| (team.id, place)).collect();
    let mut work: Vec<(&WorkItem, Option<usize>)> = Left::of(snapshot)
        .stories
        .into_iter()
        .map(|(story, epic)| (story, epic.and_then(|epic| places.get(&epic).copied())))
        .filter(|(_, epic)| only.is_none() || epic.is_some())
        .collect();
    let pinned = |story: &WorkItem| story.sprint.and_then(|sprint| end_of.get(&sprint)).copied();
    work.sort_by_cached_key(|&(story, epic)| {
        let begun = story.status.category() != StatusCategory::Doing;
        let first = epic.map_or(start, |epic| planned.placements[epic].start);
        // Weights are halves of whole numbers.
        let importance = std::cmp::Reverse((2.0 * priority_weight(story.priority)).to_bits());
        let due = story.due.unwrap_or(Date::MAX);
        (begun, pinned(story).is_none(), first, importance, due, story.number)
    });
    let groups = Groups::of(snapshot, &work);
    let none = snapshot.teams().len();
    let stories: Vec<Story> = work
        .iter()
        .map(|&(story, epic)| Story {
            size: story.points.unwrap_or(0.0),
            team: match story.team {
                Some(team) => teams.get(&team).copied().unwrap_or(none),
                None => epic.map_or(none, |epic| planned.placements[epic].lane),
            },
            from: pinned(story)
                .unwrap_or(i64::MIN)
                .max(story.release.map_or(i64::MIN, |day| day_number(day).into())),
            needs: groups.needs(snapshot, story),
        })
        .collect();
    if only.is_some() {
        let theirs: BTreeSet<usize> = stories.iter().map(|story| story.team).collect();
        ahead.retain(|one| theirs.contains(&one.room.team));
    }
    let rooms: Vec<SprintRoom> = ahead.iter().map(|one| one.room).collect();
    let whole: Vec<(usize, f64)> = ahead.iter().map(|one| (one.room.team, one.whole)).collect();
    let packed = pack(&stories, &groups.members, &rooms);
    let mut shown: Vec<PackedSprint> =
        ahead.into_iter().zip(&packed.free).map(|(one, &free)| PackedSprint { free, ..one.sprint }).collect();
    let mut left_over = Vec::new();
    for (one, &(item, _)) in work.iter().enumerate() {
        let story = &stories[one];
        let mut theirs = whole.iter().filter(|(team, _)| *team == story.team).peekable();
        match packed.sprint[one] {
            Some(place) => shown[place].stories.push(item.id),
            None => left_over.push((
                item.id,
                match () {
                    () if theirs.peek().is_none() => LeftOver::NoTeam,
                    () if !packed.ready[one] => LeftOver::Waits,
                    () if theirs.all(|(_, whole)| *whole < story.size) => LeftOver::TooLarge,
                    () => LeftOver::NoRoom,
                },
            )),
        }
    }
    Ok(PackedStories { sprints: shown, left_over, total: work.len() })
}

/// A sprint that is still empty.
struct Ahead {
    sprint: PackedSprint,
    /// Of one that is written down.
    id: Option<SprintId>,
    room: SprintRoom,
    /// Points that fit from its own first day on, also where the plan starts later.
    whole: f64,
}

/// The next sprints of each team with a capacity, and their rooms.
fn sprints_ahead(
    snapshot: &Snapshot,
    read: &WorkspacePortfolio,
    count: usize,
) -> Result<Vec<Ahead>, PlanningError> {
    let start = read.portfolio.start;
    let mut ahead = Vec::new();
    for (place, (team, lane)) in snapshot.teams().iter().zip(&read.portfolio.lanes).enumerate() {
        if lane.capacity_per_week <= 0.0 {
            continue;
        }
        let calendar = calendar(Some(team))?;
        let mut known: Vec<&Sprint> = snapshot.sprints().iter().filter(|one| one.team == team.id).collect();
        known.sort_by_key(|one| (one.start, one.end));
        let days = |from: Date, to: Date| i64::from(to.since(from).map_or(0, |span| span.get_days()));
        let length = known.last().map_or(USUAL_DAYS, |last| days(last.start, last.end) + 1).max(1);
        let mut next = known.last().map_or(start, |last| day_after(last.end, 1));
        let mut spans: Vec<(Option<&Sprint>, Date, Date)> =
            known.iter().filter(|one| one.end >= start).map(|one| (Some(*one), one.start, one.end)).collect();
        // A rhythm that stopped long ago is taken up again at its beat.
        next = day_after(next, (days(next, start) / length).max(0) * length);
        while spans.len() < count {
            let end = day_after(next, length - 1);
            spans.push((None, next, end));
            next = day_after(end, 1);
            if next == end {
                break;
            }
        }
        for (written, first, end) in spans.into_iter().take(count) {
            let a_day = lane.capacity_per_week / f64::from(calendar.days_per_week().max(1));
            let points = |from: Date| -> f64 {
                let there = calendar.availabilities(from, usize::try_from(days(from, end) + 1).unwrap_or(0));
                a_day * there.into_iter().sum::<f64>()
            };
            let whole = points(first);
            let room =
                SprintRoom { team: place, end: day_number(end).into(), capacity: points(first.max(start)) };
            let name = written.map(|one| one.name.to_string());
            let sprint = PackedSprint {
                team: lane.name.clone(),
                name,
                start: first,
                end,
                room: room.capacity,
                free: room.capacity,
                stories: Vec::new(),
            };
            ahead.push(Ahead { sprint, id: written.map(|one| one.id), room, whole });
        }
    }
    Ok(ahead)
}

fn day_after(day: Date, days: i64) -> Date {
    day.checked_add(Span::new().days(days)).unwrap_or(Date::MAX)
}

/// Stories by what others wait for: an item with everything below it.
struct Groups {
    members: Vec<Vec<usize>>,
    by_item: HashMap<ItemId, usize>,
}

impl Groups {
    fn of(snapshot: &Snapshot, work: &[(&WorkItem, Option<usize>)]) -> Self {
        let mut by_item = HashMap::new();
        for &(story, _) in work {
            for (on, _) in waits_for(snapshot, story) {
                let next = by_item.len();
                by_item.entry(on).or_insert(next);
            }
        }
        let mut members = vec![Vec::new(); by_item.len()];
        for (place, &(story, _)) in work.iter().enumerate() {
            for one in std::iter::once(story).chain(above(snapshot, story)) {
                if let Some(&group) = by_item.get(&one.id) {
                    members[group].push(place);
                }
            }
        }
        let mut groups = Self { members, by_item };
        let is_empty: Vec<bool> = groups.members.iter().map(Vec::is_empty).collect();
        for (place, &(story, _)) in work.iter().enumerate() {
            // Nothing of it can be packed: who waits for it waits as if for itself.
            for need in groups.needs(snapshot, story).into_iter().filter(|need| is_empty[need.group]) {
                groups.members[need.group].push(place);
            }
        }
        groups
    }

    fn needs(&self, snapshot: &Snapshot, story: &WorkItem) -> Vec<Need> {
        let need = |(on, lag): (ItemId, i64)| Some(Need { group: *self.by_item.get(&on)?, lag });
        waits_for(snapshot, story).filter_map(need).collect()
    }
}

/// The open items that a story waits for, itself or by what holds it, with the lag in days. What is in progress waits no more.
fn waits_for<'a>(snapshot: &'a Snapshot, story: &'a WorkItem) -> impl Iterator<Item = (ItemId, i64)> + 'a {
    std::iter::once(story)
        .chain(above(snapshot, story))
        .filter(|one| one.status.category() != StatusCategory::Doing)
        .flat_map(|one| one.dependencies.iter())
        .filter(|need| snapshot.get(need.on).is_some_and(|on| on.status.is_open() && on.archived.is_none()))
        // A lag in working days, as elapsed days of five-day weeks.
        .map(|need| (need.on, (i64::from(need.lag_days) * 7).div_euclid(5)))
}
