//! State history as rows.

use pm33_product::{ItemId, StateChange, Status};
use pm33_tenancy::{Timestamp, UserId, WorkspaceRef};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder,
};

use crate::{
    StoreError,
    entity::{item_text, state_change},
    scope,
};

const CORRUPT: StoreError = StoreError::Corrupt { what: "state change" };

/// Adds changes; several at one instant keep their order.
pub(super) async fn write(
    db: &DatabaseTransaction,
    at: WorkspaceRef,
    item: ItemId,
    changes: &[StateChange],
) -> Result<(), StoreError> {
    if changes.is_empty() {
        return Ok(());
    }
    let known = scope::of_workspace::<state_change::Entity>(at)
        .filter(state_change::Column::ItemId.eq(item.uuid()))
        .count(db)
        .await?;
    let rows = (known..).zip(changes).map(|(seq, change)| state_change::ActiveModel {
        tenant_id: Set(at.tenant().uuid()),
        workspace_id: Set(at.workspace().uuid()),
        item_id: Set(item.uuid()),
        at: Set(change.at.micros()),
        seq: Set(i32::try_from(seq).unwrap_or(i32::MAX)),
        from_status: Set(change.from.map(|status| status.as_str().to_owned())),
        to_status: Set(change.to.as_str().to_owned()),
        by_user: Set(change.by.map(UserId::uuid)),
    });
    state_change::Entity::insert_many(rows).exec_without_returning(db).await?;
    Ok(())
}

/// An item's changes, oldest first.
pub(super) async fn read(
    db: &impl ConnectionTrait,
    at: WorkspaceRef,
    item: ItemId,
) -> Result<Vec<StateChange>, StoreError> {
    let rows = scope::of_workspace::<state_change::Entity>(at)
        .filter(state_change::Column::ItemId.eq(item.uuid()))
        .order_by_asc(state_change::Column::At)
        .order_by_asc(state_change::Column::Seq)
        .all(db)
        .await?;
    let status = |word: &str| Status::parse(word).ok_or(CORRUPT);
    rows.into_iter()
        .map(|row| {
            Ok(StateChange {
                from: row.from_status.as_deref().map(status).transpose()?,
                to: status(&row.to_status)?,
                at: Timestamp::from_micros(row.at),
                by: row.by_user.map(UserId::from_uuid),
            })
        })
        .collect()
}

/// An item's description.
pub(super) async fn description(
    db: &DatabaseTransaction,
    at: WorkspaceRef,
    item: ItemId,
) -> Result<Option<String>, StoreError> {
    let query =
        scope::of_workspace::<item_text::Entity>(at).filter(item_text::Column::ItemId.eq(item.uuid()));
    Ok(query.one(db).await?.map(|row| row.description))
}
