//! What a forecast's items wait for outside it: work that has to be finished first.

use std::collections::{BTreeMap, BTreeSet};

use pm33_planning::{
    PlanningError,
    forecast::{Delivery, WaitsFor, ready},
    workspace::{NO_TEAM, teams_work, waits},
};
use pm33_product::{ItemId, Snapshot};
use pm33_tenancy::Timestamp;

use super::{delivery_question::open_keys, left_out::LeftOut};
use crate::words::{counted, listed};

/// Keys that are named in the summary.
const NAMED: usize = 5;

/// The work that has to be finished first, the keys of what was named so, and with what is left out already that part of it whose time nobody's past or
/// list of items tells.
pub(super) fn work(
    snapshot: &Snapshot,
    asked: &BTreeSet<ItemId>,
    now: Timestamp,
    mut left_out: Vec<LeftOut>,
) -> Result<(WaitsFor, Vec<String>, Vec<LeftOut>), PlanningError> {
    let found = waits(snapshot, asked);
    let mut keys = open_keys(snapshot, &found.work);
    let mut teams = Vec::new();
    for team in teams_work(snapshot, Some(&found.work), None)? {
        let Err(error) = ready(&team, now) else {
            teams.push(team);
            continue;
        };
        let keys = keys.remove(&team.team).unwrap_or_default();
        left_out.push(LeftOut::of(team, keys, &error).waited_for());
    }
    let mut unknown: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for item in found.unknown.iter().filter_map(|id| snapshot.get(*id)) {
        let team = item.team.and_then(|id| snapshot.team(id));
        let name = team.map_or_else(|| NO_TEAM.to_owned(), |team| team.name.to_string());
        unknown.entry(name).or_default().push(snapshot.key(item).to_string());
    }
    left_out.extend(unknown.into_iter().map(|(team, mut keys)| {
        keys.sort();
        let why = "it must be finished first, and its time is not in the dates because it holds no items; break it down with \
                   pm33_create_work_item (field parent)";
        LeftOut::new(team, keys, why)
    }));
    let mut named: Vec<_> = found.named.iter().filter_map(|id| snapshot.get(*id)).collect();
    named.sort_by_key(|item| item.number);
    let named = named.into_iter().map(|item| snapshot.key(item).to_string()).collect();
    // What no team is known to do takes no time, so there is nothing to put in order.
    let units = if teams.is_empty() { Vec::new() } else { found.units };
    Ok((WaitsFor { teams, units }, named, left_out))
}

/// The sentence of a summary; empty when nothing is waited for.
pub(super) fn sentence(waits: &[String], said: &Delivery) -> String {
    if waits.is_empty() {
        return String::new();
    }
    let named: Vec<&str> = waits.iter().take(NAMED).map(String::as_str).collect();
    let more = if waits.len() > NAMED { " and others" } else { "" };
    let first = format!(" {}{more} must be finished first", listed(&named));
    let at_85 = said.waiting.as_ref().and_then(|waiting| {
        let found = waiting.without.iter().find(|one| (one.level - 0.85).abs() < 1e-9)?;
        Some((waiting.items, found))
    });
    match at_85 {
        Some((items, found)) => {
            let effect = match (found.days, found.date) {
                (Some(0), _) => "which does not move the 85 % date".to_owned(),
                (Some(days), Some(date)) => {
                    let days = counted(usize::try_from(days).unwrap_or(0), "day", "days");
                    format!("which makes the 85 % date {days} later: without it, it would be {date}")
                }
                (_, Some(date)) => format!("without which the 85 % date would be {date}"),
                _ => "and even without it there is no date within ten years".to_owned(),
            };
            let items = counted(items as usize, "open item", "open items");
            format!("{first} ({items} in these dates), {effect}.")
        }
        None => format!("{first}; the dates count as if they were."),
    }
}
