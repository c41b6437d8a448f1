//! A workspace's own vocabulary: its words for statuses and the types of its custom fields, as one JSON text.

use sea_orm::{ConnectionTrait, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait::async_trait};

/// The column of `workspace`.
pub(crate) struct Vocabulary;

impl MigrationName for Vocabulary {
    fn name(&self) -> &'static str {
        "0007_vocabulary"
    }
}

#[async_trait]
impl MigrationTrait for Vocabulary {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let statement = "ALTER TABLE workspace ADD COLUMN vocabulary TEXT NOT NULL DEFAULT '{}'";
        manager.get_connection().execute_unprepared(statement).await?;
        Ok(())
    }
}
