//! Finished calls by idempotency key.

use async_trait::async_trait;
use pm33_admission::{AdmissionError, IdempotencyStore, Remembered, ReplayScope};
use pm33_tenancy::{self as tenancy, Digest, Timestamp};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use crate::{
    StoreError,
    entity::{
        idempotency::{
            self,
            Column::{Answer, Arguments, At, Expires, IdemKey, Principal, TenantId, Tool},
        },
        workspace,
    },
    scope,
    session::Session,
    statements,
};

impl Session {
    /// Whether a tenant has calls that are past their life.
    pub(crate) async fn has_expired_calls(
        &self,
        tenant: tenancy::TenantId,
        now: Timestamp,
    ) -> Result<bool, AdmissionError> {
        let query =
            scope::of_tenant::<idempotency::Entity>(tenant).filter(Expires.lte(now.micros())).limit(1);
        Ok(self.read(tenant, async |db| query.one(db).await).await?.is_some())
    }
}

#[async_trait]
impl IdempotencyStore for Session {
    async fn find(&self, wanted: &ReplayScope) -> Result<Option<Remembered>, AdmissionError> {
        let query = scope::of_tenant::<idempotency::Entity>(wanted.tenant)
            .filter(idempotency::Column::Principal.eq(&wanted.principal))
            .filter(idempotency::Column::Tool.eq(&wanted.tool))
            .filter(idempotency::Column::IdemKey.eq(&wanted.key));
        let Some(row) = self.read(wanted.tenant, async |db| query.one(db).await).await? else {
            return Ok(None);
        };
        let arguments =
            Digest::from_slice(&row.arguments).ok_or(StoreError::Corrupt { what: "arguments digest" })?;
        Ok(Some(Remembered {
            arguments,
            answer: row.answer,
            at: Timestamp::from_micros(row.at),
            expires: Timestamp::from_micros(row.expires),
        }))
    }

    async fn record(&self, key: &ReplayScope, call: &Remembered) -> Result<(), AdmissionError> {
        let unit = self.write(key.tenant).await?;
        let row = idempotency::ActiveModel {
            tenant_id: Set(key.tenant.uuid()),
            principal: Set(key.principal.clone()),
            tool: Set(key.tool.clone()),
            idem_key: Set(key.key.clone()),
            arguments: Set(call.arguments.0.to_vec()),
            answer: Set(call.answer.clone()),
            at: Set(call.at.micros()),
            expires: Set(call.expires.micros()),
        };
        // A record that is past its life and not swept yet gives its place up.
        let mut replace = OnConflict::columns([TenantId, Principal, Tool, IdemKey]);
        replace
            .update_columns([Arguments, Answer, At, Expires])
            .action_and_where(Expr::col((idempotency::Entity, Expires)).lte(call.at.micros()));
        let written =
            idempotency::Entity::insert(row).on_conflict(replace).exec_without_returning(unit.db()?).await;
        match written {
            Ok(rows) if rows > 0 => Ok(()),
            Ok(_) | Err(DbErr::RecordNotInserted) => Err(AdmissionError::RecordedMeanwhile),
            Err(error) => Err(StoreError::Database(error).into()),
        }
    }

    async fn renew(&self, key: &ReplayScope, call: &Remembered) -> Result<bool, AdmissionError> {
        let unit = self.write(key.tenant).await?;
        let done = scope::change_of_tenant::<idempotency::Entity>(key.tenant)
            .col_expr(Answer, Expr::value(call.answer.clone()))
            .col_expr(At, Expr::value(call.at.micros()))
            .col_expr(Expires, Expr::value(call.expires.micros()))
            .filter(Principal.eq(&key.principal))
            .filter(Tool.eq(&key.tool))
            .filter(IdemKey.eq(&key.key))
            .exec(unit.db()?)
            .await
            .map_err(StoreError::Database)?;
        Ok(done.rows_affected > 0)
    }

    async fn data_version(&self, tenant: tenancy::TenantId) -> Result<i64, AdmissionError> {
        let query = scope::of_tenant::<workspace::Entity>(tenant)
            .select_only()
            .column(workspace::Column::Version)
            .into_tuple::<i64>();
        let versions = self.read(tenant, async |db| query.all(db).await).await?;
        Ok(versions.into_iter().sum())
    }

    async fn forget_expired(
        &self,
        tenant: tenancy::TenantId,
        now: Timestamp,
        most: u64,
    ) -> Result<u64, AdmissionError> {
        let unit = self.write(tenant).await?;
        Ok(statements::forget_expired(unit.db()?, tenant, now, most).await.map_err(StoreError::Database)?)
    }
}
