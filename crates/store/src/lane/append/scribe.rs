//! The connection of the thread: begins, writes, commits; knows which end leaves nobody in doubt.

use std::{collections::HashMap, path::Path};

use pm33_tenancy::{AuditKeys, ChainHead, TenantId};
use rusqlite::{Connection, ErrorCode, OptionalExtension, params};

use super::{
    Heads,
    write::{self, Chained},
};
use crate::{
    engine::sqlite::{self, CommitSync},
    grant::Prepared,
    lane::appended::{Appended, Lost},
    statements::signed_head,
};

/// Chains whose heads are remembered; beyond that all are read again.
const REMEMBERED: usize = 16_384;

pub(super) struct Scribe {
    connection: Connection,
    heads: HashMap<TenantId, ChainHead>,
}

/// Why a group was not written.
enum Failed {
    Engine(rusqlite::Error),
    /// A head that cannot be gone on from.
    Head(String),
}

impl From<rusqlite::Error> for Failed {
    fn from(error: rusqlite::Error) -> Self {
        Self::Engine(error)
    }
}

impl Scribe {
    /// Opens the connection.
    pub(super) fn open(path: &Path, sync: CommitSync) -> Result<Self, Lost> {
        let connection = sqlite::open_blocking(path, sync).map_err(lost)?;
        Ok(Self { connection, heads: HashMap::new() })
    }

    /// Writes one group; see [`super::Appender::append`].
    pub(super) fn append(
        &mut self,
        rows: &[Prepared],
        heads: Heads,
        keys: &AuditKeys,
    ) -> Result<Appended, Lost> {
        if heads == Heads::Moved || self.heads.len() > REMEMBERED {
            self.heads.clear();
        }
        match self.begin() {
            Ok(()) => {}
            Err(error) if is(&error, ErrorCode::DatabaseBusy) => return Ok(Appended::Undone),
            Err(error) => return Err(lost(error)),
        }
        match self.write(rows, keys) {
            Ok((numbers, moved)) => match self.run("COMMIT") {
                Ok(()) => {
                    self.heads.extend(moved.into_iter().map(|head| (head.tenant, head)));
                    Ok(Appended::Durable(numbers))
                }
                Err(error) => {
                    let busy = is(&error, ErrorCode::DatabaseBusy) && self.run("ROLLBACK").is_ok();
                    if busy { Ok(Appended::Undone) } else { Err(lost(error)) }
                }
            },
            Err(failed) => {
                self.heads.clear();
                let undone = self.run("ROLLBACK");
                match failed {
                    // A number that is taken: another process has moved the chain.
                    Failed::Engine(error) if !is(&error, ErrorCode::ConstraintViolation) => Err(lost(error)),
                    Failed::Engine(_) | Failed::Head(_) if undone.is_ok() => Ok(Appended::Undone),
                    Failed::Engine(error) => Err(lost(error)),
                    Failed::Head(why) => Err(Lost(why.into())),
                }
            }
        }
    }

    fn begin(&self) -> rusqlite::Result<()> {
        self.run("BEGIN IMMEDIATE")
    }

    fn run(&self, sql: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute([]).map(|_| ())
    }

    /// Chains and inserts the rows; their numbers, and the heads that have moved.
    fn write(&self, rows: &[Prepared], keys: &AuditKeys) -> Result<(Vec<u64>, Vec<ChainHead>), Failed> {
        let mut moved: Vec<ChainHead> = Vec::new();
        let mut chained = Vec::with_capacity(rows.len());
        for row in rows {
            let found = moved.iter().position(|head| head.tenant == row.0.tenant);
            let at = found.unwrap_or(moved.len());
            if found.is_none() {
                moved.push(match self.heads.get(&row.0.tenant) {
                    Some(head) => *head,
                    None => self.read_head(row.0.tenant, keys)?,
                });
            }
            let previous = moved[at];
            moved[at] = previous.next(&row.0);
            chained.push(Chained { row, previous, head: moved[at] });
        }
        write::rows(&self.connection, &chained)?;
        let numbers = chained.iter().map(|one| one.head.seq).collect();
        let mut replace = self.connection.prepare_cached(&write::HEAD)?;
        for head in &moved {
            write::head(&mut replace, head, &keys.sign(head))?;
        }
        Ok((numbers, moved))
    }

    fn read_head(&self, tenant: TenantId, keys: &AuditKeys) -> Result<ChainHead, Failed> {
        let mut find = self
            .connection
            .prepare_cached("SELECT seq, hash, signature FROM audit_head WHERE tenant_id = ?")?;
        let found = find
            .query_row(params![tenant.uuid().as_bytes()], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, Vec<u8>>(2)?))
            })
            .optional()?;
        let Some((seq, hash, signature)) = found else { return Ok(ChainHead::empty(tenant)) };
        signed_head(tenant, seq, &hash, &signature, keys).map_err(Failed::Head)
    }
}

fn is(error: &rusqlite::Error, code: ErrorCode) -> bool {
    error.sqlite_error_code() == Some(code)
}

fn lost(error: rusqlite::Error) -> Lost {
    Lost(error.into())
}
