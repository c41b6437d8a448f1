//! What models have judged, kept for the next time that the same is asked.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait::async_trait};

use super::first::translate;
use crate::engine::postgres;

/// The table.
pub(crate) struct Judgements;

impl MigrationName for Judgements {
    fn name(&self) -> &'static str {
        "0022_judgements"
    }
}

/// Its name.
pub(super) const TABLE: &str = "judgement";

const MADE: &str = "CREATE TABLE judgement (tenant_id {uuid} NOT NULL, workspace_id {uuid} NOT NULL, \
    digest {bytes} NOT NULL, body TEXT NOT NULL, made BIGINT NOT NULL, PRIMARY KEY (tenant_id, workspace_id, digest), \
    FOREIGN KEY (tenant_id, workspace_id) REFERENCES workspace (tenant_id, workspace_id))";
const OLDEST: &str = "CREATE INDEX judgement_made ON judgement (tenant_id, made)";

#[async_trait]
impl MigrationTrait for Judgements {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        connection.execute_unprepared(&translate(MADE, backend)).await?;
        connection.execute_unprepared(OLDEST).await?;
        if backend == DbBackend::Postgres {
            for statement in postgres::guard(TABLE, "SELECT, INSERT, DELETE") {
                connection.execute_unprepared(&statement).await?;
            }
        }
        Ok(())
    }
}
