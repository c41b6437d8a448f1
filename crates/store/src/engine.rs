//! What differs between the engines. Connecting, guards and full-text schema live in a file per engine; here is what
//! both are asked for.

pub(crate) mod postgres;
pub(crate) mod sqlite;

use std::time::Duration;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, RuntimeErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait, sqlx,
};
use sea_orm_migration::MigratorTrait;

use crate::{StoreError, migration::Migrator};

/// Begins a transaction that may write: on SQLite the write lock is taken at once, so that it never fails half-way.
/// Another process's write is waited for, at most half a minute.
pub(crate) async fn begin_write(connection: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    /// SQLite's own wait backs off to 100 ms a try and starves between two busy processes; short tries do not.
    const TRIES: u32 = 1_000;
    let options = || TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    for _ in 1..TRIES {
        match connection.begin_with_options(options()).await {
            Err(error) if is_busy(&error) => tokio::time::sleep(Duration::from_millis(1)).await,
            begun => return begun,
        }
    }
    connection.begin_with_options(options()).await
}

/// Whether another connection holds the database.
pub(crate) fn is_busy(error: &DbErr) -> bool {
    // SQLITE_BUSY.
    sqlite_code(error) == Some(5)
}

/// SQLite's primary result code: its kinds have it in their lowest byte.
fn sqlite_code(error: &DbErr) -> Option<u32> {
    let (DbErr::Query(RuntimeErr::SqlxError(cause))
    | DbErr::Exec(RuntimeErr::SqlxError(cause))
    | DbErr::Conn(RuntimeErr::SqlxError(cause))) = error
    else {
        return None;
    };
    match cause.as_ref() {
        sqlx::Error::Database(told) => told.code()?.parse::<u32>().ok().map(|code| code & 0xff),
        _ => None,
    }
}

/// Applies the migrations that are missing, one process at a time.
pub(crate) async fn migrate(connection: &DatabaseConnection) -> Result<(), StoreError> {
    let transaction = begin_write(connection).await?;
    take_turn(&transaction, Turn::Migration).await?;
    let known = Migrator::names();
    let applied = Migrator::get_migration_models(&transaction).await?;
    if let Some(newer) = applied.iter().find(|one| !known.contains(&one.version)) {
        let why = format!(
            "it was made by a newer version of this program (its schema has {}): start that version, or put back a backup \
             from before the upgrade",
            newer.version
        );
        return Err(StoreError::Unusable { why });
    }
    Migrator::up(&transaction, None).await?;
    transaction.commit().await?;
    Ok(())
}

/// Tells PostgreSQL whose rows this transaction may see; nothing on SQLite.
pub(crate) async fn set_tenant(transaction: &DatabaseTransaction, tenant: uuid::Uuid) -> Result<(), DbErr> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        let sql = "SELECT set_config('app.tenant', $1, true)";
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [tenant.to_string().into()]);
        transaction.execute_raw(statement).await?;
    }
    Ok(())
}

/// What only one transaction at a time may do.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Turn {
    /// Migrate.
    Migration,
    /// Make a tenant.
    NewTenant,
    /// Open a session of a tenant.
    NewSession(uuid::Uuid),
    /// Shorten a tenant's audit log, or hold it.
    Retention(uuid::Uuid),
}

/// Waits for a turn, which ends with the transaction. On SQLite whoever writes has the turn already.
pub(crate) async fn take_turn(transaction: &DatabaseTransaction, turn: Turn) -> Result<(), DbErr> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        let number = match turn {
            Turn::Migration => 7_333,
            Turn::NewTenant => 7_334,
            Turn::NewSession(tenant) => {
                i64::from_be_bytes(*tenant.as_bytes().last_chunk().unwrap_or(&[0; 8]))
            }
            Turn::Retention(tenant) => {
                !i64::from_be_bytes(*tenant.as_bytes().last_chunk().unwrap_or(&[0; 8]))
            }
        };
        let sql = "SELECT pg_advisory_xact_lock($1)";
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [number.into()]);
        transaction.execute_raw(statement).await?;
    }
    Ok(())
}
