//! Candidates from a workspace's snapshot.

use std::{collections::HashMap, sync::Arc};

use pm33_product::{ItemId, ObjectiveStatus, Snapshot, WorkItem};

use super::Candidate;

/// Candidates for open items of a snapshot, in the order given. Blockers are those among the items themselves; threats
/// and durations are asked for by item.
pub fn candidates(
    snapshot: &Snapshot,
    items: &[Arc<WorkItem>],
    threat: impl Fn(ItemId) -> Option<f64>,
    duration_days: impl Fn(ItemId) -> Option<f64>,
) -> Vec<Candidate> {
    let places: HashMap<ItemId, usize> =
        items.iter().enumerate().map(|(place, item)| (item.id, place)).collect();
    let one = |item: &Arc<WorkItem>| Candidate {
        id: item.id,
        number: item.number,
        priority: item.priority,
        scoring: item.scoring.as_deref().cloned().unwrap_or_default(),
        points: item.points,
        duration_days: duration_days(item.id),
        due: item.due,
        blocked_by: item
            .dependencies
            .iter()
            .filter_map(|dependency| places.get(&dependency.on).copied())
            .collect(),
        alignment: alignment(snapshot, item),
        threat: threat(item.id),
    };
    items.iter().map(one).collect()
}

/// How far an item serves the active objectives by its links: the sum of objective weight × link weight over the sum of
/// all active objectives' weights, 0 to 1. `None` where it is linked to no active objective.
pub fn alignment(snapshot: &Snapshot, item: &WorkItem) -> Option<f64> {
    let active = || snapshot.objectives().iter().filter(|one| one.status == ObjectiveStatus::Active);
    let total: f64 = active().map(|one| one.weight).filter(|weight| weight.is_finite()).sum();
    let mut linked = false;
    let mut served = 0.0;
    for link in item.objectives.iter() {
        if let Some(objective) = active().find(|one| one.id == link.objective) {
            linked = true;
            served += objective.weight * link.weight.clamp(0.0, 1.0);
        }
    }
    (linked && total > 0.0).then(|| (served / total).clamp(0.0, 1.0))
}
