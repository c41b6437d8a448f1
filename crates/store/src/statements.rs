//! Statements that are written by hand, because a batch through the ORM is several times dearer.

use std::sync::OnceLock;

use pm33_tenancy::{AuditKeys, ChainHead, Digest, TenantId, Timestamp};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, QueryResult, Statement, Value};

/// A table that many rows are put into by few statements.
pub(crate) struct Bulk {
    pub(crate) table: &'static str,
    pub(crate) columns: &'static str,
    /// Columns per row.
    pub(crate) width: usize,
    /// The statement for each number of rows, made on first use.
    pub(crate) sqlite: [OnceLock<String>; ROWS],
    pub(crate) postgres: [OnceLock<String>; ROWS],
}

/// Rows of one statement at most; both engines take more parameters than that needs.
pub(crate) const ROWS: usize = 64;

/// The audit log.
pub(crate) static AUDIT_ROW: Bulk = Bulk {
    table: "audit_row",
    columns: "tenant_id, seq, prev_hash, hash, schema_version, at, correlation, traceparent, actor_kind, actor, key_id, \
              scopes, method, target, arguments, workspace_id, outcome, code, latency_micros, tokens, micro_credits, \
              hold, provider, model, removed_characters, limit_verdict, personal",
    width: 27,
    sqlite: [const { OnceLock::new() }; ROWS],
    postgres: [const { OnceLock::new() }; ROWS],
};

/// The personal side of the audit log.
pub(crate) static AUDIT_PERSONAL: Bulk = Bulk {
    table: "audit_personal",
    columns: "tenant_id, seq, salt, user_id, ip, ip_prefix, agent",
    width: 7,
    sqlite: [const { OnceLock::new() }; ROWS],
    postgres: [const { OnceLock::new() }; ROWS],
};

/// The heads of the audit log's chains.
pub(crate) static AUDIT_HEAD: Bulk = Bulk {
    table: "audit_head",
    columns: "tenant_id, seq, hash, signature",
    width: 4,
    sqlite: [const { OnceLock::new() }; ROWS],
    postgres: [const { OnceLock::new() }; ROWS],
};

impl Bulk {
    /// The statement for a number of rows up to [`ROWS`]; always the same, so that the engine knows it again.
    pub(crate) fn statement(&self, backend: DbBackend, rows: usize) -> &str {
        let made = if backend == DbBackend::Postgres { &self.postgres } else { &self.sqlite };
        made.get(rows - 1).map_or("", |statement| statement.get_or_init(|| self.write(backend, rows)))
    }

    /// Writes the statement for a number of rows.
    pub(crate) fn write(&self, backend: DbBackend, rows: usize) -> String {
        let place = |row: usize, column: usize| {
            if backend == DbBackend::Postgres {
                format!("${}", row * self.width + column)
            } else {
                // SQLite takes `$1` for a name, and looking a name up takes longer with every one before it.
                "?".to_owned()
            }
        };
        let tuple = |row: usize| {
            let places = (1..=self.width).map(|column| place(row, column));
            format!("({})", places.collect::<Vec<_>>().join(", "))
        };
        let tuples = (0..rows).map(tuple).collect::<Vec<_>>().join(", ");
        format!("INSERT INTO {} ({}) VALUES {tuples}", self.table, self.columns)
    }

    /// Inserts rows that lie one after the other in `values`.
    pub(crate) async fn insert(&self, db: &impl ConnectionTrait, values: Vec<Value>) -> Result<(), DbErr> {
        self.insert_with(db, values, "").await
    }

    async fn insert_with(
        &self,
        db: &impl ConnectionTrait,
        values: Vec<Value>,
        rest: &str,
    ) -> Result<(), DbErr> {
        for (mut statement, _) in self.statements(db.get_database_backend(), values) {
            if !rest.is_empty() {
                statement.sql = format!("{} {rest}", statement.sql);
            }
            db.execute_raw(statement).await?;
        }
        Ok(())
    }

