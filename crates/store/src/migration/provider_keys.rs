//! Tenants' own keys of providers of language models, sealed.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait::async_trait};

use super::first::translate;
use crate::engine::postgres;

/// The table.
pub(crate) struct ProviderKeys;

impl MigrationName for ProviderKeys {
    fn name(&self) -> &'static str {
        "0019_provider_keys"
    }
}

/// Its name.
pub(super) const TABLE: &str = "provider_key";

const MADE: &str = "CREATE TABLE provider_key (tenant_id {uuid} NOT NULL REFERENCES tenant, provider TEXT NOT NULL, \
    sealed {bytes} NOT NULL, since BIGINT NOT NULL, PRIMARY KEY (tenant_id, provider))";

#[async_trait]
impl MigrationTrait for ProviderKeys {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        connection.execute_unprepared(&translate(MADE, backend)).await?;
        if backend == DbBackend::Postgres {
            for statement in postgres::guard(TABLE, "SELECT, INSERT, UPDATE, DELETE") {
                connection.execute_unprepared(&statement).await?;
            }
        }
        Ok(())
    }
}
