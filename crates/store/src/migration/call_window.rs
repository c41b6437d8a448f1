//! Calls that servers on one PostgreSQL have taken out of a tenant's limits, in half-second slots, and the two
//! functions that take and settle them, each in one round trip. The embedded database has one server and needs none.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait::async_trait};

use crate::engine::postgres;

/// The table.
pub(crate) const TABLE: &str = "call_window";

/// The table and its functions.
pub(crate) struct CallWindow;

impl MigrationName for CallWindow {
    fn name(&self) -> &'static str {
        "0009_call_window"
    }
}

#[async_trait]
impl MigrationTrait for CallWindow {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        if connection.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        let table = "CREATE TABLE call_window (tenant_id UUID NOT NULL REFERENCES tenant, principal TEXT NOT NULL, \
             slot BIGINT NOT NULL, calls BIGINT NOT NULL, PRIMARY KEY (tenant_id, principal, slot))";
        connection.execute_unprepared(table).await?;
        for statement in postgres::guard(TABLE, "SELECT, INSERT, UPDATE, DELETE") {
            connection.execute_unprepared(&statement).await?;
        }
        connection.execute_unprepared(include_str!("call_window/lease.sql")).await?;
        connection.execute_unprepared(include_str!("call_window/settle.sql")).await?;
        Ok(())
    }
}
