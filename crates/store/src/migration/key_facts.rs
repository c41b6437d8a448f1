//! What is noted of API keys: the networks that they are bound to, their last use, and which notice of their end was
//! given.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait::async_trait};

/// Columns of `api_key`.
pub(crate) struct KeyFacts;

impl MigrationName for KeyFacts {
    fn name(&self) -> &'static str {
        "0004_key_facts"
    }
}

#[async_trait]
impl MigrationTrait for KeyFacts {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let bytes = if connection.get_database_backend() == DbBackend::Postgres { "BYTEA" } else { "BLOB" };
        let columns = [
            "networks TEXT".to_owned(),
            format!("last_ip {bytes}"),
            "last_network TEXT".to_owned(),
            "last_agent TEXT".to_owned(),
            "noticed INTEGER".to_owned(),
        ];
        for column in columns {
            connection.execute_unprepared(&format!("ALTER TABLE api_key ADD COLUMN {column}")).await?;
        }
        Ok(())
    }
}
