//! Calls of AI tools have a shared budget of their own beside that of all calls: the table's key and its two functions tell
//! which is meant. The embedded database has one server, which does that in its memory.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait::async_trait};

/// The column, and the functions that read and write it in the place of those before.
pub(crate) struct AiWindow;

impl MigrationName for AiWindow {
    fn name(&self) -> &'static str {
        "0025_ai_window"
    }
}

#[async_trait]
impl MigrationTrait for AiWindow {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        if connection.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        for statement in [
            "ALTER TABLE call_window ADD COLUMN budget BIGINT NOT NULL DEFAULT 0, \
             DROP CONSTRAINT call_window_pkey, ADD PRIMARY KEY (tenant_id, budget, principal, slot)",
            "DROP FUNCTION pm33_lease(uuid, text, bigint, bigint, bigint, bigint, bigint, bigint)",
            include_str!("ai_window/lease.sql"),
            "DROP FUNCTION pm33_settle(uuid, text, bigint, bigint, bigint)",
            include_str!("ai_window/settle.sql"),
        ] {
            connection.execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
