//! The backlog port: reads from the snapshot, writes inside the unit.

mod checks;
mod create;
mod history;
mod picture;

use std::sync::Arc;

use async_trait::async_trait;
use pm33_product::{
    Author, Backlog, Changes, External, Freshness, ItemId, ItemPatch, NewItem, ProductError, Snapshot,
    StateChange, TextHit, Vocabulary, WorkItem,
};
use pm33_tenancy::WorkspaceRef;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, OnConflict},
};

use crate::{
    StoreError,
    entity::{item_text, work_item, workspace},
    items::{to_item, to_row},
    scope, search,
    session::Session,
};

/// The workspace's row, locked against other units until this one ends, so that what is checked stays true.
pub(crate) async fn lock_workspace(
    db: &DatabaseTransaction,
    at: WorkspaceRef,
) -> Result<workspace::Model, StoreError> {
    let query = scope::of_workspace::<workspace::Entity>(at);
    let query = if db.get_database_backend() == DbBackend::Postgres { query.lock_exclusive() } else { query };
    query.one(db).await?.ok_or(StoreError::Corrupt { what: "workspace" })
}

/// Raises the version of a locked workspace, and its last item number by `numbers`; the new version.
pub(crate) async fn raise_version(
    db: &DatabaseTransaction,
    at: WorkspaceRef,
    place: &workspace::Model,
    numbers: i32,
) -> Result<i64, StoreError> {
    let (version, change) = raised(at, place, numbers);
    change.exec(db).await?;
    Ok(version)
}

/// The version after this one, and the change that raises to it.
fn raised(
    at: WorkspaceRef,
    place: &workspace::Model,
    numbers: i32,
) -> (i64, sea_orm::UpdateMany<workspace::Entity>) {
    let version = place.version + 1;
    let change = scope::change_of_workspace::<workspace::Entity>(at)
        .col_expr(workspace::Column::Version, Expr::value(version))
        .col_expr(workspace::Column::LastNumber, Expr::value(place.last_number + numbers));
    (version, change)
}

async fn write_text(
    db: &DatabaseTransaction,
    at: WorkspaceRef,
    item: &WorkItem,
    description: Option<&str>,
) -> Result<(), StoreError> {
    let (tenant, workspace) = (at.tenant().uuid(), at.workspace().uuid());
    let stored = match description {
        Some(text) => text.to_owned(),
        None => history::description(db, at, item.id).await?.unwrap_or_default(),
    };
    let row = item_text::ActiveModel {
        tenant_id: Set(tenant),
        workspace_id: Set(workspace),
        item_id: Set(item.id.uuid()),
        title: Set(item.title.to_string()),
        description: Set(stored.clone()),
    };
    let replace = {
        use item_text::Column::{Description, ItemId, TenantId, Title, WorkspaceId};
        OnConflict::columns([TenantId, WorkspaceId, ItemId]).update_columns([Title, Description]).to_owned()
    };
    item_text::Entity::insert(row).on_conflict(replace).exec_without_returning(db).await?;
    search::index(db, at, item.id, &item.title, &stored).await?;
    Ok(())
}

async fn read_item(
    db: &DatabaseTransaction,
    at: WorkspaceRef,
    id: ItemId,
) -> Result<Option<WorkItem>, StoreError> {
    let row = scope::of_workspace::<work_item::Entity>(at)
        .filter(work_item::Column::ItemId.eq(id.uuid()))
        .one(db)
        .await?;
    row.map(to_item).transpose()
}

#[async_trait]
impl Backlog for Session {
    async fn snapshot(&self, at: WorkspaceRef, freshness: Freshness) -> Result<Arc<Snapshot>, ProductError> {
        Ok(self.picture(at, freshness).await?)
    }

    async fn descriptions(&self, at: WorkspaceRef, items: &[ItemId]) -> Result<Vec<String>, ProductError> {
        let wanted = scope::of_workspace::<item_text::Entity>(at)
            .filter(item_text::Column::ItemId.is_in(items.iter().map(|item| item.uuid())));
        let rows = self.read(at.tenant(), async |db| wanted.all(db).await).await?;
        let find = |item: &ItemId| rows.iter().find(|row| row.item_id == item.uuid());
        Ok(items
            .iter()
            .map(|item| find(item).map(|row| row.description.clone()).unwrap_or_default())
            .collect())
    }

    async fn history(&self, at: WorkspaceRef, item: ItemId) -> Result<Vec<StateChange>, ProductError> {
        let found: Result<_, StoreError> =
            self.read(at.tenant(), async |db| Ok(history::read(db, at, item).await)).await?;
        Ok(found?)
    }

    async fn search(&self, at: WorkspaceRef, text: &str, most: u32) -> Result<Vec<TextHit>, ProductError> {
        Ok(self.read(at.tenant(), async |db| search::search(db, at, text, most).await).await?)
    }

