//! Tenants' own keys of providers of language models, as they were sealed.

use async_trait::async_trait;
use pm33_tenancy::{ProviderChoice, ProviderKey, ProviderKeys, TenancyError, TenantId, Timestamp};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::OnConflict};

use crate::{
    StoreError,
    entity::provider_key::{self, Column},
    scope,
    session::Session,
};

#[async_trait]
impl ProviderKeys for Session {
    async fn provider_keys(&self, tenant: TenantId) -> Result<Vec<ProviderKey>, TenancyError> {
        let query = scope::of_tenant::<provider_key::Entity>(tenant).order_by_asc(Column::Provider);
        let rows = self.read(tenant, async |db| query.all(db).await).await?;
        let key = |row: provider_key::Model| {
            let provider = ProviderChoice::parse(&row.provider);
            Ok(ProviderKey {
                provider: provider.ok_or(StoreError::Corrupt { what: "provider of a key" })?,
                sealed: row.sealed,
                since: Timestamp::from_micros(row.since),
            })
        };
        Ok(rows.into_iter().map(key).collect::<Result<_, StoreError>>()?)
    }

    async fn put_provider_key(&self, tenant: TenantId, key: &ProviderKey) -> Result<(), TenancyError> {
        let unit = self.write(tenant).await?;
        let row = provider_key::ActiveModel {
            tenant_id: Set(tenant.uuid()),
            provider: Set(key.provider.as_str().to_owned()),
            sealed: Set(key.sealed.clone()),
            since: Set(key.since.micros()),
        };
        let replace = OnConflict::columns([Column::TenantId, Column::Provider])
            .update_columns([Column::Sealed, Column::Since])
            .to_owned();
        let put = provider_key::Entity::insert(row).on_conflict(replace);
        put.exec_without_returning(unit.db()?).await.map_err(StoreError::Database)?;
        Ok(())
    }

    async fn remove_provider_key(
        &self,
        tenant: TenantId,
        provider: ProviderChoice,
    ) -> Result<bool, TenancyError> {
        let unit = self.write(tenant).await?;
        let done = scope::removal_of_tenant::<provider_key::Entity>(tenant)
            .filter(Column::Provider.eq(provider.as_str()))
            .exec(unit.db()?)
            .await
            .map_err(StoreError::Database)?;
        Ok(done.rows_affected > 0)
    }
}
