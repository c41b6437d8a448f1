//! Where the effort goes, as the tool shows it.

use std::sync::Arc;

use pm33_planning::alignment::portfolio;
use pm33_product::{Objective, Snapshot, WorkItem};
use schemars::JsonSchema;
use serde::Serialize;

use super::bind;

/// Levels of items above an item that are looked at.
const LEVELS: usize = 32;

/// Where the effort of all open items goes.
#[derive(Serialize, JsonSchema)]
pub(crate) struct PortfolioView {
    /// Active objectives, heaviest first.
    objectives: Vec<ObjectiveEffort>,
    /// Share of the effort that serves no active objective.
    orphan_share: f64,
    /// Open items that serve none.
    orphan_items: usize,
    /// The largest of them, ten at most.
    largest_orphans: Vec<String>,
    /// All effort in points; an item without points counts as the median one.
    effort: f64,
    /// Items without points.
    unsized_items: usize,
    /// What to do next, when something is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<&'static str>,
}

/// The effort for an objective.
#[derive(Serialize, JsonSchema)]
struct ObjectiveEffort {
    /// Title.
    objective: String,
    /// Its weight over the weight of all active objectives.
    weight_share: f64,
    /// Effort of the open items that are linked to it, or lie below one that is, over all effort.
    effort_share: f64,
    /// Those open items.
    items: usize,
    /// Whether it gets less than half of what its weight asks for.
    starving: bool,
}

/// An item with its own links to active objectives, else with those of the nearest item above it that has some: what an epic
/// serves, its parts serve.
fn with_links(snapshot: &Snapshot, item: Arc<WorkItem>) -> Arc<WorkItem> {
    let mut above = Some(&item);
    // No item is above itself; the bound is for what should not be.
    for _ in 0..LEVELS {
        let Some(one) = above else { break };
        if !bind(snapshot, one).is_empty() {
            let objectives = one.objectives.clone();
            return Arc::new(WorkItem { objectives, ..WorkItem::clone(&item) });
        }
        above = one.parent.and_then(|parent| snapshot.get(parent));
    }
    item
}

/// Counts open items that have no open item below them.
pub(crate) fn portfolio_of(snapshot: &Snapshot) -> PortfolioView {
    let open: Vec<_> = snapshot.items().filter(|item| item.is_active()).cloned().collect();
    let parents: std::collections::HashSet<_> = open.iter().filter_map(|item| item.parent).collect();
    let leaves = open.into_iter().filter(|item| !parents.contains(&item.id));
    let leaves: Vec<_> = leaves.map(|item| with_links(snapshot, item)).collect();
    let found = portfolio(&leaves, snapshot.objectives());
    let title = |id| snapshot.objective(id).map_or_else(String::new, |one: &Objective| one.title.to_string());
    let next = if found.objectives.is_empty() {
        Some("write objectives with pm33_manage_objective")
    } else if !found.orphans.is_empty() {
        Some("score orphans with pm33_score_alignment for proposals, and link them with pm33_link_objective")
    } else {
        None
    };
    PortfolioView {
        objectives: found
            .objectives
            .iter()
            .map(|one| ObjectiveEffort {
                objective: title(one.objective),
                weight_share: one.weight_share,
                effort_share: one.effort_share,
                items: one.items,
                starving: one.starving,
            })
            .collect(),
        orphan_share: found.orphan_share,
        orphan_items: found.orphans.len(),
        largest_orphans: found
            .orphans
            .iter()
            .take(10)
            .map(|item| format!("{} {}", snapshot.key(item), item.title))
            .collect(),
        effort: found.effort,
        unsized_items: found.unsized_items,
        next,
    }
}
