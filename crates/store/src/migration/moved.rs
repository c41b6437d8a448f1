//! Which version of its workspace last changed an item, so that a snapshot is moved by what another process wrote
//! instead of being read anew.

use sea_orm::{ConnectionTrait, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait::async_trait};

/// The column and its index.
pub(crate) struct Moved;

impl MigrationName for Moved {
    fn name(&self) -> &'static str {
        "0002_moved"
    }
}

#[async_trait]
impl MigrationTrait for Moved {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection
            .execute_unprepared("ALTER TABLE work_item ADD COLUMN moved BIGINT NOT NULL DEFAULT 0")
            .await?;
        connection
            .execute_unprepared("CREATE INDEX work_item_moved ON work_item (tenant_id, workspace_id, moved)")
            .await?;
        Ok(())
    }
}
