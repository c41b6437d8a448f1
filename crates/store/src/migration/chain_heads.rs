//! The guard of the audit chain moves from each row to each group of rows. A trigger on rows made the engine copy every
//! group into a table of its own before it inserted it; one on heads looks at two rows, however many there are.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait::async_trait};

use crate::engine::sqlite;

/// The triggers of the embedded database; PostgreSQL keeps its unique key.
pub(crate) struct ChainHeads;

impl MigrationName for ChainHeads {
    fn name(&self) -> &'static str {
        "0010_chain_heads"
    }
}

#[async_trait]
impl MigrationTrait for ChainHeads {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        if connection.get_database_backend() == DbBackend::Sqlite {
            connection.execute_unprepared("DROP TRIGGER audit_row_follows").await?;
            for statement in sqlite::head_guards() {
                connection.execute_unprepared(&statement).await?;
            }
        }
        Ok(())
    }
}