    /// The statements that insert rows that lie one after the other in `values`, each with their number.
    pub(crate) fn statements(
        &self,
        backend: DbBackend,
        values: Vec<Value>,
    ) -> impl Iterator<Item = (Statement, u64)> {
        let mut left = values;
        std::iter::from_fn(move || {
            if left.is_empty() {
                return None;
            }
            let rows = (left.len() / self.width).clamp(1, ROWS);
            // A prepared statement takes as much memory as its rows: seven of them for 1, 2, 4 … 64 rows take a sixteenth of
            // one for each number. Elsewhere a statement more is a trip over the network more.
            let rows = if backend == DbBackend::Sqlite { 1 << rows.ilog2() } else { rows };
            let further = left.split_off((rows * self.width).min(left.len()));
            let chunk = std::mem::replace(&mut left, further);
            let sql = self.statement(backend, rows);
            Some((Statement::from_sql_and_values(backend, sql, chunk), rows as u64))
        })
    }
}

/// Reads the heads of some tenants' chains and, on PostgreSQL, locks them until the transaction ends. Chains without a
/// row have an empty head. A head that is not signed by the deployment's key is not gone on from: the next signature
/// would make a forged chain ours.
pub(crate) async fn lock_heads(
    db: &DatabaseTransaction,
    tenants: &[TenantId],
    keys: &AuditKeys,
) -> Result<Vec<ChainHead>, DbErr> {
    let backend = db.get_database_backend();
    let places = (1..=tenants.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
    // In order of tenants, so that two writers never wait for each other.
    let lock = if backend == DbBackend::Postgres { " ORDER BY tenant_id FOR UPDATE" } else { "" };
    let sql =
        format!("SELECT tenant_id, seq, hash, signature FROM audit_head WHERE tenant_id IN ({places}){lock}");
    let read = async || {
        let values: Vec<Value> = tenants.iter().map(|tenant| tenant.uuid().into()).collect();
        let rows = db.query_all_raw(Statement::from_sql_and_values(backend, &sql, values)).await?;
        rows.iter().map(|row| to_head(row, keys)).collect::<Result<Vec<_>, _>>()
    };
    let mut heads = read().await?;
    let missing: Vec<_> = tenants
        .iter()
        .filter(|tenant| heads.iter().all(|head| head.tenant != **tenant))
        .map(|id| ChainHead::empty(*id))
        .collect();
    if backend == DbBackend::Postgres && !missing.is_empty() {
        // A first row has no head to lock: one is made, and whoever comes second waits for it.
        let values = missing.iter().flat_map(|head| head_values(head, Digest::default())).collect();
        AUDIT_HEAD.insert_with(db, values, "ON CONFLICT DO NOTHING").await?;
        return read().await;
    }
    heads.extend(missing);
    Ok(heads)
}

/// Reads the head of a tenant's chain; why it cannot be gone on from, if so.
pub(crate) async fn head(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    keys: &AuditKeys,
) -> Result<Result<ChainHead, String>, DbErr> {
    let sql = "SELECT seq, hash, signature FROM audit_head WHERE tenant_id = $1";
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [tenant.uuid().into()]);
    let Some(row) = db.query_one_raw(statement).await? else { return Ok(Ok(ChainHead::empty(tenant))) };
    let (hash, signature): (Vec<u8>, Vec<u8>) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
    Ok(signed_head(tenant, row.try_get_by_index(0)?, &hash, &signature, keys))
}

