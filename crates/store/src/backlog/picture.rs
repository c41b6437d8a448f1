//! The snapshot of a workspace as a session gets it: what the process holds, moved by what others wrote, or read anew.

use std::{sync::Arc, time::Duration};

use futures_util::TryStreamExt;
use pm33_product::{Changes, Freshness, Snapshot, Vocabulary};
use pm33_tenancy::WorkspaceRef;
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter, QueryOrder};
use tokio::sync::oneshot;

use crate::{
    StoreError,
    entity::{work_item, workspace},
    items::to_item,
    scope,
    session::Session,
    snapshots::Slot,
    store::Inner,
    strategy::{read_objectives, read_sprints, read_teams},
};

/// Rows whose indexing takes long enough to be kept off the threads that serve calls.
const MANY: usize = 2_000;

impl Session {
    /// The snapshot, as new as is asked.
    pub(super) async fn picture(
        &self,
        at: WorkspaceRef,
        freshness: Freshness,
    ) -> Result<Arc<Snapshot>, StoreError> {
        if !self.may_touch(at.tenant()) {
            return Err(StoreError::Foreign);
        }
        let snapshots = &self.inner.caches.snapshots;
        let now = self.inner.options.clock.monotonic();
        let slot = snapshots.slot(at, now);
        if freshness == Freshness::Newest || slot.is_unchecked(now) {
            // Boxed, as what follows is: most calls find what they need.
            slot.heard(Box::pin(self.newest_version(at)).await?);
            slot.checked(now);
        }
        match slot.current() {
            Some(snapshot) => Ok(snapshot),
            None => Box::pin(self.read_into(slot, at, now)).await,
        }
    }

    /// Reads the snapshot, or waits for whoever reads it already.
    async fn read_into(
        &self,
        slot: Arc<Slot>,
        at: WorkspaceRef,
        now: Duration,
    ) -> Result<Arc<Snapshot>, StoreError> {
        loop {
            let turn = slot.turn().await;
            if let Some(snapshot) = slot.current() {
                return Ok(snapshot);
            }
            // Reading goes on when its caller has left: a workspace that takes longer than a call may would never be there.
            let (done, read) = oneshot::channel();
            let (inner, of_task) = (Arc::clone(&self.inner), Arc::clone(&slot));
            self.inner.beside(async move {
                let read = inner.read_picture(at, of_task.held()).await;
                let put = read.map(|built| {
                    inner.caches.snapshots.put(at, &of_task, built);
                    of_task.checked(now);
                });
                drop(turn);
                // A caller that has left needs no answer.
                let _ = done.send(put);
            });
            read.await.map_err(|_| StoreError::Closed)??;
        }
    }

    async fn newest_version(&self, at: WorkspaceRef) -> Result<i64, StoreError> {
        let query = scope::of_workspace::<workspace::Entity>(at);
        let row = self.inner.read(at.tenant(), async |db| query.one(db).await).await?;
        Ok(row.map_or(0, |row| row.version))
    }
}

impl Inner {
    /// The workspace as it is committed, whatever a session has written meanwhile: what changed since an older picture, or
    /// everything.
    async fn read_picture(
        &self,
        at: WorkspaceRef,
        older: Option<Arc<Snapshot>>,
    ) -> Result<Snapshot, StoreError> {
        let since = older.as_ref().map_or(-1, |held| held.version());
        let read: Result<_, StoreError> = self
            .read_together(at.tenant(), async |db| Ok(read_since(db, at, since, || self.is_closing()).await))
            .await?;
        let (place, changes) = read?;
        let base = older.map_or_else(|| Snapshot::empty(at, &place.prefix), |held| (*held).clone());
        if changes.items.len() < MANY {
            return Ok(base.with(place.version, &changes));
        }
        let indexed = tokio::task::spawn_blocking(move || base.with(place.version, &changes)).await;
        indexed.map_err(|_| StoreError::Closed)
    }
}

pub(super) fn read_vocabulary(place: &workspace::Model) -> Result<Vocabulary, StoreError> {
    serde_json::from_str(&place.vocabulary).map_err(|_| StoreError::Corrupt { what: "vocabulary" })
}

async fn read_since(
    db: &DatabaseTransaction,
    at: WorkspaceRef,
    version: i64,
    is_closing: impl Fn() -> bool,
) -> Result<(workspace::Model, Changes), StoreError> {
    let place = scope::of_workspace::<workspace::Entity>(at)
        .one(db)
        .await?
        .ok_or(StoreError::Corrupt { what: "workspace" })?;
    // One row at a time: the rows of a large workspace take more memory than its items.
    let rows = scope::of_workspace::<work_item::Entity>(at)
        .filter(work_item::Column::Moved.gt(version))
        .order_by_asc(work_item::Column::Number)
        .stream(db)
        .await?;
    let items = rows.map_err(StoreError::Database).and_then(async |row| {
        // Nobody waits for it any more, but the end of the program would.
        if is_closing() { Err(StoreError::Closed) } else { Ok(Arc::new(to_item(row)?)) }
    });
    let changes = Changes {
        items: items.try_collect().await?,
        teams: Some(read_teams(db, at).await?),
        sprints: Some(read_sprints(db, at).await?),
        objectives: Some(read_objectives(db, at).await?),
        vocabulary: Some(read_vocabulary(&place)?),
    };
    Ok((place, changes))
}
