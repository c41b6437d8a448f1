//! Audit rows that share their transaction with no unit of work: a group of them goes to the database's thread in one
//! trip, chained from heads that the process remembers. A head that another process has moved meanwhile gives a row a
//! number that is taken; then nothing is written, and the group goes the long way, which reads the heads.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use pm33_tenancy::{AuditKeys, AuditRow, AuditText, ChainHead, PersonalRow, TenantId};
use sea_orm::{
    DatabaseConnection, DbBackend, DbErr, RuntimeErr,
    sqlx::{self, Arguments, Row, Sqlite, SqliteConnection, pool::PoolConnection, sqlite::SqliteArguments},
};

use super::appended::Appended;
use crate::{
    engine,
    grant::Prepared,
    statements::{AUDIT_HEAD, AUDIT_PERSONAL, AUDIT_ROW, REPLACE_HEAD, ROWS, signed_head},
};

/// Chains whose heads are remembered; beyond that all are read again.
const REMEMBERED: usize = 16_384;

/// What the process remembers for the next group.
#[derive(Default)]
pub(super) struct Appender {
    /// The lane's one connection itself, between groups.
    held: Option<PoolConnection<Sqlite>>,
    heads: HashMap<TenantId, ChainHead>,
    /// The program's words as the driver takes them without copying.
    words: Words,
}

impl Appender {
    /// Gives the connection back to whoever needs it whole.
    pub(super) fn release(&mut self) {
        self.held = None;
    }

    /// Forgets the heads: somebody else has moved them, or may have.
    pub(super) fn forget(&mut self) {
        self.heads.clear();
    }

    /// Appends rows to their tenants' chains in a transaction of their own.
    ///
    /// # Errors
    /// When nobody knows what became of the rows: the connection is to be given up.
    pub(super) async fn append(
        &mut self,
        connection: &DatabaseConnection,
        rows: &[Prepared],
        keys: &AuditKeys,
    ) -> Result<Appended, DbErr> {
        let mut held = match self.held.take() {
            Some(held) => held,
            None => match connection.get_sqlite_connection_pool().acquire().await {
                Ok(held) => held,
                // The long way says what is wrong.
                Err(_) => return Ok(Appended::Undone),
            },
        };
        match self.try_append(&mut held, rows, keys).await {
            Ok(numbers) => {
                self.held = Some(held);
                Ok(Appended::Durable(numbers))
            }
            Err(error) => {
                self.forget();
                let undone = sqlx::raw_sql("ROLLBACK").execute(&mut *held).await;
                let error = lost(error);
                // Where the begin was refused there is nothing to roll back.
                if engine::is_busy(&error) || (engine::is_refused(&error) && undone.is_ok()) {
                    Ok(Appended::Undone)
                } else {
                    Err(error)
                }
            }
        }
    }

    async fn try_append(
        &mut self,
        connection: &mut SqliteConnection,
        rows: &[Prepared],
        keys: &AuditKeys,
    ) -> Result<Vec<u64>, sqlx::Error> {
        if self.heads.len() > REMEMBERED {
            self.forget();
        }
        let mut moved: Vec<ChainHead> = Vec::new();
        let mut numbers = Vec::with_capacity(rows.len());
        let mut trips = Vec::new();
        for chunk in rows.chunks(ROWS) {
            let mut binder =
                Binder::new(&mut self.words, chunk.len() * (AUDIT_ROW.width + AUDIT_PERSONAL.width) + 4);
            for (row, _) in chunk {
                let found = moved.iter().position(|head| head.tenant == row.tenant);
                let at = found.unwrap_or(moved.len());
                if found.is_none() {
                    moved.push(match self.heads.get(&row.tenant) {
                        Some(head) => *head,
                        None => read_head(connection, row.tenant, keys).await?,
                    });
                }
                let next = moved[at].next(row);
                binder.row(row, &moved[at], &next);
                numbers.push(next.seq);
                moved[at] = next;
            }
            let first = numbers.len() - chunk.len();
            for ((row, side), seq) in chunk.iter().zip(&numbers[first..]) {
                binder.side(row.tenant, *seq, side);
            }
            trips.push((chunk.len(), binder.arguments));
        }
        let last = trips.len().saturating_sub(1);
        for (number, (rows, mut arguments)) in trips.into_iter().enumerate() {
            let piece = match (number, &moved[..]) {
                (0, [head]) if last == 0 => {
                    put_head(&mut arguments, head, keys);
                    Piece::Whole
                }
                (0, _) => Piece::First,
                _ => Piece::Further,
            };
            run(connection, piece.of(rows), arguments).await?;
        }
        if last > 0 || moved.len() > 1 {
            for heads in moved.chunks(ROWS) {
                let mut arguments = SqliteArguments::default();
                for head in heads {
                    put_head(&mut arguments, head, keys);
                }
                run(connection, Piece::Heads.of(heads.len()), arguments).await?;
            }
            run(connection, "COMMIT", SqliteArguments::default()).await?;
        }
        self.heads.extend(moved.into_iter().map(|head| (head.tenant, head)));
        Ok(numbers)
    }
}

