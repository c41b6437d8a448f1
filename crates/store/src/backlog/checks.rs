//! References of an item, checked inside the unit: they exist in the same workspace and make no circle.

use pm33_product::{ItemId, ProductError, WorkItem};
use pm33_tenancy::WorkspaceRef;
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter, QuerySelect};

use crate::{
    StoreError,
    entity::{objective, sprint, team, work_item},
    items::to_item,
    scope,
    session::Session,
};

/// Longest chain of parents or dependencies that is followed.
const LONGEST: usize = 10_000;

impl Session {
    pub(super) async fn check_references(
        &self,
        db: &DatabaseTransaction,
        at: WorkspaceRef,
        prefix: &str,
        item: &WorkItem,
    ) -> Result<(), ProductError> {
        if let Some(id) = item.team {
            let query = scope::of_workspace::<team::Entity>(at).filter(team::Column::TeamId.eq(id.uuid()));
            if query.one(db).await.map_err(StoreError::Database)?.is_none() {
                return Err(ProductError::missing("team", id.to_string()));
            }
        }
        if let Some(id) = item.sprint {
            let query = scope::of_workspace::<sprint::Entity>(at).filter(sprint::Column::SprintId.eq(id.uuid()));
            if query.one(db).await.map_err(StoreError::Database)?.is_none() {
                return Err(ProductError::missing("sprint", id.to_string()));
            }
        }
        for link in item.objectives.iter() {
            let id = link.objective;
            let query =
                scope::of_workspace::<objective::Entity>(at).filter(objective::Column::ObjectiveId.eq(id.uuid()));
            if query.one(db).await.map_err(StoreError::Database)?.is_none() {
                return Err(ProductError::missing("objective", id.to_string()));
            }
        }
        if let Some(parent) = item.parent {
            walk(db, at, prefix, item, vec![parent], "a parent", |found| found.parent.into_iter().collect()).await?;
        }
        let needs: Vec<_> = item.dependencies.iter().map(|need| need.on).collect();
        if !needs.is_empty() {
            let next = |found: &WorkItem| found.dependencies.iter().map(|need| need.on).collect();
            walk(db, at, prefix, item, needs, "a dependency", next).await?;
        }
        Ok(())
    }
}

/// Follows links from `first` on; refuses missing items, and a way back to the item itself.
async fn walk(
    db: &DatabaseTransaction,
    at: WorkspaceRef,
    prefix: &str,
    item: &WorkItem,
    first: Vec<ItemId>,
    what: &'static str,
    next: impl Fn(&WorkItem) -> Vec<ItemId>,
) -> Result<(), ProductError> {
    let mut seen = std::collections::HashSet::new();
    let mut level: Vec<ItemId> = first;
    let mut path = vec![format!("{prefix}-{}", item.number)];
    while !level.is_empty() && seen.len() < LONGEST {
        if level.contains(&item.id) {
            path.push(format!("{prefix}-{}", item.number));
            return Err(ProductError::Circle { what, path: path.join(" > ") });
        }
        level.retain(|id| seen.insert(*id));
        let rows = scope::of_workspace::<work_item::Entity>(at)
            .filter(work_item::Column::ItemId.is_in(level.iter().map(|id| id.uuid())))
            .limit(LONGEST as u64)
            .all(db)
            .await
            .map_err(StoreError::Database)?;
        if let Some(absent) = level.iter().find(|id| !rows.iter().any(|row| row.item_id == id.uuid())) {
            return Err(ProductError::missing("item", absent.to_string()));
        }
        let mut following = Vec::new();
        for row in rows {
            let found = to_item(row)?;
            if path.len() < 20 {
                path.push(format!("{prefix}-{}", found.number));
            }
            following.extend(next(&found));
        }
        level = following;
    }
    Ok(())
}
