//! Finished calls by idempotency key.

use async_trait::async_trait;
use pm33_admission::{AdmissionError, IdempotencyStore, Remembered, ReplayScope};
use pm33_tenancy::{Digest, TenantId, Timestamp};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::{StoreError, entity::idempotency, error::is_taken, scope, session::Session};

#[async_trait]
impl IdempotencyStore for Session {
    async fn find(&self, wanted: &ReplayScope) -> Result<Option<Remembered>, AdmissionError> {
        let query = scope::of_tenant::<idempotency::Entity>(wanted.tenant)
            .filter(idempotency::Column::Principal.eq(&wanted.principal))
            .filter(idempotency::Column::Tool.eq(&wanted.tool))
            .filter(idempotency::Column::IdemKey.eq(&wanted.key));
        let Some(row) = self.read(wanted.tenant, async |db| query.one(db).await).await? else { return Ok(None) };
        let arguments = Digest::from_slice(&row.arguments).ok_or(StoreError::Corrupt { what: "arguments digest" })?;
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
        idempotency::Entity::insert(row).exec_without_returning(unit.db()?).await.map_err(|error| {
            if is_taken(&error) { AdmissionError::RecordedMeanwhile } else { StoreError::Database(error).into() }
        })?;
        Ok(())
    }

    async fn forget_expired(&self, tenant: TenantId, now: Timestamp, most: u64) -> Result<u64, AdmissionError> {
        let unit = self.write(tenant).await?;
        let db = unit.db()?;
        let expired = scope::of_tenant::<idempotency::Entity>(tenant)
            .filter(idempotency::Column::Expires.lt(now.micros()))
            .limit(most)
            .all(db)
            .await
            .map_err(StoreError::Database)?;
        let mut gone = 0;
        for row in expired {
            let done = scope::removal_of_tenant::<idempotency::Entity>(tenant)
                .filter(idempotency::Column::Principal.eq(row.principal))
                .filter(idempotency::Column::Tool.eq(row.tool))
                .filter(idempotency::Column::IdemKey.eq(row.idem_key))
                .exec(db)
                .await
                .map_err(StoreError::Database)?;
            gone += done.rows_affected;
        }
        Ok(gone)
    }
}
