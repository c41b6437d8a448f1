//! The full-text index of the embedded database anew: a text's number in it followed from its item's id alone, so that an
//! item that came from an archive took the text of the first one out of it.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait::async_trait};
use uuid::Uuid;

use crate::search;

/// The index; PostgreSQL keeps it in the texts' rows.
pub(crate) struct TextNumbers;

impl MigrationName for TextNumbers {
    fn name(&self) -> &'static str {
        "0023_text_numbers"
    }
}

/// Texts that are read at once.
const PAGE: usize = 500;

const TEXTS: &str = "SELECT tenant_id, workspace_id, item_id, title, description FROM item_text \
    WHERE (tenant_id, workspace_id, item_id) > (?, ?, ?) ORDER BY tenant_id, workspace_id, item_id LIMIT 500";

type Text = (Uuid, Uuid, Uuid, String, String);

#[async_trait]
impl MigrationTrait for TextNumbers {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        if connection.get_database_backend() != DbBackend::Sqlite {
            return Ok(());
        }
        connection.execute_unprepared("INSERT INTO item_fts (item_fts) VALUES ('delete-all')").await?;
        let mut after = [Uuid::nil(); 3];
        loop {
            let values: [Value; 3] = after.map(Value::from);
            let rows = connection
                .query_all_raw(Statement::from_sql_and_values(DbBackend::Sqlite, TEXTS, values))
                .await?;
            let read = |row: &sea_orm::QueryResult| -> Result<Text, DbErr> {
                let at = |place| row.try_get_by_index::<Uuid>(place);
                Ok((at(0)?, at(1)?, at(2)?, row.try_get_by_index(3)?, row.try_get_by_index(4)?))
            };
            let texts = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
            for of_one in texts.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
                let Some((tenant, workspace, ..)) = of_one.first() else { continue };
                let found = of_one
                    .iter()
                    .map(|(.., item, title, description)| (*item, title.as_str(), description.as_str()));
                search::put(connection, *tenant, *workspace, found).await?;
            }
            match texts.last() {
                Some((tenant, workspace, item, ..)) if texts.len() == PAGE => {
                    after = [*tenant, *workspace, *item];
                }
                _ => return Ok(()),
            }
        }
    }
}
