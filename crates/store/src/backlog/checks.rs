//! References of an item, checked inside the unit: they exist in the same workspace and make no circle.

use std::collections::{HashMap, hash_map::Entry};

use pm33_product::{ItemId, ProductError, WorkItem};
use pm33_tenancy::WorkspaceRef;
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter};
use uuid::Uuid;

use crate::{
    StoreError,
    entity::{objective, sprint, team, work_item},
    items::to_item,
    scope,
};

/// Most items that are looked at for a circle.
const MOST: usize = 10_000;

/// Checks the references in the fields that changed.
pub(super) async fn references(
    db: &DatabaseTransaction,
    at: WorkspaceRef,
    prefix: &str,
    item: &WorkItem,
    changed: &[&str],
) -> Result<(), ProductError> {
    if let Some(id) = item.team.filter(|_| changed.contains(&"team")) {
        let query = scope::of_workspace::<team::Entity>(at).filter(team::Column::TeamId.eq(id.uuid()));
        present(query.one(db).await, "team", id.uuid())?;
    }
    if let Some(id) = item.sprint.filter(|_| changed.contains(&"sprint")) {
        let query = scope::of_workspace::<sprint::Entity>(at).filter(sprint::Column::SprintId.eq(id.uuid()));
        present(query.one(db).await, "sprint", id.uuid())?;
    }
    if changed.contains(&"objectives") {
        for link in item.objectives.iter() {
            let id = link.objective.uuid();
            let query =
                scope::of_workspace::<objective::Entity>(at).filter(objective::Column::ObjectiveId.eq(id));
            present(query.one(db).await, "objective", id)?;
        }
    }
    if let Some(parent) = item.parent.filter(|_| changed.contains(&"parent")) {
        walk(db, at, prefix, item, vec![parent], "a parent", |found| found.parent.into_iter().collect())
            .await?;
    }
    if changed.contains(&"dependencies") {
        let first = item.dependencies.iter().map(|need| need.on).collect();
        let next = |found: &WorkItem| found.dependencies.iter().map(|need| need.on).collect();
        walk(db, at, prefix, item, first, "a dependency", next).await?;
    }
    if changed.contains(&"related") {
        for other in item.related.iter() {
            let id = other.uuid();
            let query = scope::of_workspace::<work_item::Entity>(at).filter(work_item::Column::ItemId.eq(id));
            present(query.one(db).await, "item", id)?;
        }
    }
    Ok(())
}

fn present<T>(
    found: Result<Option<T>, sea_orm::DbErr>,
    what: &'static str,
    id: Uuid,
) -> Result<(), ProductError> {
    match found.map_err(StoreError::Database)? {
        Some(_) => Ok(()),
        None => Err(ProductError::missing(what, id.to_string())),
    }
}

/// Refuses an external id that another item has.
pub(super) async fn external(
    db: &DatabaseTransaction,
    at: WorkspaceRef,
    prefix: &str,
    item: &WorkItem,
) -> Result<(), ProductError> {
    let Some(external) = &item.external else { return Ok(()) };
    let holder = scope::of_workspace::<work_item::Entity>(at)
        .filter(work_item::Column::ExternalSource.eq(&external.source))
        .filter(work_item::Column::ExternalId.eq(&external.id))
        .filter(work_item::Column::ItemId.ne(item.id.uuid()))
        .one(db)
        .await
        .map_err(StoreError::Database)?;
    match holder {
        None => Ok(()),
        Some(holder) => Err(ProductError::ExternalTaken {
            source_name: external.source.clone(),
            id: external.id.clone(),
            key: format!("{prefix}-{}", holder.number),
        }),
    }
}

/// An item on the way: its number, and who led to it.
struct Step {
    number: u32,
    from: ItemId,
}

/// Follows links from `first` on, level by level; refuses missing items, and a way back to the item itself.
async fn walk(
    db: &DatabaseTransaction,
    at: WorkspaceRef,
    prefix: &str,
    item: &WorkItem,
    first: Vec<ItemId>,
    what: &'static str,
    next: impl Fn(&WorkItem) -> Vec<ItemId>,
) -> Result<(), ProductError> {
    let mut steps: HashMap<ItemId, Step> = HashMap::new();
    let mut level: Vec<(ItemId, ItemId)> = first.into_iter().map(|id| (id, item.id)).collect();
    while !level.is_empty() && steps.len() < MOST {
        if let Some((_, last)) = level.iter().find(|(id, _)| *id == item.id) {
            return Err(ProductError::Circle { what, path: path(prefix, item, &steps, *last) });
        }
        level.retain(|(id, _)| !steps.contains_key(id));
        let rows = scope::of_workspace::<work_item::Entity>(at)
            .filter(work_item::Column::ItemId.is_in(level.iter().map(|(id, _)| id.uuid())))
            .all(db)
            .await
            .map_err(StoreError::Database)?;
        let found: HashMap<ItemId, WorkItem> = rows
            .into_iter()
            .map(|row| to_item(row).map(|found| (found.id, found)))
            .collect::<Result<_, _>>()?;
        let mut following = Vec::new();
        for (id, from) in level {
            let Some(reached) = found.get(&id) else {
                return Err(ProductError::missing("item", id.to_string()));
            };
            if let Entry::Vacant(step) = steps.entry(id) {
                following.extend(next(reached).into_iter().map(|further| (further, id)));
                step.insert(Step { number: reached.number, from });
            }
        }
        level = following;
    }
    Ok(())
}

/// The keys along the circle, from the item back to itself.
fn path(prefix: &str, item: &WorkItem, steps: &HashMap<ItemId, Step>, last: ItemId) -> String {
    let mut keys = vec![format!("{prefix}-{}", item.number)];
    let mut at = last;
    while let Some(step) = steps.get(&at).filter(|_| at != item.id) {
        keys.push(format!("{prefix}-{}", step.number));
        at = step.from;
    }
    keys.push(format!("{prefix}-{}", item.number));
    keys.reverse();
    keys.join(" > ")
}
