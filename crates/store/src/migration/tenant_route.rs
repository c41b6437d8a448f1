//! Which organisations there are, by id alone: on PostgreSQL the serving role sees no tenant's row before it names the tenant,
//! and what sweeps and publishes heads must come to those too that have no key any more.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait::async_trait};

use super::first::translate;
use crate::engine::postgres::APPLICATION;

/// The table, filled.
pub(crate) struct TenantRoute;

impl MigrationName for TenantRoute {
    fn name(&self) -> &'static str {
        "0026_tenant_route"
    }
}

const MADE: [&str; 2] = [
    "CREATE TABLE tenant_route (tenant_id {uuid} PRIMARY KEY REFERENCES tenant)",
    "INSERT INTO tenant_route (tenant_id) SELECT tenant_id FROM tenant",
];

#[async_trait]
impl MigrationTrait for TenantRoute {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        for statement in MADE {
            connection.execute_unprepared(&translate(statement, backend)).await?;
        }
        if backend == DbBackend::Postgres {
            connection.execute_unprepared(&format!("GRANT SELECT ON tenant_route TO {APPLICATION}")).await?;
        }
        Ok(())
    }
}
