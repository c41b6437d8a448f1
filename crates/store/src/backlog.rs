//! The backlog port: reads from the snapshot, writes inside the unit.

mod checks;
mod history;

use std::sync::Arc;

use async_trait::async_trait;
use pm33_product::{
    Author, Backlog, External, Freshness, ItemId, ItemPatch, NewItem, ProductError, Snapshot, SnapshotParts, StateChange,
    TextHit, WorkItem, check_item,
};
use pm33_tenancy::WorkspaceRef;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, ExprTrait},
};

use crate::{
    StoreError,
    entity::{item_text, work_item, workspace},
    error::is_taken,
    items::{to_item, to_row},
    scope, search,
    session::Session,
};

impl Session {
    /// Raises the workspace's version inside the unit; the new version and the workspace's row.
    pub(crate) async fn bump(
        &self,
        db: &DatabaseTransaction,
        at: WorkspaceRef,
        numbers: i32,
    ) -> Result<workspace::Model, StoreError> {
        scope::change_of_workspace::<workspace::Entity>(at)
            .col_expr(workspace::Column::Version, Expr::col(workspace::Column::Version).add(1))
            .col_expr(workspace::Column::LastNumber, Expr::col(workspace::Column::LastNumber).add(numbers))
            .exec(db)
            .await?;
        scope::of_workspace::<workspace::Entity>(at)
            .one(db)
            .await?
            .ok_or(StoreError::Corrupt { what: "workspace" })
    }

    /// Reads a whole workspace.
    pub(crate) async fn build(&self, at: WorkspaceRef) -> Result<Snapshot, StoreError> {
        let items = scope::of_workspace::<work_item::Entity>(at);
        let place = scope::of_workspace::<workspace::Entity>(at);
        // The version is read first: rows that are newer than it only make the next build right.
        let (place, items) = self
            .inner
            .read(at.tenant(), async |db| Ok((place.one(db).await?, items.all(db).await?)))
            .await?;
        let place = place.ok_or(StoreError::Corrupt { what: "workspace" })?;
        let parts = SnapshotParts {
            prefix: place.prefix,
            version: place.version,
            items: items.into_iter().map(to_item).collect::<Result<_, _>>()?,
            teams: self.read_teams(at).await?,
            sprints: self.read_sprints(at).await?,
            objectives: self.read_objectives(at).await?,
        };
        Ok(Snapshot::build(at, parts))
    }

    async fn newest_version(&self, at: WorkspaceRef) -> Result<i64, StoreError> {
        let query = scope::of_workspace::<workspace::Entity>(at);
        let row = self.inner.read(at.tenant(), async |db| query.one(db).await).await?;
        Ok(row.map_or(0, |row| row.version))
    }
}

async fn write_text(
    db: &DatabaseTransaction,
    at: WorkspaceRef,
    item: &WorkItem,
    description: Option<&str>,
) -> Result<(), StoreError> {
    let (tenant, workspace) = (at.tenant().uuid(), at.workspace().uuid());
    let old = item_text::Entity::find_by_id((tenant, workspace, item.id.uuid()));
    let stored = match description {
        Some(text) => text.to_owned(),
        None => old.one(db).await?.map(|row| row.description).unwrap_or_default(),
    };
    let row = item_text::ActiveModel {
        tenant_id: Set(tenant),
        workspace_id: Set(workspace),
        item_id: Set(item.id.uuid()),
        title: Set(item.title.to_string()),
        description: Set(stored.clone()),
    };
    use item_text::Column::{Description, ItemId, TenantId, Title, WorkspaceId};
    let replace = sea_orm::sea_query::OnConflict::columns([TenantId, WorkspaceId, ItemId])
        .update_columns([Title, Description])
        .to_owned();
    item_text::Entity::insert(row).on_conflict(replace).exec_without_returning(db).await?;
    search::index(db, at, item.id, &item.title, &stored).await?;
    Ok(())
}

async fn read_item(db: &DatabaseTransaction, at: WorkspaceRef, id: ItemId) -> Result<Option<WorkItem>, StoreError> {
    let row = scope::of_workspace::<work_item::Entity>(at)
        .filter(work_item::Column::ItemId.eq(id.uuid()))
        .one(db)
        .await?;
    row.map(to_item).transpose()
}

#[async_trait]
impl Backlog for Session {
    async fn snapshot(&self, at: WorkspaceRef, freshness: Freshness) -> Result<Arc<Snapshot>, ProductError> {
        if freshness == Freshness::Newest {
            let version = self.newest_version(at).await?;
            self.inner.snapshots.slot(at).heard(version);
        }
        let snapshots = &self.inner.snapshots;
        let slot = snapshots.slot(at);
        if let Some(snapshot) = slot.current() {
            return Ok(snapshot);
        }
        let _turn = slot.turn().await;
        loop {
            if let Some(snapshot) = slot.current() {
                return Ok(snapshot);
            }
            snapshots.put(at, &slot, self.build(at).await?);
        }
    }

