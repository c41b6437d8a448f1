//! Where the effort of a backlog goes, against the weights of its objectives.

use std::sync::Arc;

use pm33_product::{Objective, ObjectiveId, ObjectiveStatus, WorkItem};

/// Effort of an item that has no points: that of the median item with some, or 1.
const PLAIN: f64 = 1.0;
/// An objective starves when it gets less than this part of the effort that its weight asks for.
const STARVING: f64 = 0.5;

/// An objective's share of the effort.
#[derive(Clone, Debug, PartialEq)]
pub struct EffortShare {
    /// The objective.
    pub objective: ObjectiveId,
    /// Its weight over the weight of all active objectives.
    pub weight_share: f64,
    /// Its effort over all effort of open items.
    pub effort_share: f64,
    /// Open items that are linked to it.
    pub items: usize,
    /// Whether it gets less than half of what its weight asks for.
    pub starving: bool,
}

/// Where the effort goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Portfolio {
    /// Active objectives, heaviest first.
    pub objectives: Vec<EffortShare>,
    /// Share of the effort that serves no active objective.
    pub orphan_share: f64,
    /// Open items that serve none, largest first.
    pub orphans: Vec<Arc<WorkItem>>,
    /// All effort, in points; items without points count as the median one.
    pub effort: f64,
    /// Items that had no points.
    pub unsized_items: usize,
}

/// Counts the effort of open items. An item with several links is divided among them by their weights, so that no effort
/// is counted twice. Only items with no open item below them are given: an epic's effort is that of its parts.
pub fn portfolio(items: &[Arc<WorkItem>], objectives: &[Objective]) -> Portfolio {
    let mut points: Vec<f64> =
        items.iter().filter_map(|item| item.points).filter(|points| *points > 0.0).collect();
    points.sort_by(f64::total_cmp);
    let median = points.get(points.len() / 2).copied().unwrap_or(PLAIN);
    let effort_of = |item: &WorkItem| item.points.filter(|points| *points > 0.0).unwrap_or(median);
    let effort: f64 = items.iter().map(|item| effort_of(item)).sum();
    let mut active: Vec<_> = objectives.iter().filter(|one| one.status == ObjectiveStatus::Active).collect();
    active.sort_by(|one, other| other.weight.total_cmp(&one.weight).then(one.title.cmp(&other.title)));
    let total: f64 = active.iter().map(|one| one.weight.max(0.0)).sum();
    let served = |item: &WorkItem| -> f64 {
        let links = item.objectives.iter().filter(|link| active.iter().any(|one| one.id == link.objective));
        links.map(|link| link.weight.max(0.0)).sum()
    };
    let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
    let shares = active.iter().map(|objective| {
        let linked: Vec<_> = items
            .iter()
            .filter_map(|item| {
                let link = item.objectives.iter().find(|link| link.objective == objective.id)?;
                Some((item, share(link.weight.max(0.0), served(item))))
            })
            .collect();
        let own: f64 = linked.iter().map(|(item, part)| effort_of(item) * part).sum();
        let (weight_share, effort_share) = (share(objective.weight.max(0.0), total), share(own, effort));
        EffortShare {
            objective: objective.id,
            weight_share,
            effort_share,
            items: linked.len(),
            starving: effort > 0.0 && weight_share > 0.0 && effort_share < STARVING * weight_share,
        }
    });
    let objectives: Vec<_> = shares.collect();
    let mut orphans: Vec<_> = items.iter().filter(|item| served(item) <= 0.0).cloned().collect();
    orphans.sort_by(|one, other| {
        effort_of(other).total_cmp(&effort_of(one)).then(one.number.cmp(&other.number))
    });
    let orphaned: f64 = orphans.iter().map(|item| effort_of(item)).sum();
    Portfolio {
        objectives,
        orphan_share: share(orphaned, effort),
        orphans,
        effort,
        unsized_items: items.iter().filter(|item| item.points.is_none_or(|points| points <= 0.0)).count(),
    }
}