async fn run(
    connection: &mut SqliteConnection,
    sql: &'static str,
    arguments: SqliteArguments,
) -> Result<(), sqlx::Error> {
    sqlx::query_with(sql, arguments).execute(connection).await.map(|_| ())
}

async fn read_head(
    connection: &mut SqliteConnection,
    tenant: TenantId,
    keys: &AuditKeys,
) -> Result<ChainHead, sqlx::Error> {
    let sql = "SELECT seq, hash, signature FROM audit_head WHERE tenant_id = ?";
    let id = tenant.uuid().as_bytes().to_vec();
    let Some(found) = sqlx::query(sql).bind(id).fetch_optional(connection).await? else {
        return Ok(ChainHead::empty(tenant));
    };
    let (seq, hash, signature): (i64, Vec<u8>, Vec<u8>) =
        (found.try_get(0)?, found.try_get(1)?, found.try_get(2)?);
    signed_head(tenant, seq, &hash, &signature, keys).map_err(sqlx::Error::Protocol)
}

fn lost(error: sqlx::Error) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(Arc::new(error)))
}

/// What one trip runs, by a number of rows up to [`ROWS`].
#[derive(Clone, Copy)]
enum Piece {
    /// A whole group of one tenant.
    Whole,
    /// The begin of a larger group.
    First,
    /// More rows of it.
    Further,
    /// Its heads.
    Heads,
}

/// The text of each piece for each number of rows, made on first use; always the same, so that the engine knows it again.
static PIECES: [[OnceLock<String>; ROWS]; 4] = [const { [const { OnceLock::new() }; ROWS] }; 4];

impl Piece {
    fn of(self, rows: usize) -> &'static str {
        let made = PIECES.get(self as usize).and_then(|piece| piece.get(rows.wrapping_sub(1)));
        made.map_or("", |made| made.get_or_init(|| self.write(rows)))
    }

    fn write(self, rows: usize) -> String {
        let [row, side, heads, head] =
            [(&AUDIT_ROW, rows), (&AUDIT_PERSONAL, rows), (&AUDIT_HEAD, rows), (&AUDIT_HEAD, 1)]
                .map(|(table, rows)| table.write(DbBackend::Sqlite, rows));
        match self {
            Self::Whole => format!("BEGIN IMMEDIATE; {row}; {side}; {head} {REPLACE_HEAD}; COMMIT"),
            Self::First => format!("BEGIN IMMEDIATE; {row}; {side}"),
            Self::Further => format!("{row}; {side}"),
            Self::Heads => format!("{heads} {REPLACE_HEAD}"),
        }
    }
}

fn put_head(arguments: &mut SqliteArguments, head: &ChainHead, keys: &AuditKeys) {
    put(arguments, head.tenant.uuid().as_bytes().to_vec());
    put(arguments, number(head.seq));
    put(arguments, head.hash.0.to_vec());
    put(arguments, keys.sign(head).0.to_vec());
}

