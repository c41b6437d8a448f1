//! After an erasure: what the engines keep of removed rows. The embedded database is compacted, its index of words merged
//! and its log folded into the file until nobody holds it up; PostgreSQL's dead rows are vacuumed, and its statistics taken
//! anew.

use std::{path::PathBuf, time::Duration};

use pm33_tenancy::{
    TenantId,
    data_map::{self, Engine},
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};
use serde::Serialize;

use crate::{
    Database, Store, StoreError,
    engine::{self, sqlite},
    entity::tenant,
    scope,
    store::Writer,
};

/// Tries to fold the log while a reader holds it up, and the wait between them.
const TRIES: u32 = 300;
const WAIT: Duration = Duration::from_millis(200);

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Shredded {
    /// Steps, in words.
    pub steps: Vec<&'static str>,
    /// Files that hold the database, for a look into them.
    pub files: Vec<PathBuf>,
}

impl Store {
    pub(crate) fn backend(&self) -> DbBackend {
        match &self.inner.writer {
            Writer::Lane(_) => DbBackend::Sqlite,
            Writer::Pool(_) => DbBackend::Postgres,
        }
    }

    /// On PostgreSQL, of how many tables the serving role sees rows without naming an organisation: of none, where row-level
    /// security holds. `None` on the embedded database, which has no roles.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rows_of_nobody(&self) -> Result<Option<i64>, StoreError> {
        match &self.inner.options.database {
            Database::Sqlite { .. } => Ok(None),
            Database::Postgres { .. } => {
                Ok(Some(engine::postgres::seen_by_nobody(&self.inner.readers).await?))
            }
        }
    }

    /// Whether the database has a tenant.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn knows(&self, id: TenantId) -> Result<bool, StoreError> {
        let query = scope::of_tenant::<tenant::Entity>(id);
        Ok(self.inner.read(id, async |db| query.one(db).await).await?.is_some())
    }

    /// Takes what was removed out of free pages, dead rows, the index of words and the write-ahead log.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when a reader held the log up all the time: nothing is wrong, and it can be done again.
    pub async fn shred(&self) -> Result<Shredded, StoreError> {
        match &self.inner.options.database {
            Database::Sqlite { path } => {
                let connection = sqlite::open_whole(path).await?;
                let done = compact(&connection).await;
                connection.close().await?;
                done?;
                let beside = |ending: &str| {
                    let mut name = path.clone().into_os_string();
                    name.push(ending);
                    PathBuf::from(name)
                };
                let mut files = vec![path.clone(), beside("-wal"), beside("-shm")];
                if let Ok(spooled) = std::fs::read_dir(Self::spool(path)) {
                    files.extend(spooled.flatten().map(|entry| entry.path()));
                }
                Ok(Shredded {
                    steps: vec![
                        "removed cells are overwritten (secure_delete)",
                        "index of words merged (FTS5 optimize)",
                        "database compacted (VACUUM)",
                        "write-ahead log folded in and cut (wal_checkpoint TRUNCATE)",
                    ],
                    files: files.into_iter().filter(|file| file.exists()).collect(),
                })
            }
            Database::Postgres { .. } => {
                let owner = self.inner.operators()?;
                let mut tables: Vec<_> = data_map::columns()
                    .filter(|one| one.engine != Engine::Sqlite)
                    .map(|one| one.table)
                    .collect();
                tables.dedup();
                for table in tables {
                    // The planner keeps common values of each column, names among them, until it counts again.
                    owner.execute_unprepared(&format!("VACUUM (ANALYZE) {table}")).await?;
                }
                let steps = vec!["dead rows vacuumed and statistics taken anew (VACUUM ANALYZE)"];
                Ok(Shredded { steps, files: Vec::new() })
            }
        }
    }
}

async fn compact(connection: &DatabaseConnection) -> Result<(), StoreError> {
    for statement in ["INSERT INTO item_fts (item_fts) VALUES ('optimize')", "VACUUM"] {
        patiently(async || connection.execute_unprepared(statement).await.map(|_| ())).await?;
    }
    for _ in 0..TRIES {
        let pragma = Statement::from_string(DbBackend::Sqlite, "PRAGMA wal_checkpoint(TRUNCATE)");
        let row = connection.query_one_raw(pragma).await?;
        if row.is_some_and(|row| row.try_get_by_index::<i64>(0) == Ok(0)) {
            return Ok(());
        }
        tokio::time::sleep(WAIT).await;
    }
    Err(StoreError::Busy)
}

/// Does something that another process may hold up for a while.
async fn patiently(step: impl AsyncFn() -> Result<(), DbErr>) -> Result<(), StoreError> {
    for _ in 1..TRIES {
        match step().await {
            Err(error) if engine::is_busy(&error) => tokio::time::sleep(WAIT).await,
            done => return Ok(done?),
        }
    }
    Ok(step().await?)
}
