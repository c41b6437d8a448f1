//! What people plan with: calendars of teams, what sprints were committed to, items that have to do with each other.

use sea_orm::{ConnectionTrait, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait::async_trait};

/// The columns.
pub(crate) struct Surface;

impl MigrationName for Surface {
    fn name(&self) -> &'static str {
        "0003_surface"
    }
}

#[async_trait]
impl MigrationTrait for Surface {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in [
            "ALTER TABLE team ADD COLUMN calendar TEXT",
            "ALTER TABLE sprint ADD COLUMN committed TEXT NOT NULL DEFAULT '[]'",
            "ALTER TABLE work_item ADD COLUMN related TEXT NOT NULL DEFAULT '[]'",
        ] {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
