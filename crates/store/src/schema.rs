//! What the database is made of and what is left in it, for looks from outside.

use std::collections::BTreeSet;

use pm33_tenancy::{TenantId, Timestamp};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, PaginatorTrait, QueryFilter, Statement};

use crate::{Store, StoreError, entity::session, scope};

impl Store {
    /// Every column of every table and view: table and column.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn columns(&self) -> Result<BTreeSet<(String, String)>, StoreError> {
        let sql = if self.backend() == DbBackend::Sqlite {
            // The engine's own catalogue begins with a name that no other table may take; a virtual table's hidden columns
            // are no storage.
            "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_xinfo(m.name) c WHERE m.type IN ('table', 'view') \
             AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND NOT (m.sql LIKE 'CREATE VIRTUAL%' AND c.hidden = 1)"
        } else {
            "SELECT c.relname::text, a.attname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid \
             WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped \
             AND c.relnamespace = current_schema()::regnamespace"
        };
        let statement = Statement::from_string(self.backend(), sql);
        let rows = self.inner.readers.query_all_raw(statement).await?;
        let pair = |row: &sea_orm::QueryResult| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?));
        Ok(rows.iter().map(pair).collect::<Result<_, sea_orm::DbErr>>()?)
    }

    /// Sessions of a tenant that were last used before a time.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sessions_before(&self, tenant: TenantId, time: Timestamp) -> Result<u64, StoreError> {
        let query =
            scope::of_tenant::<session::Entity>(tenant).filter(session::Column::Used.lt(time.micros()));
        self.inner.read(tenant, async |db| query.count(db).await).await
    }
}
