//! Stored legacy sessions. They are no part of a call's unit of work; on the embedded database they take a turn on the
//! writer like everything that writes.

use std::sync::Arc;

use async_trait::async_trait;
use pm33_admission::{AdmissionError, SessionId, SessionRecord, SessionStore};
use pm33_tenancy::{TenantId, Timestamp};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait,
    QueryFilter, QuerySelect, sea_query::Expr,
};

use crate::{
    StoreError, engine,
    entity::{session, tenant_route},
    scope,
    session::Session,
    store::Inner,
};

/// Stored sessions over a store's connections.
pub(crate) struct StoredSessions(pub(crate) Arc<Inner>);

impl StoredSessions {
    async fn write<T>(
        &self,
        tenant: TenantId,
        change: impl AsyncFnOnce(&DatabaseTransaction) -> Result<T, DbErr>,
    ) -> Result<T, StoreError> {
        let session = Session::new(Arc::clone(&self.0), Some(tenant));
        let unit = session.write(tenant).await?;
        let done = change(unit.db()?).await?;
        drop(unit);
        session.keep().await?;
        Ok(done)
    }
}

fn to_record(row: session::Model) -> Option<SessionRecord> {
    Some(SessionRecord {
        id: SessionId::parse(&row.session_id)?,
        tenant: TenantId::from_uuid(row.tenant_id),
        principal: row.principal,
        revision: row.revision,
        capabilities: row.capabilities,
        client: row.client,
        opened: Timestamp::from_micros(row.opened),
        used: Timestamp::from_micros(row.used),
    })
}

async fn insert(db: &impl ConnectionTrait, record: &SessionRecord) -> Result<(), DbErr> {
    let row = session::ActiveModel {
        tenant_id: Set(record.tenant.uuid()),
        session_id: Set(record.id.as_str().to_owned()),
        principal: Set(record.principal.clone()),
        revision: Set(record.revision.clone()),
        capabilities: Set(record.capabilities.clone()),
        client: Set(record.client.clone()),
        opened: Set(record.opened.micros()),
        used: Set(record.used.micros()),
    };
    session::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

#[async_trait]
impl SessionStore for StoredSessions {
    async fn open(&self, record: &SessionRecord, most: u32) -> Result<(), AdmissionError> {
        let tenant = record.tenant;
        let opened = self
            .write(tenant, async |db| {
                engine::take_turn(db, engine::Turn::NewSession(tenant.uuid())).await?;
                let live = scope::of_tenant::<session::Entity>(tenant).count(db).await?;
                if live >= u64::from(most) {
                    return Ok(false);
                }
                insert(db, record).await?;
                Ok(true)
            })
            .await?;
        if opened { Ok(()) } else { Err(AdmissionError::TooManySessions { limit: most }) }
    }

    async fn find(&self, tenant: TenantId, id: &SessionId) -> Result<Option<SessionRecord>, AdmissionError> {
        let query =
            scope::of_tenant::<session::Entity>(tenant).filter(session::Column::SessionId.eq(id.as_str()));
        Ok(self.0.read(tenant, async |db| query.one(db).await).await?.and_then(to_record))
    }

    async fn touch(&self, tenant: TenantId, id: &SessionId, at: Timestamp) -> Result<(), AdmissionError> {
        self.write(tenant, async |db| {
            scope::change_of_tenant::<session::Entity>(tenant)
                .col_expr(session::Column::Used, Expr::value(at.micros()))
                .filter(session::Column::SessionId.eq(id.as_str()))
                .exec(db)
                .await
        })
        .await?;
        Ok(())
    }

    async fn end(&self, tenant: TenantId, id: &SessionId) -> Result<bool, AdmissionError> {
        let done = self
            .write(tenant, async |db| {
                scope::removal_of_tenant::<session::Entity>(tenant)
                    .filter(session::Column::SessionId.eq(id.as_str()))
                    .exec(db)
                    .await
            })
            .await?;
        Ok(done.rows_affected > 0)
    }

    async fn end_idle(
        &self,
        tenant: TenantId,
        before: Timestamp,
        most: u64,
    ) -> Result<Vec<SessionId>, AdmissionError> {
        let ended = self
            .write(tenant, async |db| {
                let idle = scope::of_tenant::<session::Entity>(tenant)
                    .filter(session::Column::Used.lt(before.micros()))
                    .limit(most)
                    .all(db)
                    .await?;
                let ids: Vec<String> = idle.into_iter().map(|row| row.session_id).collect();
                if !ids.is_empty() {
                    scope::removal_of_tenant::<session::Entity>(tenant)
                        .filter(session::Column::SessionId.is_in(&ids))
                        .exec(db)
                        .await?;
                }
                Ok(ids)
            })
            .await?;
        Ok(ended.iter().filter_map(|id| SessionId::parse(id)).collect())
    }

    async fn tenants(&self) -> Result<Vec<TenantId>, AdmissionError> {
        let query = scope::of_deployment::<tenant_route::Entity>().into_tuple();
        let rows: Result<Vec<uuid::Uuid>, DbErr> = self.0.reach.on(query.all(&self.0.readers)).await;
        Ok(rows.map_err(StoreError::Database)?.into_iter().map(TenantId::from_uuid).collect())
    }
}
