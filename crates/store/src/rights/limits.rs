//! Stored limits of processing.

use std::sync::Arc;

use async_trait::async_trait;
use pm33_tenancy::{Processing, ProcessingLimit, ProcessingRules, TenancyError, TenantId, Timestamp, UserId};
use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter};

use crate::{
    StoreError,
    entity::processing_limit::{self, Column},
    scope,
    session::Session,
};

/// The column's value: the member, or the tenant itself.
fn subject(tenant: TenantId, member: Option<UserId>) -> uuid::Uuid {
    member.map_or(tenant.uuid(), UserId::uuid)
}

#[async_trait]
impl Processing for Session {
    async fn processing(&self, tenant: TenantId) -> Result<Arc<ProcessingRules>, TenancyError> {
        Ok(self.rules(tenant).await?)
    }

    async fn was_erased(&self, tenant: TenantId, member: UserId) -> Result<bool, TenancyError> {
        Ok(self.has_mark(&*self.rules_of_others(tenant).await?, tenant, member))
    }

    async fn limit_processing(
        &self,
        tenant: TenantId,
        member: Option<UserId>,
        limit: ProcessingLimit,
        since: Timestamp,
    ) -> Result<(), TenancyError> {
        let unit = self.write(tenant).await?;
        let db = unit.db()?;
        let row = processing_limit::ActiveModel {
            tenant_id: Set(tenant.uuid()),
            subject: Set(subject(tenant, member)),
            kind: Set(limit.as_str().to_owned()),
            since: Set(since.micros()),
        };
        scope::add_if_free(row, db).await.map_err(StoreError::Database)?;
        Ok(self.raise_access(tenant, db).await?)
    }

    async fn lift_limit(
        &self,
        tenant: TenantId,
        member: Option<UserId>,
        limit: ProcessingLimit,
    ) -> Result<bool, TenancyError> {
        let unit = self.write(tenant).await?;
        let db = unit.db()?;
        let done = scope::removal_of_tenant::<processing_limit::Entity>(tenant)
            .filter(Column::Subject.eq(subject(tenant, member)))
            .filter(Column::Kind.eq(limit.as_str()))
            .exec(db)
            .await
            .map_err(StoreError::Database)?;
        self.raise_access(tenant, db).await?;
        Ok(done.rows_affected > 0)
    }
}
