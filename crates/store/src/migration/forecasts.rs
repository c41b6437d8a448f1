//! Saved forecasts: a table whose rows are added and never changed.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait::async_trait};

use super::first::translate;
use crate::engine::postgres;

/// The table.
pub(crate) struct Forecasts;

impl MigrationName for Forecasts {
    fn name(&self) -> &'static str {
        "0008_forecasts"
    }
}

/// The tables of this migration that hold a tenant's data.
pub(super) const TABLES: &[&str] = &["forecast"];

const FORECAST: &str = "CREATE TABLE forecast (tenant_id {uuid} NOT NULL, workspace_id {uuid} NOT NULL, \
    forecast_id {uuid} NOT NULL, name TEXT NOT NULL, folded TEXT NOT NULL, saved BIGINT NOT NULL, as_of BIGINT NOT NULL, \
    author {uuid}, question TEXT NOT NULL, recipe TEXT NOT NULL, answer TEXT NOT NULL, \
    PRIMARY KEY (tenant_id, workspace_id, forecast_id), UNIQUE (tenant_id, workspace_id, folded), \
    FOREIGN KEY (tenant_id, workspace_id) REFERENCES workspace (tenant_id, workspace_id))";
const NEWEST: &str = "CREATE INDEX forecast_saved ON forecast (tenant_id, workspace_id, saved)";
/// PostgreSQL gives the application role no right to change rows.
const UNCHANGED: &str = "CREATE TRIGGER forecast_unchanged BEFORE UPDATE ON forecast \
    BEGIN SELECT RAISE(ABORT, 'a saved forecast does not change'); END";

#[async_trait]
impl MigrationTrait for Forecasts {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        connection.execute_unprepared(&translate(FORECAST, backend)).await?;
        connection.execute_unprepared(NEWEST).await?;
        if backend == DbBackend::Postgres {
            for statement in postgres::guard("forecast", "SELECT, INSERT, DELETE") {
                connection.execute_unprepared(&statement).await?;
            }
        } else {
            connection.execute_unprepared(UNCHANGED).await?;
        }
        Ok(())
    }
}
