//! Sums and counts over the ledger's tables, written by hand: each is one statement, on both engines.

use pm33_billing::{Books, HoldId, MicroCredits, Period, Postings, Subject};
use pm33_tenancy::TenantId;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, QueryResult, Statement, Value};

use crate::batch::Batch;

async fn one(
    db: &DatabaseTransaction,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<QueryResult, DbErr> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    db.query_one_raw(statement).await?.ok_or_else(|| DbErr::Custom("a count gave no row".to_owned()))
}

/// Adds to what is spent or held in some periods, with the other changes of a batch.
pub(super) fn commit_in(
    batch: &mut Batch,
    tenant: TenantId,
    places: &[(Subject, Period)],
    amount: MicroCredits,
) {
    let backend = batch.backend();
    let mut number = 0;
    let mut place = || {
        number += 1;
        if backend == DbBackend::Postgres { format!("${number}") } else { "?".to_owned() }
    };
    let tuples: Vec<_> =
        places.iter().map(|_| format!("({}, {}, {}, {})", place(), place(), place(), place())).collect();
    let sql = format!(
        "INSERT INTO credit_period (tenant_id, subject, period, committed) VALUES {} \
         ON CONFLICT (tenant_id, subject, period) DO UPDATE \
         SET committed = credit_period.committed + excluded.committed",
        tuples.join(", ")
    );
    let row = |(subject, period): &(Subject, Period)| -> [Value; 4] {
        [tenant.uuid().into(), subject.word().into(), period.word().into(), amount.micros().into()]
    };
    batch.raw(sql, places.iter().flat_map(row).collect(), places.len() as u64);
}

/// What a hold was charged and not yet given back.
pub(super) async fn charged(
    db: &DatabaseTransaction,
    tenant: TenantId,
    hold: HoldId,
) -> Result<MicroCredits, DbErr> {
    let sql = "SELECT CAST(coalesce(sum(spent), 0) AS BIGINT) FROM credit_entry WHERE tenant_id = $1 AND hold_id = $2";
    let row = one(db, sql, [tenant.uuid().into(), hold.uuid().into()]).await?;
    Ok(MicroCredits::new(row.try_get_by_index(0)?))
}

/// Counts and sums of the books, beside the balance.
pub(super) async fn books(db: &DatabaseTransaction, tenant: TenantId) -> Result<Books, DbErr> {
    let whole = |expression: &str| format!("CAST(coalesce(sum({expression}), 0) AS BIGINT)");
    let sums: Vec<_> =
        ["funding", "available", "held", "spent", "overdraft", "loss"].map(whole).into_iter().collect();
    let paid = whole("CASE WHEN kind = 'refund' THEN 0 ELSE spent + loss END");
    let sql = format!(
        "SELECT count(*), {}, {paid}, \
         count(CASE WHEN funding + available + held + spent + overdraft + loss <> 0 THEN 1 END) \
         FROM credit_entry WHERE tenant_id = $1",
        sums.join(", ")
    );
    let id = || [Value::from(tenant.uuid())];
    let entries = one(db, &sql, id()).await?;
    let amount = |row: &QueryResult, column| row.try_get_by_index::<i64>(column).map(MicroCredits::new);
    let number = |row: &QueryResult, column| {
        row.try_get_by_index::<i64>(column).map(|count| u64::try_from(count).unwrap_or(0))
    };
    let open = one(
        db,
        &format!("SELECT {} FROM credit_hold WHERE tenant_id = $1 AND state = 'open'", whole("amount")),
        id(),
    )
    .await?;
    let used =
        one(db, &format!("SELECT {} FROM credit_usage WHERE tenant_id = $1", whole("amount")), id()).await?;
    let lonely = one(db, LONELY, id()).await?;
    Ok(Books {
        entries: number(&entries, 0)?,
        sums: Postings {
            funding: amount(&entries, 1)?,
            available: amount(&entries, 2)?,
            held: amount(&entries, 3)?,
            spent: amount(&entries, 4)?,
            overdraft: amount(&entries, 5)?,
            loss: amount(&entries, 6)?,
        },
        settled: amount(&entries, 7)?,
        unbalanced: number(&entries, 8)?,
        open_holds: amount(&open, 0)?,
        used: amount(&used, 0)?,
        settled_without_usage: number(&lonely, 0)?,
        settled_without_audit: number(&lonely, 1)?,
        calls_without_hold: number(&lonely, 2)?,
        usage_without_call: number(&lonely, 3)?,
        ..Books::default()
    })
}

/// Rows that lack their counterpart. The audit log is asked only as far back as it reaches: retention shortens it.
const LONELY: &str = "SELECT \
    (SELECT count(*) FROM credit_entry e WHERE e.tenant_id = $1 AND e.kind IN ('settle', 'late_settle', 'platform_loss') \
     AND NOT EXISTS (SELECT 1 FROM credit_usage u WHERE u.tenant_id = $1 AND u.hold_id = e.hold_id)), \
    (SELECT count(*) FROM credit_entry e WHERE e.tenant_id = $1 AND e.kind IN ('settle', 'late_settle', 'platform_loss') \
     AND e.at > (SELECT min(a.at) FROM audit_row a WHERE a.tenant_id = $1) \
     AND NOT EXISTS (SELECT 1 FROM audit_row a WHERE a.tenant_id = $1 AND a.hold = e.hold_id)), \
    (SELECT count(*) FROM provider_call c WHERE c.tenant_id = $1 \
     AND NOT EXISTS (SELECT 1 FROM credit_hold h WHERE h.tenant_id = $1 AND h.hold_id = c.hold_id)), \
    (SELECT count(*) FROM credit_usage u WHERE u.tenant_id = $1 AND NOT EXISTS (SELECT 1 FROM provider_call c \
     WHERE c.tenant_id = $1 AND c.hold_id = u.hold_id AND c.call_number = u.call_number))";
