//! Binding: the active objectives that an item is linked to, and those that it may serve by its words.

use std::{collections::HashMap, sync::Arc};

use pm33_planning::alignment::{Aim, Proposer, Text};
use pm33_product::{Backlog, ItemId, Objective, ObjectiveStatus, Snapshot, WorkItem};
use pm33_tenancy::WorkspaceRef;

use crate::{ToolContext, ToolError};

/// Linked items of an objective whose texts tell what it is about.
const TOLD_BY: usize = 20;

/// An item's link to an active objective.
pub(crate) struct Binding<'s> {
    pub(crate) objective: &'s Objective,
    /// Share of the item's effect, 0 to 1.
    pub(crate) share: f64,
}

/// The item's links to active objectives, heaviest first.
pub(crate) fn bind<'s>(snapshot: &'s Snapshot, item: &WorkItem) -> Vec<Binding<'s>> {
    let mut bound: Vec<_> = item
        .objectives
        .iter()
        .filter_map(|link| {
            let objective = snapshot.objective(link.objective)?;
            (objective.status == ObjectiveStatus::Active).then_some(Binding { objective, share: link.weight })
        })
        .collect();
    bound.sort_by(|one, other| {
        let weight = |one: &Binding<'_>| one.objective.weight * one.share;
        weight(other).total_cmp(&weight(one)).then(one.objective.title.cmp(&other.objective.title))
    });
    bound
}

/// What an objective says: its statement and its key results.
pub(crate) fn statement(objective: &Objective) -> String {
    let results = objective
        .key_results
        .iter()
        .map(|one| format!("Key result: {} from {} to {} {}", one.title, one.baseline, one.target, one.unit));
    std::iter::once(objective.statement.clone())
        .chain(results)
        .collect::<Vec<_>>()
        .join("\n")
        .trim()
        .to_owned()
}

/// Finds proposals among the active objectives, and these in the finder's order.
pub(crate) async fn proposer<'s>(
    ctx: &ToolContext<'_>,
    at: WorkspaceRef,
    snapshot: &'s Snapshot,
) -> Result<(Proposer, Vec<&'s Objective>), ToolError> {
    let active: Vec<_> =
        snapshot.objectives().iter().filter(|one| one.status == ObjectiveStatus::Active).collect();
    let mut linked: HashMap<_, Vec<&Arc<WorkItem>>> = HashMap::new();
    for item in snapshot.items() {
        for link in item.objectives.iter() {
            linked.entry(link.objective).or_default().push(item);
        }
    }
    for items in linked.values_mut() {
        items.sort_by(|one, other| other.updated.cmp(&one.updated).then(one.number.cmp(&other.number)));
        items.truncate(TOLD_BY);
    }
    let mut ids: Vec<ItemId> =
        active.iter().filter_map(|one| linked.get(&one.id)).flatten().map(|one| one.id).collect();
    ids.sort_unstable();
    ids.dedup();
    let texts = if ids.is_empty() { Vec::new() } else { Backlog::descriptions(ctx.ports, at, &ids).await? };
    let texts: HashMap<ItemId, String> = ids.into_iter().zip(texts).collect();
    let aims: Vec<_> = active
        .iter()
        .map(|one| Aim {
            own: Text { title: one.title.to_string(), body: statement(one) },
            linked: linked
                .get(&one.id)
                .into_iter()
                .flatten()
                .map(|item| Text {
                    title: item.title.to_string(),
                    body: texts.get(&item.id).cloned().unwrap_or_default(),
                })
                .collect(),
        })
        .collect();
    let proposer = Proposer::new(&aims, snapshot.items().map(|item| &*item.title));
    Ok((proposer, active))
}
