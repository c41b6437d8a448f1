//! The work that is left below epics: open items with points, each counted once.

use std::collections::{HashMap, HashSet};

use pm33_product::{ItemId, ItemType, Snapshot, WorkItem};

/// Parents make no circle; the bound is for data that was broken elsewhere.
const DEPTH: usize = 100;

/// What is left.
#[derive(Debug, Default)]
pub(super) struct Left<'a> {
    /// Open items with points, epics apart, that hold no other ones with points; with the open epic that is nearest above.
    pub(super) stories: Vec<(&'a WorkItem, Option<ItemId>)>,
    /// Per open epic the points of these below it; an epic with none counts its own.
    pub(super) points: HashMap<ItemId, f64>,
    /// Per open epic the open items below it that have no points, neither themselves nor above nor below them.
    pub(super) unsized_items: HashMap<ItemId, usize>,
}

impl<'a> Left<'a> {
    pub(super) fn of(snapshot: &'a Snapshot) -> Self {
        let is_open = |item: &&WorkItem| item.status.is_open() && item.archived.is_none();
        let items: Vec<&WorkItem> =
            snapshot.items().map(|item| &**item).filter(is_open).filter(|item| !is_epic(item)).collect();
        // A feature's points are those of its stories where these have some: what is done once must not count twice.
        let holders: HashSet<ItemId> = items
            .iter()
            .filter(|item| is_sized(item))
            .flat_map(|item| above(snapshot, item).take_while(|one| !is_epic(one)).map(|one| one.id))
            .collect();
        let mut left = Self::default();
        for item in items {
            let epic = above(snapshot, item).find(|one| is_open_epic(one)).map(|one| one.id);
            if is_sized(item) && !holders.contains(&item.id) {
                left.stories.push((item, epic));
                if let (Some(epic), Some(points)) = (epic, item.points) {
                    *left.points.entry(epic).or_default() += points;
                }
            } else if let Some(epic) = epic.filter(|_| !holders.contains(&item.id)) {
                let mut between = above(snapshot, item).take_while(|one| !is_epic(one));
                if !between.any(|one| is_open(&one) && is_sized(one)) {
                    *left.unsized_items.entry(epic).or_default() += 1;
                }
            }
        }
        for item in snapshot.items().filter(|item| is_open_epic(item)) {
            if let Some(points) = item.points.filter(|points| points.is_finite() && *points > 0.0) {
                left.points.entry(item.id).or_insert(points);
            }
        }
        left
    }
}

/// What holds an item, the nearest first.
pub(super) fn above<'a>(snapshot: &'a Snapshot, item: &'a WorkItem) -> impl Iterator<Item = &'a WorkItem> {
    let parent = |one: &&'a WorkItem| one.parent.and_then(|id| snapshot.get(id)).map(|one| &**one);
    std::iter::successors(parent(&item), move |one| parent(one)).take(DEPTH)
}

fn is_epic(item: &WorkItem) -> bool {
    item.item_type == ItemType::Epic
}

pub(super) fn is_open_epic(item: &WorkItem) -> bool {
    is_epic(item) && item.status.is_open() && item.archived.is_none()
}

fn is_sized(item: &WorkItem) -> bool {
    item.points.is_some_and(|points| points.is_finite() && points >= 0.0)
}
