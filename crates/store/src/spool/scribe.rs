//! The connection of the thread that drains: chains rows and writes them in transactions of their own, by turns with the
//! writer's units.

use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    path::PathBuf,
    sync::Arc,
};

use pm33_tenancy::{AuditKeys, ChainHead, ErasedMark, TenantId, UserId, erased_member, erased_organisation};
use rusqlite::{Connection, ErrorCode, OptionalExtension, params};
use uuid::Uuid;

use super::write::{self, Chained};
use crate::{
    engine::sqlite::{self, CommitSync, Log, Turn},
    grant::Prepared,
    statements::signed_head,
};

pub(super) struct Scribe {
    path: PathBuf,
    /// None until it is needed, and after it has failed.
    connection: Option<Connection>,
    turn: Turn,
}

/// Why rows were not written.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failed {
    #[error("the database refuses")]
    Engine(#[from] rusqlite::Error),
    #[error("somebody reads the log, which has to begin anew")]
    Held,
}

impl Failed {
    /// Whether another process has the database just now.
    pub(super) fn is_busy(&self) -> bool {
        match self {
            Self::Engine(error) => error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy),
            Self::Held => true,
        }
    }
}

impl Scribe {
    pub(super) fn new(path: PathBuf, turn: Turn) -> Self {
        Self { path, connection: None, turn }
    }

    /// Appends rows to their tenants' chains, and notes the frame they came in, in one transaction that is synced. Chains that
    /// cannot be gone on from, each with why; their rows are not in the database.
    pub(super) fn write(
        &mut self,
        rows: &[Prepared],
        keys: &AuditKeys,
        frame: (Uuid, u64),
    ) -> Result<HashMap<TenantId, String>, Failed> {
        self.transact(|db| {
            let broken = append(db, rows, keys)?;
            db.prepare_cached(
                "INSERT INTO audit_spool (process, frame) VALUES (?, ?) \
                 ON CONFLICT (process) DO UPDATE SET frame = excluded.frame",
            )?
            .execute(params![frame.0.as_bytes(), write::number(frame.1)])?;
            Ok(broken)
        })
    }

    /// Number of a process's newest frame whose rows are in the database.
    pub(super) fn drained(&mut self, process: Uuid) -> Result<u64, Failed> {
        let found = self
            .connection()?
            .query_row(
                "SELECT frame FROM audit_spool WHERE process = ?",
                params![process.as_bytes()],
                |row| row.get::<_, i64>(0),
            )
            .optional()?;
        Ok(found.and_then(|frame| u64::try_from(frame).ok()).unwrap_or(0))
    }

    /// Forgets a process whose files are gone.
    pub(super) fn forget(&mut self, process: Uuid) -> Result<(), Failed> {
        self.transact(|db| {
            db.execute("DELETE FROM audit_spool WHERE process = ?", params![process.as_bytes()])?;
            Ok(())
        })
    }

    fn connection(&mut self) -> Result<&Connection, Failed> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => sqlite::open_blocking(&self.path, CommitSync::Each)?,
        };
        Ok(self.connection.insert(connection))
    }

    fn transact<T>(&mut self, work: impl FnOnce(&Connection) -> Result<T, Failed>) -> Result<T, Failed> {
        let turn = Arc::clone(&self.turn);
        let mut turn = turn.blocking_lock();
        if *turn == Log::Doubtful {
            self.connection = None;
            if let Err(failed) = begin_anew(self.connection()?) {
                // Its sync may have failed, and a second one would say nothing.
                self.connection = None;
                return Err(failed);
            }
            *turn = Log::Sound;
        }
        let done = transaction(self.connection()?, work);
        if done.as_ref().is_err_and(|failed| !failed.is_busy()) {
            self.connection = None;
            *turn = Log::Doubtful;
        }
        done
    }
}

/// Lets the log begin anew, as the writer does after a commit that failed.
fn begin_anew(db: &Connection) -> Result<(), Failed> {
    match db.query_row(sqlite::BEGIN_ANEW, [], |row| row.get::<_, i64>(0))? {
        0 => Ok(()),
        // Somebody reads it.
        _ => Err(Failed::Held),
    }
}

/// Does some work in a transaction.
fn transaction<T>(db: &Connection, work: impl FnOnce(&Connection) -> Result<T, Failed>) -> Result<T, Failed> {
    let run = |sql| db.prepare_cached(sql).and_then(|mut statement| statement.execute([]).map(drop));
    run("BEGIN IMMEDIATE")?;
    let done = work(db).and_then(|done| Ok(run("COMMIT").map(|()| done)?));
    if done.is_err() && !db.is_autocommit() {
        // What cannot be undone ends with the connection.
        let _ = run("ROLLBACK");
    }
    done
}

/// Chains and inserts rows; the chains that cannot be gone on from.
fn append(db: &Connection, rows: &[Prepared], keys: &AuditKeys) -> Result<HashMap<TenantId, String>, Failed> {
    let mut tenants: HashMap<TenantId, Tenant> = HashMap::new();
    let mut broken = HashMap::new();
    let mut chained = Vec::with_capacity(rows.len());
    for row in rows {
        let id = row.0.tenant;
        if broken.contains_key(&id) {
            continue;
        }
        let tenant = match tenants.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => match Tenant::read(db, id, keys)? {
                Ok(tenant) => new.insert(tenant),
                Err(why) => {
                    broken.insert(id, why);
                    continue;
                }
            },
        };
        let previous = tenant.head;
        tenant.head = previous.next(&row.0);
        let is_erased = row.1.user.is_some_and(|user| tenant.has_erased(user, keys));
        chained.push(Chained { row, previous, head: tenant.head, is_erased });
    }
    write::rows(db, &chained)?;
    let mut replace = db.prepare_cached(&write::HEAD)?;
    for tenant in tenants.values() {
        write::head(&mut replace, &tenant.head, &keys.sign(&tenant.head))?;
    }
    Ok(broken)
}

/// What a transaction has to know of a tenant.
struct Tenant {
    head: ChainHead,
    erased: HashSet<ErasedMark>,
}

impl Tenant {
    fn read(db: &Connection, id: TenantId, keys: &AuditKeys) -> Result<Result<Self, String>, Failed> {
        let found = db
            .prepare_cached("SELECT seq, hash, signature FROM audit_head WHERE tenant_id = ?")?
            .query_row(params![id.uuid().as_bytes()], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, Vec<u8>>(2)?))
            })
            .optional()?;
        let head = match found {
            None => ChainHead::empty(id),
            Some((seq, hash, signature)) => match signed_head(id, seq, &hash, &signature, keys) {
                Ok(head) => head,
                Err(why) => return Ok(Err(why)),
            },
        };
        Ok(Ok(Self { head, erased: marks(db, id)? }))
    }

    /// Whether a member was erased since their row was made: then its personal side is not kept.
    fn has_erased(&self, user: UserId, keys: &AuditKeys) -> bool {
        !self.erased.is_empty()
            && [erased_member(keys, self.head.tenant, user), erased_organisation(keys, self.head.tenant)]
                .iter()
                .any(|mark| self.erased.contains(mark))
    }
}

/// Marks of who was erased.
fn marks(db: &Connection, id: TenantId) -> Result<HashSet<ErasedMark>, Failed> {
    let mut found = db.prepare_cached("SELECT mark FROM erased WHERE tenant_id = ?")?;
    let found = found.query_map(params![id.uuid().as_bytes()], |row| row.get::<_, Vec<u8>>(0))?;
    let mut marks = HashSet::new();
    for mark in found {
        marks.extend(ErasedMark::from_slice(&mark?));
    }
    Ok(marks)
}
