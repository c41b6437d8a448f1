//! How far the spools of audit rows are in the log, on the embedded database: a process's newest frame whose rows are there,
//! noted with those rows, so that none comes twice.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait::async_trait};

/// The table.
pub(crate) struct AuditSpool;

impl MigrationName for AuditSpool {
    fn name(&self) -> &'static str {
        "0028_audit_spool"
    }
}

#[async_trait]
impl MigrationTrait for AuditSpool {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        if connection.get_database_backend() == DbBackend::Sqlite {
            const MADE: &str =
                "CREATE TABLE audit_spool (process BLOB PRIMARY KEY, frame BIGINT NOT NULL) WITHOUT ROWID";
            connection.execute_unprepared(MADE).await?;
        }
        Ok(())
    }
}
