//! Applying changes, each with its reverse.

use super::{Base, Change, Valued};
use crate::schedule::Epic;

/// Why a change cannot be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ScenarioError {
    /// There is no such epic or lane.
    #[error("change {place}: there is no {what} {name}; there are {known}")]
    Unknown {
        /// The change, counted from 1.
        place: usize,
        /// Epic or lane.
        what: &'static str,
        /// As it was named.
        name: String,
        /// The first few names that there are.
        known: String,
    },
    /// A number is out of range, or a key is taken.
    #[error("change {place}: {rule}")]
    Invalid {
        /// The change, counted from 1.
        place: usize,
        /// What is allowed.
        rule: String,
    },
}

impl ScenarioError {
    /// The same error at another place, for a caller whose changes are several of these.
    #[must_use]
    pub fn at(self, place: usize) -> Self {
        match self {
            Self::Unknown { what, name, known, .. } => Self::Unknown { place, what, name, known },
            Self::Invalid { rule, .. } => Self::Invalid { place, rule },
        }
    }
}

/// Applies changes one after the other. Returns what they make of the base, and the list that takes them back.
///
/// # Errors
/// [`ScenarioError`] for the first change that cannot be made.
pub fn apply(base: &Base, changes: &[Change]) -> Result<(Base, Vec<Change>), ScenarioError> {
    let mut next = base.clone();
    let mut back = Vec::with_capacity(changes.len());
    for (index, change) in changes.iter().enumerate() {
        back.push(one(&mut next, change, index + 1)?);
    }
    back.reverse();
    Ok((next, back))
}

fn one(base: &mut Base, change: &Change, place: usize) -> Result<Change, ScenarioError> {
    let invalid = |rule: &str| Err(ScenarioError::Invalid { place, rule: rule.to_owned() });
    match change {
        Change::AddEpic { epic, valued, place: at, waiting } => add(base, epic, valued, *at, waiting, place),
        Change::RemoveEpic { epic } => {
            let index = epic_at(base, epic, place)?;
            Ok(remove(base, index))
        }
        Change::Resize { epic, size } => {
            if !(size.is_finite() && *size > 0.0 && *size <= 1e6) {
                return invalid("a size must be above 0 and at most 1,000,000 points");
            }
            let epic_ref = epic_mut(base, epic, place)?;
            let size = std::mem::replace(&mut epic_ref.size, *size);
            Ok(Change::Resize { epic: epic.clone(), size })
        }
        Change::Reprioritise { epic, cost_of_delay } => {
            if !(cost_of_delay.is_finite() && (0.0..=1e9).contains(cost_of_delay)) {
                return invalid("a cost of delay must be 0 to 1,000,000,000 a week");
            }
            let epic_ref = epic_mut(base, epic, place)?;
            let cost_of_delay = std::mem::replace(&mut epic_ref.cost_of_delay, *cost_of_delay);
            Ok(Change::Reprioritise { epic: epic.clone(), cost_of_delay })
        }
        Change::Due { epic, due } => {
            let due = std::mem::replace(&mut epic_mut(base, epic, place)?.due, *due);
            Ok(Change::Due { epic: epic.clone(), due })
        }
        Change::Capacity { lane, per_week } => {
            if !(per_week.is_finite() && (0.0..=1e6).contains(per_week)) {
                return invalid("a capacity must be 0 to 1,000,000 points a week");
            }
            let index = lane_at(base, lane, place)?;
            let had = std::mem::replace(&mut base.portfolio.lanes[index].capacity_per_week, *per_week);
            Ok(Change::Capacity { lane: lane.clone(), per_week: had })
        }
        Change::LaneCalendar { lane, calendar } => {
            let index = lane_at(base, lane, place)?;
            let had = std::mem::replace(&mut base.portfolio.lanes[index].calendar, calendar.clone());
            Ok(Change::LaneCalendar { lane: lane.clone(), calendar: had })
        }
        Change::WipLimit { lane, limit } => {
            if *limit == Some(0) {
                return invalid("a limit must be at least 1; no limit is none");
            }
            let index = lane_at(base, lane, place)?;
            let had = std::mem::replace(&mut base.portfolio.lanes[index].wip_limit, *limit);
            Ok(Change::WipLimit { lane: lane.clone(), limit: had })
        }
        Change::DependsOn { epic, on } => {
            if on.iter().any(|(key, _)| key.eq_ignore_ascii_case(epic)) {
                return invalid("an epic cannot wait for itself");
            }
            let on = on
                .iter()
                .map(|(key, lag)| Ok((epic_at(base, key, place)?, *lag)))
                .collect::<Result<_, _>>()?;
            let had = std::mem::replace(&mut epic_mut(base, epic, place)?.depends_on, on);
            Ok(Change::DependsOn { epic: epic.clone(), on: named(base, &had) })
        }
    }
}

