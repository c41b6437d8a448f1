//! Sums and counts over the ledger's tables, written by hand: each is one statement, on both engines.

use pm33_billing::{Books, HoldId, HoldRequest, MicroCredits, Period, Postings, Subject};
use pm33_tenancy::TenantId;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, QueryResult, Statement, Value};

async fn one(
    db: &DatabaseTransaction,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<QueryResult, DbErr> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    db.query_one_raw(statement).await?.ok_or_else(|| DbErr::Custom("a count gave no row".to_owned()))
}

/// Open holds of the tenant, of the key, and of the tenant for the tool.
pub(super) async fn open_holds(db: &DatabaseTransaction, request: &HoldRequest) -> Result<[u32; 3], DbErr> {
    let sql = "SELECT count(*), count(CASE WHEN key_id = $2 THEN 1 END), count(CASE WHEN tool = $3 THEN 1 END) \
               FROM credit_hold WHERE tenant_id = $1 AND state = 'open'";
    let key = request.key.map(|key| key.to_string());
    let row = one(db, sql, [request.tenant.uuid().into(), key.into(), request.tool.clone().into()]).await?;
    let count =
        |column| row.try_get_by_index::<i64>(column).map(|count| u32::try_from(count).unwrap_or(u32::MAX));
    Ok([count(0)?, count(1)?, count(2)?])
}

/// Adds to what is spent or held in some periods; the sums with it.
pub(super) async fn commit_to(
    db: &DatabaseTransaction,
    tenant: TenantId,
    places: &[(Subject, Period)],
    amount: MicroCredits,
) -> Result<Vec<((Subject, Period), MicroCredits)>, DbErr> {
    let tuples: Vec<_> =
        (0..places.len()).map(|place| format!("($1, ${}, ${}, $2)", place * 2 + 3, place * 2 + 4)).collect();
    let sql = format!(
        "INSERT INTO credit_period (tenant_id, subject, period, committed) VALUES {} \
         ON CONFLICT (tenant_id, subject, period) DO UPDATE \
         SET committed = credit_period.committed + excluded.committed RETURNING subject, period, committed",
        tuples.join(", ")
    );
    let mut values: Vec<Value> = vec![tenant.uuid().into(), amount.micros().into()];
    for (subject, period) in places {
        values.extend([subject.word().into(), period.word().into()]);
    }
    let rows =
        db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
    let mut sums = Vec::with_capacity(places.len());
    for row in rows {
        let (subject, period): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let place = places.iter().find(|(one, other)| one.word() == subject && other.word() == period);
        let place = place.ok_or_else(|| DbErr::Custom("a period was not asked for".to_owned()))?;
        sums.push((*place, MicroCredits::new(row.try_get_by_index(2)?)));
    }
    Ok(sums)
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
