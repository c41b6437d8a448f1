//! Fairness between a tenant's keys over several servers: the shared budget notes who was refused below his share, and
//! keeps room for him. The embedded database has one server, which does that in its memory.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait::async_trait};

/// The column, and the function that reads and writes it in the place of the first one.
pub(crate) struct FairWindow;

impl MigrationName for FairWindow {
    fn name(&self) -> &'static str {
        "0021_fair_window"
    }
}

#[async_trait]
impl MigrationTrait for FairWindow {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        if connection.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        connection
            .execute_unprepared("ALTER TABLE call_window ADD COLUMN waits BIGINT NOT NULL DEFAULT 0")
            .await?;
        connection.execute_unprepared(include_str!("fair_window/lease.sql")).await?;
        Ok(())
    }
}
