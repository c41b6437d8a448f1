//! Values of audit rows, bound in the order of their tables' columns without a copy on the way.

use std::sync::LazyLock;

use pm33_tenancy::{AuditText, ChainHead, Digest};
use rusqlite::{Connection, Result, Statement, ToSql, types::Null};
use sea_orm::DbBackend;

use crate::{
    grant::Prepared,
    statements::{AUDIT_HEAD, AUDIT_PERSONAL, AUDIT_ROW, Bulk, REPLACE_HEAD},
};

/// Rows of one statement at most.
const ROWS: usize = 16;

pub(super) static HEAD: LazyLock<String> =
    LazyLock::new(|| format!("{} {REPLACE_HEAD}", AUDIT_HEAD.write(DbBackend::Sqlite, 1)));

/// The next places of a statement.
struct Places<'a, 'c> {
    statement: &'a mut Statement<'c>,
    next: usize,
}

impl Places<'_, '_> {
    fn put(&mut self, value: impl ToSql) -> Result<()> {
        self.next += 1;
        self.statement.raw_bind_parameter(self.next, value)
    }

    fn bytes(&mut self, value: &[u8]) -> Result<()> {
        self.put(value)
    }

    fn some_bytes(&mut self, value: Option<&[u8]>) -> Result<()> {
        self.put(value)
    }

    fn text(&mut self, value: Option<&AuditText>) -> Result<()> {
        self.put(value.map(|text| &**text))
    }
}

fn on<'a, 'c>(statement: &'a mut Statement<'c>) -> Places<'a, 'c> {
    Places { statement, next: 0 }
}

/// A row in its chain: the head that it follows, and the one that it makes.
pub(super) struct Chained<'a> {
    pub(super) row: &'a Prepared,
    pub(super) previous: ChainHead,
    pub(super) head: ChainHead,
    /// Whether the personal side is left out.
    pub(super) is_erased: bool,
}

/// Inserts rows and their personal sides, several with one statement: it finds the end of its table once. One table after the
/// other, because their pages lie apart.
pub(super) fn rows(connection: &Connection, rows: &[Chained<'_>]) -> Result<()> {
    insert(connection, &AUDIT_ROW, &rows.iter().collect::<Vec<_>>(), row)?;
    let personal_rows: Vec<_> = rows.iter().filter(|one| !one.is_erased).collect();
    insert(connection, &AUDIT_PERSONAL, &personal_rows, personal)
}

fn insert(
    connection: &Connection,
    table: &Bulk,
    rows: &[&Chained<'_>],
    put: impl Fn(&mut Places<'_, '_>, &Chained<'_>) -> Result<()>,
) -> Result<()> {
    let mut rest = rows;
    while !rest.is_empty() {
        // Powers of two: a prepared statement takes as much memory as its rows.
        let (now, later) = rest.split_at(1 << rest.len().min(ROWS).ilog2());
        let mut statement = connection.prepare_cached(table.statement(DbBackend::Sqlite, now.len()))?;
        let mut to = on(&mut statement);
        now.iter().try_for_each(|one| put(&mut to, one))?;
        statement.raw_execute()?;
        rest = later;
    }
    Ok(())
}

fn row(to: &mut Places<'_, '_>, chained: &Chained<'_>) -> Result<()> {
    let Chained { row: (row, _), previous, head, .. } = chained;
    to.bytes(row.tenant.uuid().as_bytes())?;
    to.put(number(head.seq))?;
    to.bytes(&previous.hash.0)?;
    to.bytes(&head.hash.0)?;
    to.put(row.schema_version)?;
    to.put(row.at.micros())?;
    to.bytes(row.correlation.as_bytes())?;
    to.text(row.traceparent.as_ref())?;
    to.text(Some(&row.actor_kind))?;
    to.some_bytes(row.actor.as_ref().map(|digest| &digest.0[..]))?;
    match row.key {
        Some(key) => to.put(key.as_str())?,
        None => to.put(Null)?,
    }
    to.text(Some(&row.scopes))?;
    to.text(Some(&row.method))?;
    to.text(row.target.as_ref())?;
    to.some_bytes(row.arguments.as_ref().map(|digest| &digest.0[..]))?;
    to.some_bytes(row.workspace.map(|id| *id.uuid().as_bytes()).as_ref().map(|id| &id[..]))?;
    to.text(Some(&row.outcome))?;
    to.text(Some(&row.code))?;
    to.put(row.latency_micros)?;
    to.put(row.tokens)?;
    to.put(row.micro_credits)?;
    to.some_bytes(row.hold.as_ref().map(|id| &id.as_bytes()[..]))?;
    to.text(row.provider.as_ref())?;
    to.text(row.model.as_ref())?;
    to.put(row.removed_characters)?;
    to.text(Some(&row.limit_verdict))?;
    to.bytes(&row.personal.0)
}

fn personal(to: &mut Places<'_, '_>, chained: &Chained<'_>) -> Result<()> {
    let Chained { row: (row, side), head, .. } = chained;
    to.bytes(row.tenant.uuid().as_bytes())?;
    to.put(number(head.seq))?;
    to.bytes(&side.salt)?;
    to.some_bytes(side.user.map(|id| *id.uuid().as_bytes()).as_ref().map(|id| &id[..]))?;
    to.some_bytes(side.ip.as_ref().map(|digest| &digest.0[..]))?;
    to.text(side.ip_prefix.as_ref())?;
    to.text(side.agent.as_ref())
}

pub(super) fn head(statement: &mut Statement<'_>, head: &ChainHead, signature: &Digest) -> Result<()> {
    let mut to = on(statement);
    to.bytes(head.tenant.uuid().as_bytes())?;
    to.put(number(head.seq))?;
    to.bytes(&head.hash.0)?;
    to.bytes(&signature.0)?;
    statement.raw_execute().map(|_| ())
}

/// A number as the database keeps it.
pub(super) fn number(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}
