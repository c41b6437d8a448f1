//! Connections to the embedded database, with their pragmas.

use std::{path::Path, time::Duration};

use sea_orm::{
    ConnectOptions, Database as Orm, DatabaseConnection,
    sqlx::{
        ConnectOptions as _,
        sqlite::{SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
    },
};

use super::CommitSync;
use crate::{StoreError, engine::is_busy};

/// How long a statement waits for another process.
const BUSY: Duration = Duration::from_secs(5);
/// What each connection is set to, beside what is kept in the file.
const PRAGMAS: [(&str, &str); 4] = [
    ("secure_delete", "ON"),
    ("temp_store", "MEMORY"),
    ("mmap_size", "268435456"),
    // A bound for when nobody copies the log: 32 MiB.
    ("wal_autocheckpoint", "8192"),
];
/// Memory of a connection that is used all the time, in KiB below zero.
const CACHE: (&str, &str) = ("cache_size", "-2048");
/// How long one try of the writer waits; it tries again and again.
const TRY: Duration = Duration::from_millis(30);

/// Opens the connection that writes, making the database if it is not there.
pub(crate) async fn open_writer(path: &Path) -> Result<DatabaseConnection, StoreError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        std::fs::create_dir_all(folder).map_err(|error| StoreError::Unusable {
            why: format!("cannot make {}: {error}", folder.display()),
        })?;
    }
    let options = |path: &Path| {
        with_pragmas(path)
            .create_if_missing(true)
            .auto_vacuum(SqliteAutoVacuum::Incremental)
            .journal_mode(SqliteJournalMode::Wal)
            .busy_timeout(TRY)
            .pragma(CACHE.0, CACHE.1)
    };
    // Both modes above are written to the file; switching to WAL does not even honour the busy timeout. Processes that
    // open it at once take turns.
    for _ in 0..500 {
        match connect(1, options(path)).await {
            Err(StoreError::Database(error)) if is_busy(&error) => tokio::time::sleep(TRY).await,
            opened => return opened,
        }
    }
    connect(1, options(path)).await
}

/// Opens a connection that writes without the runtime, on a database that is there.
pub(crate) fn open_blocking(path: &Path, sync: CommitSync) -> rusqlite::Result<rusqlite::Connection> {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE | rusqlite::OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = rusqlite::Connection::open_with_flags(path, flags)?;
    connection.busy_handler(Some(wait_a_moment))?;
    for (name, value) in PRAGMAS.into_iter().chain([CACHE, ("foreign_keys", "ON"), sync.pragma()]) {
        connection.pragma_update(None, name, value)?;
    }
    Ok(connection)
}

/// Waits for another process's unit, which takes a millisecond: SQLite's own wait would sleep for as long at first, and for two
/// and five then.
fn wait_a_moment(tries: i32) -> bool {
    const MOMENT: Duration = Duration::from_micros(100);
    let waits = TRY.as_micros() / MOMENT.as_micros();
    let is_soon = u128::from(tries.unsigned_abs()) < waits;
    if is_soon {
        std::thread::sleep(MOMENT);
    }
    is_soon
}

/// Opens the connections that read. They set no mode that is kept in the file: that would wait for the writer.
pub(crate) async fn open_readers(path: &Path, connections: u32) -> Result<DatabaseConnection, StoreError> {
    let options = with_pragmas(path).busy_timeout(BUSY).pragma(CACHE.0, CACHE.1).pragma("query_only", "ON");
    connect(connections.max(1), options).await
}

/// Opens a connection with every pragma, for reading and for what counts as writing.
pub(crate) async fn open_whole(path: &Path) -> Result<DatabaseConnection, StoreError> {
    connect(1, with_pragmas(path).busy_timeout(BUSY)).await
}

/// Opens a connection that leaves the file's modes as they are.
pub(crate) async fn open_bare(path: &Path) -> Result<DatabaseConnection, StoreError> {
    connect(1, SqliteConnectOptions::new().filename(path).busy_timeout(TRY)).await
}

async fn connect(connections: u32, chosen: SqliteConnectOptions) -> Result<DatabaseConnection, StoreError> {
    // Statements in the log would only hide what matters there.
    let chosen = chosen.disable_statement_logging();
    let mut options = ConnectOptions::new("sqlite://database");
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(BUSY)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        // The path goes in as it is: in a URL some of its characters would mean something else.
        .map_sqlx_sqlite_opts(move |_| chosen.clone());
    Ok(Orm::connect(options).await?)
}

fn with_pragmas(path: &Path) -> SqliteConnectOptions {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .statement_cache_capacity(300);
    PRAGMAS.into_iter().fold(options, |options, (name, value)| options.pragma(name, value))
}