fn add(
    base: &mut Base,
    epic: &Epic,
    valued: &Valued,
    at: Option<usize>,
    waiting: &[(String, i32)],
    place: usize,
) -> Result<Change, ScenarioError> {
    let epics = &base.portfolio.epics;
    if epics.iter().any(|one| one.key.eq_ignore_ascii_case(&epic.key)) {
        return Err(ScenarioError::Invalid { place, rule: format!("{} is there already", epic.key) });
    }
    if epic.depends_on.iter().any(|&(on, _)| on >= epics.len()) {
        return Err(ScenarioError::Invalid {
            place,
            rule: "it waits for an epic that is not there".to_owned(),
        });
    }
    let waiting: Vec<(usize, i32)> = waiting
        .iter()
        .map(|(key, lag)| Ok((epic_at(base, key, place)?, *lag)))
        .collect::<Result<_, ScenarioError>>()?;
    let at = at.unwrap_or(epics.len()).min(epics.len());
    let moved = |one: usize| one + usize::from(one >= at);
    let mut epic = epic.clone();
    for one in base.portfolio.epics.iter_mut().chain([&mut epic]) {
        for (on, _) in &mut one.depends_on {
            *on = moved(*on);
        }
    }
    let key = epic.key.clone();
    base.portfolio.epics.insert(at, epic);
    base.valued.insert(at.min(base.valued.len()), valued.clone());
    for (one, lag) in waiting {
        base.portfolio.epics[moved(one)].depends_on.push((at, lag));
    }
    Ok(Change::RemoveEpic { epic: key })
}

/// Takes an epic out. The reverse puts it back in its place; what waited for it waits again, last in its list.
fn remove(base: &mut Base, index: usize) -> Change {
    let mut epic = base.portfolio.epics.remove(index);
    let valued = if index < base.valued.len() { base.valued.remove(index) } else { Valued::default() };
    let moved = |one: usize| one - usize::from(one > index);
    let mut waiting = Vec::new();
    for one in &mut base.portfolio.epics {
        let key = one.key.clone();
        one.depends_on.retain(|&(on, lag)| {
            if on == index {
                waiting.push((key.clone(), lag));
            }
            on != index
        });
        for (on, _) in &mut one.depends_on {
            *on = moved(*on);
        }
    }
    epic.depends_on.retain(|&(on, _)| on != index);
    for (on, _) in &mut epic.depends_on {
        *on = moved(*on);
    }
    Change::AddEpic { epic: Box::new(epic), valued, place: Some(index), waiting }
}

fn named(base: &Base, on: &[(usize, i32)]) -> Vec<(String, i32)> {
    on.iter().map(|&(one, lag)| (base.portfolio.epics[one].key.clone(), lag)).collect()
}

fn epic_at(base: &Base, key: &str, place: usize) -> Result<usize, ScenarioError> {
    let epics = &base.portfolio.epics;
    epics.iter().position(|one| one.key.eq_ignore_ascii_case(key)).ok_or_else(|| ScenarioError::Unknown {
        place,
        what: "epic",
        name: key.to_owned(),
        known: few(epics.iter().map(|one| &one.key)),
    })
}

fn epic_mut<'b>(base: &'b mut Base, key: &str, place: usize) -> Result<&'b mut Epic, ScenarioError> {
    let index = epic_at(base, key, place)?;
    Ok(&mut base.portfolio.epics[index])
}

fn lane_at(base: &Base, name: &str, place: usize) -> Result<usize, ScenarioError> {
    let lanes = &base.portfolio.lanes;
    lanes.iter().position(|one| one.name.eq_ignore_ascii_case(name)).ok_or_else(|| ScenarioError::Unknown {
        place,
        what: "team",
        name: name.to_owned(),
        known: few(lanes.iter().map(|one| &one.name)),
    })
}

fn few<'n>(names: impl Iterator<Item = &'n String>) -> String {
    let mut names: Vec<_> = names.take(11).map(String::as_str).collect();
    if names.len() > 10 {
        names[10] = "…";
    }
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
