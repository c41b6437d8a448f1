//! A workspace's portfolio as the base of scenarios: what each epic is worth, and a number that tells whether the
//! workspace still is what a scenario was made on.

use std::collections::{BTreeSet, HashMap};

use pm33_product::{ItemId, ObjectiveId, ObjectiveStatus, Snapshot, WorkItem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Base, Valued};
use crate::{
    Seed,
    schedule::{WorkspacePortfolio, priority_weight},
};

/// What the value of an epic is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ValueUnit {
    /// The user-business value of its scoring inputs, which every planned epic has.
    BusinessValue,
    /// 8, 4, 2, 1 or 0.5 by declared priority, because some epic has no user-business value.
    DeclaredPriority,
}

/// The base of scenarios on a workspace, and what value is counted in.
pub fn base(snapshot: &Snapshot, read: &WorkspacePortfolio) -> (Base, ValueUnit) {
    let epics: Vec<&WorkItem> =
        read.items.iter().filter_map(|id| snapshot.get(*id)).map(AsRef::as_ref).collect();
    let business = |item: &WorkItem| item.scoring.as_ref().and_then(|scoring| scoring.business_value);
    let unit = if epics.iter().all(|item| business(item).is_some()) {
        ValueUnit::BusinessValue
    } else {
        ValueUnit::DeclaredPriority
    };
    let served = served(snapshot, &epics);
    let valued = epics.iter().map(|item| Valued {
        value: match unit {
            ValueUnit::BusinessValue => business(item).map_or(0.0, f64::from),
            ValueUnit::DeclaredPriority => priority_weight(item.priority),
        },
        objectives: served.get(&item.id).into_iter().flatten().cloned().collect(),
    });
    (Base { portfolio: read.portfolio.clone(), valued: valued.collect() }, unit)
}

/// Titles of the active objectives that each epic serves, by links of its own and of what is below it.
fn served(snapshot: &Snapshot, epics: &[&WorkItem]) -> HashMap<ItemId, BTreeSet<String>> {
    let planned: BTreeSet<ItemId> = epics.iter().map(|item| item.id).collect();
    let title = |id: ObjectiveId| {
        let found = snapshot.objectives().iter().find(|one| one.id == id)?;
        (found.status == ObjectiveStatus::Active).then(|| found.title.to_string())
    };
    let mut served: HashMap<ItemId, BTreeSet<String>> = HashMap::new();
    for item in snapshot.items().filter(|item| !item.objectives.is_empty()) {
        let mut above = Some(item.id);
        // Parents make no circle; the bound is for data that was broken elsewhere.
        for _ in 0..100 {
            let Some(at) = above.and_then(|id| snapshot.get(id)) else { break };
            if planned.contains(&at.id) {
                let titles = item.objectives.iter().filter_map(|link| title(link.objective));
                served.entry(at.id).or_default().extend(titles);
                break;
            }
            above = at.parent;
        }
    }
    served
}

/// A number that is another one as soon as anything that a plan depends on is: lanes, calendars, epics, values.
pub fn fingerprint(base: &Base) -> u64 {
    // Debug names every field, and numbers that differ are written differently.
    Seed::of(format!("{base:?}").bytes().map(u64::from)).as_u64()
}
