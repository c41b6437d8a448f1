//! What is kept for a key that was refused below its share stays kept while the key lives on it: it was refused again each
//! minute before more was. The embedded database has one server, which does that in its memory.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait::async_trait};

/// The function in the place of the second one.
pub(crate) struct LastingClaims;

impl MigrationName for LastingClaims {
    fn name(&self) -> &'static str {
        "0024_lasting_claims"
    }
}

#[async_trait]
impl MigrationTrait for LastingClaims {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        if connection.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        connection.execute_unprepared(include_str!("lasting_claims/lease.sql")).await?;
        Ok(())
    }
}
