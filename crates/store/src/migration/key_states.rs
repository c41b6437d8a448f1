//! What happened to an API key: until when it is suspended, and when it was seen where others can read it.

use sea_orm::{ConnectionTrait, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait::async_trait};

/// Columns of `api_key`.
pub(crate) struct KeyStates;

impl MigrationName for KeyStates {
    fn name(&self) -> &'static str {
        "0016_key_states"
    }
}

#[async_trait]
impl MigrationTrait for KeyStates {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["suspended_until BIGINT", "exposed BIGINT"] {
            let statement = format!("ALTER TABLE api_key ADD COLUMN {column}");
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        Ok(())
    }
}