    async fn descriptions(&self, at: WorkspaceRef, items: &[ItemId]) -> Result<Vec<String>, ProductError> {
        let wanted = scope::of_workspace::<item_text::Entity>(at)
            .filter(item_text::Column::ItemId.is_in(items.iter().map(|item| item.uuid())));
        let rows = self.read(at.tenant(), async |db| wanted.all(db).await).await?;
        let find = |item: &ItemId| rows.iter().find(|row| row.item_id == item.uuid());
        Ok(items.iter().map(|item| find(item).map(|row| row.description.clone()).unwrap_or_default()).collect())
    }

    async fn history(&self, at: WorkspaceRef, item: ItemId) -> Result<Vec<StateChange>, ProductError> {
        Ok(self.read_history(at, item).await?)
    }

    async fn search(&self, at: WorkspaceRef, text: &str, most: u32) -> Result<Vec<TextHit>, ProductError> {
        Ok(self.read(at.tenant(), async |db| search::search(db, at, text, most).await).await?)
    }

    async fn find_external(&self, at: WorkspaceRef, external: &External) -> Result<Option<Arc<WorkItem>>, ProductError> {
        let query = scope::of_workspace::<work_item::Entity>(at)
            .filter(work_item::Column::ExternalSource.eq(&external.source))
            .filter(work_item::Column::ExternalId.eq(&external.id))
            .order_by_asc(work_item::Column::Number);
        let row = self.read(at.tenant(), async |db| query.one(db).await).await?;
        Ok(row.map(to_item).transpose()?.map(Arc::new))
    }

    async fn create(&self, at: WorkspaceRef, mut new: NewItem, author: Author) -> Result<Arc<WorkItem>, ProductError> {
        check_item(&new)?;
        let unit = self.write(at.tenant()).await?;
        let db = unit.db()?;
        let place = self.bump(db, at, 1).await?;
        let number = u32::try_from(place.last_number).map_err(|_| StoreError::Corrupt { what: "item number" })?;
        let past = std::mem::take(&mut new.history);
        let (item, description) = new.into_item(number, author);
        self.check_references(db, at, &place.prefix, &item).await?;
        work_item::Entity::insert(to_row(at, &item)?).exec_without_returning(db).await.map_err(|error| {
            match &item.external {
                Some(external) if is_taken(&error) => ProductError::ExternalTaken {
                    source_name: external.source.clone(),
                    id: external.id.clone(),
                    key: "another item".to_owned(),
                },
                _ => StoreError::Database(error).into(),
            }
        })?;
        write_text(db, at, &item, Some(&description)).await?;
        let past = if past.is_empty() {
            let when = item.created.unwrap_or(author.at);
            vec![StateChange { from: None, to: item.status, at: when, by: author.user }]
        } else {
            past
        };
        history::write(db, at, item.id, &past).await?;
        let item = Arc::new(item);
        self.moved(at, place.version, vec![Arc::clone(&item)]);
        Ok(item)
    }

    async fn update(
        &self,
        at: WorkspaceRef,
        id: ItemId,
        patch: ItemPatch,
        author: Author,
    ) -> Result<Arc<WorkItem>, ProductError> {
        patch.check()?;
        let unit = self.write(at.tenant()).await?;
        let db = unit.db()?;
        let mut item = read_item(db, at, id).await?.ok_or_else(|| ProductError::missing("item", id.to_string()))?;
        if let Some(expected) = patch.if_version
            && expected != item.version
        {
            return Err(ProductError::Changed { key: format!("item {}", item.number), current: item.version, expected });
        }
        let description = patch.description.clone();
        let old_text = match &description {
            Some(_) => self.old_description(db, at, id).await?,
            None => None,
        };
        let applied = patch.apply(&mut item, author);
        let text_changed = description.is_some() && description != old_text;
        if applied.fields.is_empty() && !text_changed {
            return Ok(Arc::new(item));
        }
        let place = self.bump(db, at, 0).await?;
        self.check_references(db, at, &place.prefix, &item).await?;
        item.version += 1;
        item.updated = author.at;
        work_item::Entity::update(to_row(at, &item)?).exec(db).await.map_err(|error| match &item.external {
            Some(external) if is_taken(&error) => ProductError::ExternalTaken {
                source_name: external.source.clone(),
                id: external.id.clone(),
                key: "another item".to_owned(),
            },
            _ => StoreError::Database(error).into(),
        })?;
        if text_changed || applied.fields.contains(&"title") {
            write_text(db, at, &item, description.as_deref()).await?;
        }
        if let Some(change) = applied.state {
            history::write(db, at, id, &[change]).await?;
        }
        let item = Arc::new(item);
        self.moved(at, place.version, vec![Arc::clone(&item)]);
        Ok(item)
    }

    async fn add_history(&self, at: WorkspaceRef, item: ItemId, past: &[StateChange]) -> Result<(), ProductError> {
        let known = self.read_history(at, item).await?;
        let new: Vec<_> = past
            .iter()
            .filter(|change| !known.iter().any(|old| (old.at, old.to) == (change.at, change.to)))
            .cloned()
            .collect();
        let unit = self.write(at.tenant()).await?;
        history::write(unit.db()?, at, item, &new).await?;
        Ok(())
    }
}