    async fn find_external(
        &self,
        at: WorkspaceRef,
        external: &External,
    ) -> Result<Option<Arc<WorkItem>>, ProductError> {
        let query = scope::of_workspace::<work_item::Entity>(at)
            .filter(work_item::Column::ExternalSource.eq(&external.source))
            .filter(work_item::Column::ExternalId.eq(&external.id))
            .order_by_asc(work_item::Column::Number);
        let row = self.read(at.tenant(), async |db| query.one(db).await).await?;
        Ok(row.map(to_item).transpose()?.map(Arc::new))
    }

    async fn find_externals(
        &self,
        at: WorkspaceRef,
        source: &str,
        ids: &[&str],
    ) -> Result<Vec<WorkItem>, ProductError> {
        let query = scope::of_workspace::<work_item::Entity>(at)
            .filter(work_item::Column::ExternalSource.eq(source))
            .filter(work_item::Column::ExternalId.is_in(ids.iter().copied()));
        let rows = self.read(at.tenant(), async |db| query.all(db).await).await?;
        Ok(rows.into_iter().map(to_item).collect::<Result<_, _>>()?)
    }

    async fn create(
        &self,
        at: WorkspaceRef,
        new: NewItem,
        author: Author,
    ) -> Result<Arc<WorkItem>, ProductError> {
        let created = create::create_all(self, at, vec![(new, author)]).await?;
        Ok(created.into_iter().next().ok_or(StoreError::Corrupt { what: "work item" })?)
    }

    async fn create_all(
        &self,
        at: WorkspaceRef,
        items: Vec<(NewItem, Author)>,
    ) -> Result<Vec<Arc<WorkItem>>, ProductError> {
        if items.is_empty() {
            return Ok(Vec::new());
        }
        create::create_all(self, at, items).await
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
        let place = lock_workspace(db, at).await?;
        let mut item =
            read_item(db, at, id).await?.ok_or_else(|| ProductError::missing("item", id.to_string()))?;
        if let Some(expected) = patch.if_version.filter(|expected| *expected != item.version) {
            let key = format!("{}-{}", place.prefix, item.number);
            return Err(ProductError::Changed { key, current: item.version, expected });
        }
        let description = patch.description.clone();
        let text_changed = match &description {
            Some(new) => history::description(db, at, id).await?.as_ref() != Some(new),
            None => false,
        };
        let applied = patch.apply(&mut item, author);
        if self.is_erased(at.tenant(), item.assignee.as_deref()).await? {
            item.assignee = None;
        }
        if applied.fields.is_empty() && !text_changed {
            return Ok(Arc::new(item));
        }
        checks::references(db, at, &place.prefix, &item, &applied.fields).await?;
        if applied.fields.contains(&"external") {
            checks::external(db, at, &place.prefix, &item).await?;
        }
        let version = raise_version(db, at, &place, 0).await?;
        item.version += 1;
        item.updated = author.at;
        work_item::Entity::update(to_row(at, &item, version)?)
            .exec(db)
            .await
            .map_err(StoreError::Database)?;
        if text_changed || applied.fields.contains(&"title") {
            write_text(db, at, &item, description.as_deref()).await?;
        }
        if let Some(change) = applied.state {
            history::write(db, at, id, &[change]).await?;
        }
        let item = Arc::new(item);
        self.workspace_moved(at, version, Changes { items: vec![Arc::clone(&item)], ..Changes::default() });
        Ok(item)
    }

    async fn add_history(
        &self,
        at: WorkspaceRef,
        item: ItemId,
        past: &[StateChange],
    ) -> Result<(), ProductError> {
        let unit = self.write(at.tenant()).await?;
        let db = unit.db()?;
        lock_workspace(db, at).await?;
        if read_item(db, at, item).await?.is_none() {
            return Err(ProductError::missing("item", item.to_string()));
        }
        let known = history::read(db, at, item).await?;
        let new: Vec<_> = past
            .iter()
            .filter(|change| !known.iter().any(|old| (old.at, old.to) == (change.at, change.to)))
            .cloned()
            .collect();
        history::write(db, at, item, &new).await?;
        Ok(())
    }

    async fn vocabulary(&self, at: WorkspaceRef) -> Result<Vocabulary, ProductError> {
        let query = scope::of_workspace::<workspace::Entity>(at);
        let place = self.read(at.tenant(), async |db| query.one(db).await).await?;
        Ok(picture::read_vocabulary(&place.ok_or(StoreError::Corrupt { what: "workspace" })?)?)
    }

    async fn put_vocabulary(&self, at: WorkspaceRef, new: &Vocabulary) -> Result<(), ProductError> {
        new.check()?;
        let unit = self.write(at.tenant()).await?;
        let db = unit.db()?;
        let place = lock_workspace(db, at).await?;
        let text = serde_json::to_string(new).map_err(|_| StoreError::Corrupt { what: "vocabulary" })?;
        scope::change_of_workspace::<workspace::Entity>(at)
            .col_expr(workspace::Column::Vocabulary, Expr::value(text))
            .exec(db)
            .await
            .map_err(StoreError::Database)?;
        let version = raise_version(db, at, &place, 0).await?;
        let changes = Changes { vocabulary: Some(new.clone()), ..Changes::default() };
        self.workspace_moved(at, version, changes);
        Ok(())
    }
}
