//! Changes of the ledger's tables that belong together: one trip to the embedded database's thread, where each trip takes
//! longer than the change itself; one statement after the other on PostgreSQL.

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, QueryTrait,
    Statement, UpdateMany, Value,
};

/// Changes, in order, each with the number of rows that it changes.
pub(super) struct Batch {
    backend: DbBackend,
    statements: Vec<(Statement, u64)>,
}

impl Batch {
    pub(super) fn new(db: &DatabaseTransaction) -> Self {
        Self { backend: db.get_database_backend(), statements: Vec::new() }
    }

    pub(super) fn backend(&self) -> DbBackend {
        self.backend
    }

    /// A new row.
    pub(super) fn insert<A: ActiveModelTrait>(&mut self, row: A) {
        let statement = A::Entity::insert(row).build(self.backend);
        self.statements.push((statement, 1));
    }

    /// A change of one row.
    pub(super) fn update<E: EntityTrait>(&mut self, change: &UpdateMany<E>) {
        let statement = change.build(self.backend);
        self.statements.push((statement, 1));
    }

    /// A statement of one's own. On SQLite its places are `?`: a number would count from the beginning of all.
    pub(super) fn raw(&mut self, sql: String, values: Vec<Value>, rows: u64) {
        self.statements.push((Statement::from_sql_and_values(self.backend, sql, values), rows));
    }

    /// Makes the changes.
    ///
    /// # Errors
    /// When the database refuses one, or one does not change the rows that it is to change: the unit is to be dropped.
    pub(super) async fn run(self, db: &DatabaseTransaction) -> Result<(), DbErr> {
        if self.backend != DbBackend::Sqlite {
            for (statement, rows) in self.statements {
                check(db.execute_raw(statement).await?.rows_affected(), rows)?;
            }
            return Ok(());
        }
        let expected = self.statements.iter().map(|(_, rows)| rows).sum();
        let (mut sql, mut values) = (String::new(), Vec::new());
        for (statement, _) in self.statements {
            if !sql.is_empty() {
                sql.push_str("; ");
            }
            sql.push_str(&statement.sql);
            values.extend(statement.values.into_iter().flat_map(|values| values.0));
        }
        let all = Statement::from_sql_and_values(self.backend, sql, values);
        check(db.execute_raw(all).await?.rows_affected(), expected)
    }
}

fn check(changed: u64, expected: u64) -> Result<(), DbErr> {
    if changed == expected {
        return Ok(());
    }
    Err(DbErr::Custom(format!("the ledger changed {changed} rows where {expected} were meant")))
}
