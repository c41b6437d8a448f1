//! Rows counted, deleted and changed by a condition, some at a time, whatever the table.

use std::time::Duration;

use pm33_tenancy::{Directory, TenantId, WorkspaceAccess, WorkspaceRef, open_workspace};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement, Value};

use super::person::Condition;
use crate::{
    Store, StoreError,
    backlog::{lock_workspace, raise_version},
    search,
};

/// Rows of one unit at most: others wait for it some milliseconds.
const CHUNK: usize = 250;
/// Rows that are looked for at once. To look for each unit's anew would pass by what was done already, again and again.
const FOUND: u64 = 50_000;
/// After a unit the writer rests as long as it took, within these: whoever waits from another process looks every few
/// milliseconds, and would not get a turn between two units.
const REST: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(20));
/// Looks after which rows that are found and not changed are left: others may have moved them meanwhile, once or twice.
const IN_VAIN: u32 = 3;
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
        work: impl AsyncFn(&DatabaseTransaction, &Condition) -> Result<u64, DbErr>,
    ) -> Result<u64, StoreError> {
        let unit = async |some: &Condition| self.unit(tenant, async |db| work(db, some).await).await;
        self.in_units(tenant, table, condition, unit).await
    }

    /// Lets units of work have the rows of a condition, some each, and others their turn between them. What they do makes
    /// rows not match it any more; it is over when none matches, or none is changed again and again.
    async fn in_units(
        &self,
        tenant: TenantId,
        table: &str,
        condition: &Condition,
        unit: impl AsyncFn(&Condition) -> Result<u64, StoreError>,
    ) -> Result<u64, StoreError> {
        let clock = &self.inner.options.clock;
        let (mut rows, mut in_vain) = (0, 0);
        loop {
            let (before, found) = (rows, self.find(tenant, table, condition).await?);
            for some in found.chunks(CHUNK) {
                let begun = clock.monotonic();
                rows += unit(&condition.among(self.backend(), table, some)).await?;
                tokio::time::sleep(clock.monotonic().saturating_sub(begun).clamp(REST.0, REST.1)).await;
            }
            in_vain = if rows == before { in_vain + 1 } else { 0 };
            if found.is_empty() || in_vain == IN_VAIN {
                return Ok(rows);
            }
        }
    }

    /// What tells rows of a condition apart, of some of them.
    async fn find(
        &self,
        tenant: TenantId,
        table: &str,
        condition: &Condition,
    ) -> Result<Vec<String>, StoreError> {
        let place = match place_of(self.backend(), table) {
            "ctid" => "ctid::text",
            number => &format!("CAST({number} AS TEXT)"),
        };
        let sql = format!("SELECT {place} FROM {table} WHERE {} LIMIT {FOUND}", condition.sql);
        let statement = Statement::from_sql_and_values(self.backend(), sql, condition.values.clone());
        let rows = self.operator().read(tenant, async |db| db.query_all_raw(statement).await).await?;
        Ok(rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?)
    }

    /// Deletes the rows of a condition; how many.
    pub(super) async fn remove(
        &self,
        tenant: TenantId,
        table: &str,
        condition: &Condition,
    ) -> Result<u64, StoreError> {
        let is_text = table == "item_text" && self.backend() == DbBackend::Sqlite;
        self.chunked(tenant, table, condition, async |db, some| {
            if is_text {
                let sql = format!("SELECT workspace_id, item_id FROM {table} WHERE {}", some.sql);
                let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, some.values.clone());
                for row in db.query_all_raw(statement).await? {
                    let (workspace, item) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
                    search::forget(db, tenant.uuid(), workspace, item).await?;
                }
            }
            let sql = format!("DELETE FROM {table} WHERE {}", some.sql);
            Ok(run(db, &sql, some.values.clone()).await?.rows_affected())
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
                .chunked(tenant, table, condition, async |db, some| {
                    let sql = format!("UPDATE {table} SET {set} WHERE {}", some.sql);
                    Ok(run(db, &sql, some.values.clone()).await?.rows_affected())
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
        let mut here = condition.clone();
        here.sql = format!("{} AND workspace_id = ${}", here.sql, here.values.len() + 1);
        here.values.push(at.workspace().uuid().into());
        self.in_units(at.tenant(), table, &here, async |some| {
            let session = self.operator();
            let unit = session.write(at.tenant()).await?;
            let db = unit.db()?;
            let place = lock_workspace(db, at).await?;
            let version = raise_version(db, at, &place, 0).await?;
            let moved = if table == "work_item" { format!(", moved = {version}") } else { String::new() };
            let sql = format!("UPDATE {table} SET {set}{moved} WHERE {}", some.sql);
            let rows = run(db, &sql, some.values.clone()).await?.rows_affected();
            drop(unit);
            session.keep().await?;
            Ok(rows)
        })
        .await
    }
}

/// The column that tells a table's rows apart on an engine.
fn place_of(backend: DbBackend, table: &str) -> &'static str {
    match (backend, table) {
        (DbBackend::Postgres, _) => "ctid",
        // These two have no row numbers.
        (_, "audit_row" | "audit_personal") => "seq",
        _ => "rowid",
    }
}

impl Condition {
    /// The same among some rows alone. Engines that know nothing of a table would rather go through all of a tenant's rows
    /// by an index than to these, so that what they match stands in a case.
    fn among(&self, backend: DbBackend, table: &str, places: &[String]) -> Self {
        let (mut some, last) = (self.clone(), self.values.len() + 1);
        // One value, whatever their count: the statement stays the same.
        let (test, value) = match place_of(backend, table) {
            "ctid" => {
                let all: Vec<_> = places.iter().map(|place| format!("\"{place}\"")).collect();
                (format!("ctid = ANY(${last}::text::tid[])"), format!("{{{}}}", all.join(",")))
            }
            number => {
                let tenant = if number == "seq" { "tenant_id = $1 AND " } else { "" };
                let test = format!("{tenant}{number} IN (SELECT value FROM json_each(${last}))");
                (test, format!("[{}]", places.join(",")))
            }
        };
        some.sql = format!("{test} AND CASE WHEN {} THEN TRUE ELSE FALSE END", self.sql);
        some.values.push(value.into());
        some
    }
}

pub(super) async fn run(
    db: &DatabaseTransaction,
    sql: &str,
    values: Vec<Value>,
) -> Result<sea_orm::ExecResult, DbErr> {
    db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await
}
