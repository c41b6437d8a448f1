//! The embedded database: the check that its pragmas hold, its own look for damage, copies, and its schema's parts.

#[cfg(not(feature = "sqlite"))]
mod absent;
#[cfg(feature = "sqlite")]
mod connect;

use std::path::Path;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

#[cfg(not(feature = "sqlite"))]
use self::absent as connect;
#[cfg(feature = "sqlite")]
pub(crate) use self::connect::open_blocking;
pub(crate) use self::connect::{open_readers, open_whole, open_writer};
use super::is_busy;
use crate::StoreError;

/// Copies what can be copied of the log without making anybody wait.
pub(crate) const CHECKPOINT: &str = "PRAGMA wal_checkpoint(PASSIVE)";

/// Copies the whole log, and lets the next commit begin it anew; waits for whoever reads it.
pub(crate) const BEGIN_ANEW: &str = "PRAGMA wal_checkpoint(RESTART)";

/// Opens the connection that writes after one was given up. What a failed sync left in the log may never have reached the
/// disk, whatever a second sync says, and what is committed behind it would be lost with it: the log begins anew first.
pub(crate) async fn reopen_writer(path: &Path) -> Result<DatabaseConnection, StoreError> {
    const TRIES: u32 = 100;
    let connection = open_writer(path).await?;
    for _ in 0..TRIES {
        let done = connection
            .query_one_raw(Statement::from_string(DbBackend::Sqlite, BEGIN_ANEW))
            .await
            .and_then(|row| row.map_or(Ok(1), |row| row.try_get_by_index::<i64>(0)));
        match done {
            Ok(0) => return Ok(connection),
            // Somebody reads it or copies it; the connection's own wait is over.
            Ok(_) => {}
            Err(error) if is_busy(&error) => {}
            Err(error) => {
                connection.close().await?;
                return Err(error.into());
            }
        }
    }
    connection.close().await?;
    Err(StoreError::Busy)
}

/// The right to write to the database, within this process; and what whoever gets it has to know.
pub(crate) type Turn = std::sync::Arc<tokio::sync::Mutex<Log>>;

/// Whether the write-ahead log may be gone on with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Log {
    /// It may.
    #[default]
    Sound,
    /// A commit has failed, and nobody knows what of it is on the disk: the log is to begin anew first.
    Doubtful,
}

/// When what a connection commits reaches the disk.
#[cfg(feature = "sqlite")]
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommitSync {
    /// Before the commit returns.
    Each,
    /// With the next copy of the log, or the next commit that waits for it.
    WithTheLog,
}

#[cfg(feature = "sqlite")]
impl CommitSync {
    fn pragma(self) -> (&'static str, &'static str) {
        let level = match self {
            Self::Each => "FULL",
            Self::WithTheLog => "NORMAL",
        };
        ("synchronous", level)
    }
}

/// What a database is served with.
const EXPECTED: [(&str, &str); 5] = [
    ("journal_mode", "wal"),
    ("synchronous", "2"),
    ("secure_delete", "1"),
    ("foreign_keys", "1"),
    ("auto_vacuum", "2"),
];

/// How commits are kept where [`check`] found nothing.
pub(crate) const DURABILITY: &str = "journal_mode wal, synchronous full";

/// Checks what the durability and privacy promises rest on; a database that does not keep them is not served.
pub(crate) async fn check(connection: &DatabaseConnection) -> Result<(), StoreError> {
    for (pragma, value) in EXPECTED {
        let found = connection
            .query_one_raw(Statement::from_string(DbBackend::Sqlite, format!("PRAGMA {pragma}")))
            .await?
            .and_then(|row| {
                let number = || row.try_get_by_index::<i64>(0).map(|number| number.to_string());
                row.try_get_by_index::<String>(0).or_else(|_| number()).ok()
            });
        if found.as_deref() != Some(value) {
            let found = found.unwrap_or_default();
            return Err(StoreError::Unusable {
                why: format!("SQLite's {pragma} is {found:?}, not {value:?}"),
            });
        }
    }
    Ok(())
}

/// SQLite's own check of every page, index and reference; its complaints.
pub(crate) async fn integrity(connection: &DatabaseConnection) -> Result<Vec<String>, StoreError> {
    let mut complaints = Vec::new();
    for pragma in ["integrity_check", "foreign_key_check"] {
        let statement = Statement::from_string(DbBackend::Sqlite, format!("PRAGMA {pragma}"));
        for row in connection.query_all_raw(statement).await? {
            complaints.push(format!("{pragma}: {}", row.try_get_by_index::<String>(0)?));
        }
    }
    complaints.retain(|complaint| complaint != "integrity_check: ok");
    Ok(complaints)
}