fn to_head(row: &QueryResult, keys: &AuditKeys) -> Result<ChainHead, DbErr> {
    let (tenant, seq): (uuid::Uuid, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    let (hash, signature): (Vec<u8>, Vec<u8>) = (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
    signed_head(TenantId::from_uuid(tenant), seq, &hash, &signature, keys).map_err(DbErr::Custom)
}

/// A stored head, when it is one of the deployment's; otherwise why not.
pub(crate) fn signed_head(
    tenant: TenantId,
    seq: i64,
    hash: &[u8],
    signature: &[u8],
    keys: &AuditKeys,
) -> Result<ChainHead, String> {
    let read = || {
        let head = ChainHead { tenant, seq: u64::try_from(seq).ok()?, hash: Digest::from_slice(hash)? };
        Some((head, Digest::from_slice(signature)?))
    };
    let (head, signature) =
        read().ok_or_else(|| format!("the audit head of tenant {tenant} cannot be read"))?;
    // One that was made to be locked, before the first row, has no signature.
    if head == ChainHead::empty(tenant) || keys.is_signed(&head, &signature) {
        return Ok(head);
    }
    Err(format!(
        "the audit head of tenant {tenant} is not signed with this deployment's key: the log was changed from outside, \
         or secrets.toml is not the one that belongs to this database; put a backup back"
    ))
}

fn head_values(head: &ChainHead, signature: Digest) -> [Value; 4] {
    [
        head.tenant.uuid().into(),
        i64::try_from(head.seq).unwrap_or(i64::MAX).into(),
        head.hash.0.to_vec().into(),
        signature.0.to_vec().into(),
    ]
}

/// What makes an insert of heads move those that are there.
pub(crate) const REPLACE_HEAD: &str = "ON CONFLICT (tenant_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, \
                            signature = excluded.signature";

/// The three statements of a group of one tenant's rows in one text, for each number of rows.
static AUDIT_GROUP: [OnceLock<String>; ROWS] = [const { OnceLock::new() }; ROWS];

/// Writes audit rows, their personal sides, and the heads of their chains with their signatures.
pub(crate) async fn write_audit(
    db: &DatabaseTransaction,
    main: Vec<Value>,
    personal: Vec<Value>,
    heads: &[(ChainHead, Digest)],
) -> Result<(), DbErr> {
    let backend = db.get_database_backend();
    let head_rows = heads.iter().flat_map(|(head, signature)| head_values(head, *signature));
    let rows = main.len() / AUDIT_ROW.width;
    // SQLite takes several statements at once, and each one that comes alone is a trip to its connection's thread.
    let together =
        AUDIT_GROUP.get(rows.wrapping_sub(1)).filter(|_| backend == DbBackend::Sqlite && heads.len() == 1);
    let Some(together) = together else {
        AUDIT_ROW.insert(db, main).await?;
        AUDIT_PERSONAL.insert(db, personal).await?;
        return AUDIT_HEAD.insert_with(db, head_rows.collect(), REPLACE_HEAD).await;
    };
    let sql = together.get_or_init(|| {
        let [row, side, head] = [(&AUDIT_ROW, rows), (&AUDIT_PERSONAL, rows), (&AUDIT_HEAD, 1)]
            .map(|(table, rows)| table.write(backend, rows));
        format!("{row}; {side}; {head} {REPLACE_HEAD}")
    });
    let values = main.into_iter().chain(personal).chain(head_rows);
    db.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    Ok(())
}

/// Forgets up to `most` idempotency records of a tenant that are past their life; how many.
pub(crate) async fn forget_expired(
    db: &DatabaseTransaction,
    tenant: TenantId,
    now: Timestamp,
    most: u64,
) -> Result<u64, DbErr> {
    let sql = "DELETE FROM idempotency WHERE tenant_id = $1 AND (principal, tool, idem_key) IN \
               (SELECT principal, tool, idem_key FROM idempotency WHERE tenant_id = $1 AND expires <= $2 LIMIT $3)";
    let values: [Value; 3] =
        [tenant.uuid().into(), now.micros().into(), i64::try_from(most).unwrap_or(i64::MAX).into()];
    let done = db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
    Ok(done.rows_affected())
}

/// Counts of calls that are out of every window: by the database's clock, which booked them. A slot is half a second.
const STALE: &str = "FROM call_window WHERE tenant_id = $1 AND slot < floor(extract(epoch FROM clock_timestamp()) * 2)::bigint - 121";

/// Whether a tenant has counts of calls that are out of every window.
pub(crate) async fn has_stale_windows(db: &impl ConnectionTrait, tenant: TenantId) -> Result<bool, DbErr> {
    let sql = format!("SELECT 1 {STALE} LIMIT 1");
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [tenant.uuid().into()]);
    Ok(db.query_one_raw(statement).await?.is_some())
}

/// Forgets them.
pub(crate) async fn forget_windows(db: &DatabaseTransaction, tenant: TenantId) -> Result<u64, DbErr> {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        format!("DELETE {STALE}"),
        [tenant.uuid().into()],
    );
    Ok(db.execute_raw(statement).await?.rows_affected())
}
