//! What differs between the engines: connecting, pragmas, row-level security, full text, and the few statements that
//! are written by hand because a batch through the ORM is several times dearer.

use std::{path::Path, time::Duration};

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database as Orm, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait, sqlx::sqlite::SqliteConnectOptions,
};
use secrecy::{ExposeSecret, SecretString};

use crate::StoreError;

/// How long a statement waits for another process's write.
const BUSY: Duration = Duration::from_secs(10);

/// Opens the embedded database, making it if it is not there. Pragmas hold for every connection of the pool.
pub(crate) async fn open_sqlite(path: &Path, connections: u32) -> Result<DatabaseConnection, StoreError> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .map_err(|error| StoreError::Unusable { why: format!("cannot make {}: {error}", folder.display()) })?;
    }
    let mut options = ConnectOptions::new(format!("sqlite://{}?mode=rwc", path.display()));
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(BUSY)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(sqlite_options);
    Ok(Orm::connect(options).await?)
}

fn sqlite_options(options: SqliteConnectOptions) -> SqliteConnectOptions {
    use sea_orm::sqlx::sqlite::{SqliteAutoVacuum, SqliteJournalMode, SqliteSynchronous};
    options
        .auto_vacuum(SqliteAutoVacuum::Incremental)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .pragma("secure_delete", "ON")
        .pragma("temp_store", "MEMORY")
        .pragma("wal_autocheckpoint", "2000")
        .statement_cache_capacity(200)
}

/// Opens a PostgreSQL database.
pub(crate) async fn open_postgres(url: &SecretString, connections: u32) -> Result<DatabaseConnection, StoreError> {
    let mut options = ConnectOptions::new(url.expose_secret());
    options.max_connections(connections.max(2)).acquire_timeout(BUSY).sqlx_logging(false);
    Orm::connect(options).await.map_err(|_| StoreError::Unusable {
        why: "PostgreSQL does not answer under the configured URL; check database.url_file".to_owned(),
    })
}

/// Checks what the durability and privacy promises rest on; a database that does not keep them is not served.
pub(crate) async fn assert_sqlite(connection: &DatabaseConnection) -> Result<(), StoreError> {
    for (pragma, expected) in [("journal_mode", "wal"), ("synchronous", "2"), ("secure_delete", "1"), ("foreign_keys", "1")] {
        let found = connection
            .query_one_raw(Statement::from_string(DbBackend::Sqlite, format!("PRAGMA {pragma}")))
            .await?
            .and_then(|row| {
                row.try_get_by_index::<String>(0).ok().or_else(|| row.try_get_by_index::<i64>(0).ok().map(|n| n.to_string()))
            });
        if found.as_deref() != Some(expected) {
            return Err(StoreError::Unusable { why: format!("SQLite's {pragma} is {found:?}, not {expected}") });
        }
    }
    Ok(())
}

/// Checks that the role that serves could not step around row-level security.
pub(crate) async fn assert_postgres(connection: &DatabaseConnection) -> Result<(), StoreError> {
    let sql = "SELECT r.rolsuper OR r.rolbypassrls AS bypass, \
               EXISTS (SELECT 1 FROM pg_class c WHERE c.relname = 'work_item' AND c.relowner = r.oid) AS owner, \
               EXISTS (SELECT 1 FROM pg_class c WHERE c.relname = 'work_item' AND c.relrowsecurity AND c.relforcerowsecurity) AS guarded \
               FROM pg_roles r WHERE r.rolname = current_user";
    let row = connection.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    let flag = |name: &str| row.as_ref().and_then(|row| row.try_get::<bool>("", name).ok());
    if flag("bypass") != Some(false) || flag("owner") != Some(false) {
        return Err(StoreError::Unusable {
            why: "the serving role is a superuser, may bypass row-level security, or owns the tables; \
                  serve as the application role that `pm33-admin migrate` made"
                .to_owned(),
        });
    }
    if flag("guarded") != Some(true) {
        return Err(StoreError::Unusable { why: "the schema is missing or unguarded; run `pm33-admin migrate`".to_owned() });
    }
    Ok(())
}

/// Begins a transaction that may write: on SQLite the write lock is taken at once, so that it never fails half-way.
pub(crate) async fn begin_write(connection: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    connection
        .begin_with_options(TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        })
        .await
}

/// Tells PostgreSQL whose rows this transaction may see; nothing on SQLite.
pub(crate) async fn set_tenant(transaction: &DatabaseTransaction, tenant: uuid::Uuid) -> Result<(), DbErr> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        transaction
            .execute_raw(Statement::from_sql_and_values(
                DbBackend::Postgres,
                "SELECT set_config('app.tenant', $1, true)",
                [tenant.to_string().into()],
            ))
            .await?;
    }
    Ok(())
}

/// Engine-specific part of the first schema: full text, and on PostgreSQL the guards.
pub(crate) fn first_schema(backend: DbBackend, tenant_tables: &[&str]) -> Vec<String> {
    if backend != DbBackend::Postgres {
        return vec![
            "CREATE VIRTUAL TABLE item_fts USING fts5(scope, title, description, item_id UNINDEXED, \
             tokenize = 'unicode61 remove_diacritics 2')"
                .to_owned(),
        ];
    }
    let mut statements = vec![
        "ALTER TABLE item_text ADD COLUMN search tsvector GENERATED ALWAYS AS \
         (setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', description), 'B')) STORED"
            .to_owned(),
        "CREATE INDEX item_text_search ON item_text USING gin (search)".to_owned(),
        "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'pm33_app') THEN \
         CREATE ROLE pm33_app NOLOGIN NOSUPERUSER NOBYPASSRLS; END IF; END $$"
            .to_owned(),
        "GRANT USAGE ON SCHEMA public TO pm33_app".to_owned(),
        "GRANT SELECT, INSERT ON key_route, tenant_route TO pm33_app".to_owned(),
        "GRANT SELECT, UPDATE ON epoch TO pm33_app".to_owned(),
        "GRANT SELECT ON seaql_migrations TO pm33_app".to_owned(),
    ];
    for table in tenant_tables {
        // The audit log is append-only for everybody who serves.
        let rights = match *table {
            "audit_row" => "SELECT, INSERT",
            "audit_head" => "SELECT, INSERT, UPDATE",
            _ => "SELECT, INSERT, UPDATE, DELETE",
        };
        statements.extend([
            format!("GRANT {rights} ON {table} TO pm33_app"),
            format!("ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"),
            format!("ALTER TABLE {table} FORCE ROW LEVEL SECURITY"),
            // After SET LOCAL the setting stays behind as an empty text on a pooled connection: nullif makes it nobody.
            format!(
                "CREATE POLICY tenant_only ON {table} TO pm33_app USING \
                 (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)"
            ),
            format!("CREATE POLICY operator ON {table} TO CURRENT_USER USING (true)"),
        ]);
    }
    statements
}
