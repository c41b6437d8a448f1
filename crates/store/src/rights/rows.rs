//! Rows counted, deleted and changed by a condition, some at a time, whatever the table.

use pm33_tenancy::{Directory, TenantId, WorkspaceAccess, WorkspaceRef, open_workspace};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement, Value};

use super::person::Condition;
use crate::{
    Store, StoreError,
    backlog::{lock_workspace, raise_version},
    search,
};

/// Rows of one unit at most.
const CHUNK: u64 = 1_000;
/// Tables whose changed rows live in the snapshots of workspaces too.
const PICTURED: [&str; 2] = ["work_item", "objective"];

impl Store {
    /// Rows of a condition.
    pub(super) async fn count(
        &self,
        tenant: TenantId,
        table: &str,
        condition: &Condition,
    ) -> Result<u64, StoreError> {
        let sql = format!("SELECT count(*) FROM {table} WHERE {}", condition.sql);
        let statement = Statement::from_sql_and_values(self.backend(), sql, condition.values.clone());
        let rows: i64 = self
            .operator()
            .read(tenant, async |db| {
                let row = db.query_one_raw(statement).await?;
                row.map_or(Ok(0), |row| row.try_get_by_index(0))
            })
            .await?;
        Ok(u64::try_from(rows).unwrap_or(0))
    }

    /// A unit of an operator's for a tenant's rows, without an audit row: the erasure has one of its own.
    pub(super) async fn unit<T>(
        &self,
        tenant: TenantId,
        work: impl AsyncFnOnce(&DatabaseTransaction) -> Result<T, DbErr>,
    ) -> Result<T, StoreError> {
        let session = self.operator();
        let unit = session.write(tenant).await?;
        let done = work(unit.db()?).await?;
        drop(unit);
        session.access_moved(tenant);
        session.keep().await?;
        Ok(done)
    }

    /// Does something to the rows of a condition, some at a time; how many.
    pub(super) async fn chunked(
        &self,
        tenant: TenantId,
        table: &str,
        condition: &Condition,
        work: impl AsyncFn(&DatabaseTransaction, &str) -> Result<u64, DbErr>,
    ) -> Result<u64, StoreError> {
        let within = within(self.backend(), table, &condition.sql);
        let mut rows = 0;
        loop {
            let some = self.unit(tenant, async |db| work(db, &within).await).await?;
            rows += some;
            if some == 0 {
                return Ok(rows);
            }
        }
    }

    /// Deletes the rows of a condition; how many.
    pub(super) async fn remove(
        &self,
        tenant: TenantId,
        table: &str,
        condition: &Condition,
    ) -> Result<u64, StoreError> {
        let is_text = table == "item_text" && self.backend() == DbBackend::Sqlite;
        let picked = within(self.backend(), table, &condition.sql);
        self.chunked(tenant, table, condition, async |db, within| {
            if is_text {
                let sql = format!("SELECT workspace_id, item_id FROM {table} WHERE {picked}");
                let statement =
                    Statement::from_sql_and_values(DbBackend::Sqlite, sql, condition.values.clone());
                for row in db.query_all_raw(statement).await? {
                    let (workspace, item) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
                    search::forget(db, tenant.uuid(), workspace, item).await?;
                }
            }
            let sql = format!("DELETE FROM {table} WHERE {within}");
            Ok(run(db, &sql, condition.values.clone()).await?.rows_affected())
        })
        .await
    }

    /// Sets columns in the rows of a condition, which do not match it any more; a workspace's snapshots follow.
    pub(super) async fn change(
        &self,
        tenant: TenantId,
        table: &'static str,
        set: &str,
        condition: &Condition,
    ) -> Result<u64, StoreError> {
        if !PICTURED.contains(&table) {
            return self
                .chunked(tenant, table, condition, async |db, within| {
                    let sql = format!("UPDATE {table} SET {set} WHERE {within}");
                    Ok(run(db, &sql, condition.values.clone()).await?.rows_affected())
                })
                .await;
        }
        let mut rows = 0;
        let session = self.operator();
        let places = session.workspaces(tenant).await.map_err(|_| StoreError::Closed)?;
        for place in places.iter() {
            let opened = open_workspace(&session, tenant, &WorkspaceAccess::All, Some(&place.slug)).await;
            let (at, _) = opened.map_err(|_| StoreError::Corrupt { what: "workspace" })?;
            rows += self.change_in(at, table, set, condition).await?;
        }
        Ok(rows)
    }

    async fn change_in(
        &self,
        at: WorkspaceRef,
        table: &str,
        set: &str,
        condition: &Condition,
    ) -> Result<u64, StoreError> {
        let mut rows = 0;
        let here = format!("{} AND workspace_id = ${}", condition.sql, condition.values.len() + 1);
        let mut values = condition.values.clone();
        values.push(at.workspace().uuid().into());
        let within = within(self.backend(), table, &here);
        loop {
            let session = self.operator();
            let unit = session.write(at.tenant()).await?;
            let db = unit.db()?;
            let sql = format!("SELECT count(*) FROM {table} WHERE {here}");
            let statement = Statement::from_sql_and_values(self.backend(), sql, values.clone());
            let left: i64 =
                db.query_one_raw(statement).await?.map_or(Ok(0), |row| row.try_get_by_index(0))?;
            if left == 0 {
                return Ok(rows);
            }
            let place = lock_workspace(db, at).await?;
            let version = raise_version(db, at, &place, 0).await?;
            let moved = if table == "work_item" { format!(", moved = {version}") } else { String::new() };
            let sql = format!("UPDATE {table} SET {set}{moved} WHERE {within}");
            rows += run(db, &sql, values.clone()).await?.rows_affected();
            drop(unit);
            session.keep().await?;
        }
    }
}

/// Picks some rows of a condition, by what tells rows apart on each engine.
fn within(backend: DbBackend, table: &str, condition: &str) -> String {
    if backend == DbBackend::Postgres {
        return format!("ctid = ANY(ARRAY(SELECT ctid FROM {table} WHERE {condition} LIMIT {CHUNK}))");
    }
    // These two have no row numbers.
    let row = if matches!(table, "audit_row" | "audit_personal") { "seq" } else { "rowid" };
    format!("tenant_id = $1 AND {row} IN (SELECT {row} FROM {table} WHERE {condition} LIMIT {CHUNK})")
}

pub(super) async fn run(
    db: &DatabaseTransaction,
    sql: &str,
    values: Vec<Value>,
) -> Result<sea_orm::ExecResult, DbErr> {
    db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await
}
