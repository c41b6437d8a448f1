//! Erasures in short statements: some rows at a time, and what was done by table.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement, Value};
use serde::Serialize;

/// What was done to a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Erased {
    /// The table.
    pub table: &'static str,
    /// `deleted`, `unlinked`, `emptied` or `kept`.
    pub act: &'static str,
    /// Columns that were unlinked, emptied or kept; none for whole rows.
    pub columns: Vec<&'static str>,
    /// Rows.
    pub rows: u64,
    /// Why they are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<&'static str>,
}

/// Rows of one unit at most.
const CHUNK: u64 = 1_000;

/// Notes what was done; the same act on the same columns adds up.
pub(super) fn note(
    done: &mut Vec<Erased>,
    table: &'static str,
    act: &'static str,
    columns: Vec<&'static str>,
    rows: u64,
    because: Option<&'static str>,
) {
    if rows == 0 {
        return;
    }
    match done.iter_mut().find(|one| one.table == table && one.act == act && one.columns == columns) {
        Some(known) => known.rows += rows,
        None => done.push(Erased { table, act, columns, rows, because }),
    }
}

/// Picks some rows of a condition, by what tells rows apart on each engine.
pub(super) fn within(backend: DbBackend, table: &str, condition: &str) -> String {
    if backend == DbBackend::Postgres {
        return format!("ctid = ANY(ARRAY(SELECT ctid FROM {table} WHERE {condition} LIMIT {CHUNK}))");
    }
    // These two have no row numbers.
    let row = if table.starts_with("audit_") { "seq" } else { "rowid" };
    format!("tenant_id = $1 AND {row} IN (SELECT {row} FROM {table} WHERE {condition} LIMIT {CHUNK})")
}

/// Runs a statement of an erasure.
pub(super) async fn run(
    db: &DatabaseTransaction,
    sql: &str,
    values: Vec<Value>,
) -> Result<sea_orm::ExecResult, DbErr> {
    db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await
}
