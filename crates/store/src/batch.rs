//! Changes that belong together: one trip to the embedded database's thread, where each trip takes longer than the change
//! itself; one statement after the other on PostgreSQL.

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, QueryTrait,
    Statement, UpdateMany, Value,
};

use crate::statements::Bulk;

/// Values of one trip at most: the engine keeps each text that it has prepared, and those of many rows are too different to be
/// met again.
const VALUES: usize = 400;

/// Changes, in order, each with the number of rows that it changes, where that is known.
pub(crate) struct Batch {
    backend: DbBackend,
    statements: Vec<(Statement, Option<u64>)>,
}

impl Batch {
    pub(crate) fn new(db: &DatabaseTransaction) -> Self {
        Self { backend: db.get_database_backend(), statements: Vec::new() }
    }

    pub(crate) fn backend(&self) -> DbBackend {
        self.backend
    }

    /// A new row.
    pub(crate) fn insert<A: ActiveModelTrait>(&mut self, row: A) {
        let statement = A::Entity::insert(row).build(self.backend);
        self.statements.push((statement, Some(1)));
    }

    /// A change of one row.
    pub(crate) fn update<E: EntityTrait>(&mut self, change: &UpdateMany<E>) {
        let statement = change.build(self.backend);
        self.statements.push((statement, Some(1)));
    }

    /// A statement of one's own. On SQLite its places are `?`: a number would count from the beginning of all.
    pub(crate) fn raw(&mut self, sql: String, values: Vec<Value>, rows: u64) {
        self.statements.push((Statement::from_sql_and_values(self.backend, sql, values), Some(rows)));
    }

    /// Rows of a table that lie one after the other in `values`.
    pub(crate) fn bulk(&mut self, table: &Bulk, values: Vec<Value>) {
        for (statement, rows) in table.statements(self.backend, values) {
            self.statements.push((statement, Some(rows)));
        }
    }

    /// A statement for which nobody knows how many rows it will change. On SQLite its places are `?`.
    pub(crate) fn any(&mut self, sql: String, values: Vec<Value>) {
        self.statements.push((Statement::from_sql_and_values(self.backend, sql, values), None));
    }

    /// Makes the changes.
    ///
    /// # Errors
    /// When the database refuses one, or one does not change the rows that it is to change: the unit is to be dropped.
    pub(crate) async fn run(self, db: &DatabaseTransaction) -> Result<(), DbErr> {
        if self.statements.is_empty() {
            return Ok(());
        }
        if self.backend != DbBackend::Sqlite {
            for (statement, rows) in self.statements {
                check(db.execute_raw(statement).await?.rows_affected(), rows)?;
            }
            return Ok(());
        }
        let mut trip = Trip::default();
        for (statement, rows) in self.statements {
            let values = statement.values.map(|values| values.0).unwrap_or_default();
            if !trip.sql.is_empty() && trip.values.len() + values.len() > VALUES {
                std::mem::take(&mut trip).go(db).await?;
            }
            if !trip.sql.is_empty() {
                trip.sql.push_str("; ");
            }
            trip.sql.push_str(&statement.sql);
            trip.values.extend(values);
            trip.rows = trip.rows.zip(rows).map(|(all, rows)| all + rows);
        }
        trip.go(db).await
    }
}

/// Statements that go to the embedded database's thread together.
struct Trip {
    sql: String,
    values: Vec<Value>,
    rows: Option<u64>,
}

impl Default for Trip {
    fn default() -> Self {
        Self { sql: String::new(), values: Vec::new(), rows: Some(0) }
    }
}

impl Trip {
    async fn go(self, db: &DatabaseTransaction) -> Result<(), DbErr> {
        let all = Statement::from_sql_and_values(DbBackend::Sqlite, self.sql, self.values);
        check(db.execute_raw(all).await?.rows_affected(), self.rows)
    }
}

fn check(changed: u64, expected: Option<u64>) -> Result<(), DbErr> {
    match expected {
        Some(expected) if changed != expected => {
            Err(DbErr::Custom(format!("a batch changed {changed} rows where {expected} were meant")))
        }
        _ => Ok(()),
    }
}