/// Copies what is committed now into a new file, defragmented. It reads at one moment and hinders no writer.
pub(crate) async fn copy(path: &Path, to: &Path) -> Result<(), StoreError> {
    // The connections that read may not be used: what makes the copy counts as writing to them.
    let connection = connect::open_whole(path).await?;
    let statement =
        Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO ?", [to.display().to_string().into()]);
    let copied = connection.execute_raw(statement).await;
    connection.close().await?;
    copied?;
    Ok(())
}

/// Folds the write-ahead log into the file; false when another connection is open.
pub(crate) async fn fold(path: &Path) -> Result<bool, StoreError> {
    let connection = connect::open_bare(path).await?;
    // Leaving the log needs the file for oneself alone.
    let left = connection
        .query_one_raw(Statement::from_string(DbBackend::Sqlite, "PRAGMA journal_mode = DELETE"))
        .await;
    connection.close().await?;
    match left {
        Ok(row) => {
            Ok(row.is_some_and(|row| row.try_get_by_index::<String>(0).is_ok_and(|mode| mode == "delete")))
        }
        Err(error) if is_busy(&error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The full-text index: it keeps tokens and ids, not a second copy of the texts. FTS5's own secure-delete option stays
/// off: it is not safe in the bundled version.
pub(crate) const FULL_TEXT: &str = "CREATE VIRTUAL TABLE item_fts USING fts5(scope, title, description, \
     item_id UNINDEXED, content = '', contentless_delete = 1, contentless_unindexed = 1, \
     tokenize = 'unicode61 remove_diacritics 2')";

/// A row of the audit log follows the row before it. Newer databases ask that of heads: see [`head_guards`].
pub(crate) const ONE_SUCCESSOR: &str = "CREATE TRIGGER audit_row_follows BEFORE INSERT ON audit_row \
     WHEN NEW.prev_hash IS NOT CASE NEW.seq WHEN 1 THEN zeroblob(32) ELSE (SELECT hash FROM audit_row \
     WHERE tenant_id = NEW.tenant_id AND seq = NEW.seq - 1) END \
     BEGIN SELECT RAISE(ABORT, 'an audit row does not follow the one before it'); END";

/// A chain's head moves only to rows that follow it: the first new row names the old head's hash, the last one has the
/// new head's. With the rows' own key, a number for each tenant, no two rows have one predecessor. A unique key over the
/// previous hash would cost more than all the rest of a row, because hashes fall on a random page of it each.
pub(crate) fn head_guards() -> [String; 2] {
    let guard = |name: &str, event: &str, first: &str, hash: &str| {
        format!(
            "CREATE TRIGGER {name} AFTER {event} ON audit_head \
             WHEN (SELECT prev_hash FROM audit_row WHERE tenant_id = NEW.tenant_id AND seq = {first}) IS NOT {hash} \
             OR (SELECT hash FROM audit_row WHERE tenant_id = NEW.tenant_id AND seq = NEW.seq) IS NOT NEW.hash \
             BEGIN SELECT RAISE(ABORT, 'an audit row does not follow the one before it'); END"
        )
    };
    [
        guard("audit_head_begins", "INSERT", "1", "zeroblob(32)"),
        guard("audit_head_follows", "UPDATE", "OLD.seq + 1", "OLD.hash"),
    ]
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_connection_that_keeps_less_than_is_promised_is_refused()
    -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let connection = open_writer(&folder.path().join("pm33.db")).await?;
        check(&connection).await?;
        for (pragma, less) in [
            ("synchronous", "NORMAL"),
            ("synchronous", "OFF"),
            ("secure_delete", "FAST"),
            ("secure_delete", "OFF"),
            ("foreign_keys", "OFF"),
            ("journal_mode", "DELETE"),
        ] {
            let read = connection
                .query_one_raw(Statement::from_string(DbBackend::Sqlite, format!("PRAGMA {pragma}")))
                .await?
                .ok_or(pragma)?;
            let number = || read.try_get_by_index::<i64>(0).map(|number| number.to_string());
            let before = read.try_get_by_index::<String>(0).or_else(|_| number())?;
            connection.execute_unprepared(&format!("PRAGMA {pragma} = {less}")).await?;
            let refused = check(&connection).await;
            assert!(
                matches!(&refused, Err(StoreError::Unusable { why }) if why.contains(pragma)),
                "{pragma} {less}: {refused:?}"
            );
            connection.execute_unprepared(&format!("PRAGMA {pragma} = {before}")).await?;
            check(&connection).await?;
        }
        Ok(())
    }
}