fn put<'a, T: sqlx::Encode<'a, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>>(
    arguments: &mut SqliteArguments,
    value: T,
) {
    // Numbers, texts and bytes always have an encoding.
    let _ = arguments.add(value);
}

fn number(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

/// The few words that the program writes into rows, each shared once it was seen. A word is found by where it lies: that
/// is cheaper than hashing it, and a word that lies in two places is only kept twice.
#[derive(Default)]
struct Words(Vec<(&'static str, Arc<str>)>);

impl Words {
    fn shared(&mut self, word: &'static str) -> Arc<str> {
        if let Some((_, shared)) = self.0.iter().find(|(known, _)| std::ptr::eq(*known, word)) {
            return Arc::clone(shared);
        }
        let shared: Arc<str> = Arc::from(word);
        self.0.push((word, Arc::clone(&shared)));
        shared
    }
}

/// Values of rows on their way to the driver, in the order of their tables' columns.
struct Binder<'a> {
    arguments: SqliteArguments,
    words: &'a mut Words,
}

impl<'a> Binder<'a> {
    fn new(words: &'a mut Words, values: usize) -> Self {
        let mut arguments = SqliteArguments::default();
        arguments.reserve(values, 0);
        Self { arguments, words }
    }

    fn row(&mut self, row: &AuditRow, previous: &ChainHead, head: &ChainHead) {
        self.bytes(row.tenant.uuid().as_bytes());
        self.number(number(head.seq));
        self.bytes(&previous.hash.0);
        self.bytes(&head.hash.0);
        self.number(row.schema_version.into());
        self.number(row.at.micros());
        self.bytes(row.correlation.as_bytes());
        self.text(row.traceparent.as_ref());
        self.text(Some(&row.actor_kind));
        self.some_bytes(row.actor.as_ref().map(|digest| &digest.0[..]));
        self.some(row.key.map(|key| key.to_string()));
        self.text(Some(&row.scopes));
        self.text(Some(&row.method));
        self.text(row.target.as_ref());
        self.some_bytes(row.arguments.as_ref().map(|digest| &digest.0[..]));
        self.some_bytes(row.workspace.map(|id| *id.uuid().as_bytes()).as_ref().map(|id| &id[..]));
        self.text(Some(&row.outcome));
        self.text(Some(&row.code));
        self.number(row.latency_micros);
        self.some(row.tokens);
        self.some(row.micro_credits);
        self.some_bytes(row.hold.as_ref().map(|id| &id.as_bytes()[..]));
        self.text(row.provider.as_ref());
        self.text(row.model.as_ref());
        self.number(row.removed_characters.into());
        self.text(Some(&row.limit_verdict));
        self.bytes(&row.personal.0);
    }

    fn side(&mut self, tenant: TenantId, seq: u64, side: &PersonalRow) {
        self.bytes(tenant.uuid().as_bytes());
        self.number(number(seq));
        self.bytes(&side.salt);
        self.some_bytes(side.user.map(|id| *id.uuid().as_bytes()).as_ref().map(|id| &id[..]));
        self.some_bytes(side.ip.as_ref().map(|digest| &digest.0[..]));
        self.text(side.ip_prefix.as_ref());
        self.text(side.agent.as_ref());
    }

    fn number(&mut self, value: i64) {
        put(&mut self.arguments, value);
    }

    fn bytes(&mut self, value: &[u8]) {
        put(&mut self.arguments, value.to_vec());
    }

    fn some_bytes(&mut self, value: Option<&[u8]>) {
        self.some(value.map(<[u8]>::to_vec));
    }

    fn some<T>(&mut self, value: Option<T>)
    where
        Option<T>: for<'q> sqlx::Encode<'q, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
    {
        put(&mut self.arguments, value);
    }

    fn text(&mut self, text: Option<&AuditText>) {
        let shared = text.map(|text| match text {
            AuditText::Shared(text) => Arc::clone(text),
            AuditText::Word(word) => self.words.shared(word),
        });
        self.some(shared);
    }
}
