//! Whether an item's links would close a circle, seen in a snapshot: what a dry run tells. The store checks again inside
//! the unit of work.

use std::collections::HashMap;

use crate::{ItemId, ProductError, Snapshot, WorkItem};

/// Checks parent and dependencies of an item as it would be.
///
/// # Errors
/// [`ProductError::Circle`] with the keys along the circle.
pub fn check_links(snapshot: &Snapshot, item: &WorkItem) -> Result<(), ProductError> {
    let parents = |one: &WorkItem| one.parent.into_iter().collect();
    walk(snapshot, item, "a parent", parents)?;
    let needs = |one: &WorkItem| one.dependencies.iter().map(|need| need.on).collect();
    walk(snapshot, item, "a dependency", needs)
}

fn walk(
    snapshot: &Snapshot,
    item: &WorkItem,
    what: &'static str,
    next: impl Fn(&WorkItem) -> Vec<ItemId>,
) -> Result<(), ProductError> {
    let mut came_from: HashMap<ItemId, ItemId> = HashMap::new();
    let mut open: Vec<(ItemId, ItemId)> = next(item).into_iter().map(|id| (id, item.id)).collect();
    while let Some((id, from)) = open.pop() {
        if id == item.id {
            return Err(ProductError::Circle { what, path: path(snapshot, item, &came_from, from) });
        }
        if came_from.contains_key(&id) {
            continue;
        }
        came_from.insert(id, from);
        if let Some(found) = snapshot.get(id) {
            open.extend(next(found).into_iter().map(|further| (further, id)));
        }
    }
    Ok(())
}

/// The keys from the item along its links back to itself.
fn path(snapshot: &Snapshot, item: &WorkItem, came_from: &HashMap<ItemId, ItemId>, last: ItemId) -> String {
    let own = snapshot.key(item).to_string();
    let mut keys = vec![own.clone()];
    let mut at = last;
    while at != item.id {
        keys.extend(snapshot.get(at).map(|found| snapshot.key(found).to_string()));
        let Some(from) = came_from.get(&at) else { break };
        at = *from;
    }
    keys.push(own);
    keys.reverse();
    keys.join(" > ")
}
