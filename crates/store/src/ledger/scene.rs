//! What a decision about a hold needs, under the tenant's lock. On the embedded database, where whoever writes is alone, it is
//! read in one trip; on PostgreSQL the lock comes first, since one statement would count what was there before it waited.

use pm33_billing::{BillingError, Hold, HoldId, HoldRequest, MicroCredits, Period, Scene, Subject};
use pm33_tenancy::TenantId;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, FromQueryResult, QueryResult, Statement, Value,
};

use super::{
    convert,
    holds::find,
    post::{Locked, lock},
};
use crate::{
    StoreError,
    entity::{credit_balance, credit_hold},
};

const HELD: &str = "SELECT b.*, h.hold_id, h.key_id, h.tool, h.amount, h.at, h.expires, h.backing, h.state \
    FROM credit_balance b, credit_hold h WHERE b.tenant_id = ?1 AND h.tenant_id = ?1 AND h.hold_id = ?2";

/// Open holds of the tenant, of the key, and of the tenant for the tool, and what is committed in periods. A hold whose life is
/// over is nobody's any more: its call would have lengthened it.
fn counted(places: usize) -> (String, &'static str) {
    let sum = |place: usize| {
        let (subject, period) = (place * 2 + 5, place * 2 + 6);
        format!(
            ", (SELECT committed FROM credit_period WHERE tenant_id = ?1 AND subject = ?{subject} AND period = ?{period}) \
             AS place_{place}"
        )
    };
    let columns = "o.of_tenant, o.of_key, o.of_tool".to_owned() + &(0..places).map(sum).collect::<String>();
    let open = "(SELECT count(*) AS of_tenant, count(CASE WHEN key_id = ?2 THEN 1 END) AS of_key, \
        count(CASE WHEN tool = ?3 THEN 1 END) AS of_tool FROM credit_hold \
        WHERE tenant_id = ?1 AND state = 'open' AND expires > ?4) o";
    (columns, open)
}

/// The accounts and what the decision about a hold goes by; periods in the order asked.
pub(super) async fn counting(
    db: &DatabaseTransaction,
    request: &HoldRequest,
    places: &[(Subject, Period)],
) -> Result<Scene, StoreError> {
    let key = request.key.map(|key| key.to_string());
    let mut values: Vec<Value> = vec![
        request.tenant.uuid().into(),
        key.into(),
        request.tool.clone().into(),
        request.at.micros().into(),
    ];
    for (subject, period) in places {
        values.extend([subject.word().into(), period.word().into()]);
    }
    let (columns, open) = counted(places.len());
    let whole = format!("SELECT b.*, {columns} FROM credit_balance b, {open} WHERE b.tenant_id = ?1");
    if let Some(row) = in_one(db, &whole, values.clone()).await? {
        return scene(&locked(&row)?, &row, places);
    }
    let locked = lock(db, request.tenant).await?;
    let backend = db.get_database_backend();
    let sql = format!("SELECT {columns} FROM {open}");
    let sql = if backend == DbBackend::Postgres { sql.replace('?', "$") } else { sql };
    let row = db.query_one_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    scene(&locked, &row.ok_or(StoreError::Corrupt { what: "count of holds" })?, places)
}

fn scene(locked: &Locked, row: &QueryResult, places: &[(Subject, Period)]) -> Result<Scene, StoreError> {
    let count = |column| row.try_get::<i64>("", column).map(|count| u32::try_from(count).unwrap_or(u32::MAX));
    let open = [count("of_tenant")?, count("of_key")?, count("of_tool")?];
    let sum = |(number, place): (usize, &(Subject, Period))| {
        let sum: Option<i64> = row.try_get("", &format!("place_{number}"))?;
        Ok((*place, MicroCredits::new(sum.unwrap_or(0))))
    };
    let committed = places.iter().enumerate().map(sum).collect::<Result<_, DbErr>>()?;
    Ok(Scene { accounts: locked.accounts, frozen: locked.frozen, open, committed })
}

/// The accounts, and a hold.
pub(super) async fn holding(
    db: &DatabaseTransaction,
    tenant: TenantId,
    id: HoldId,
) -> Result<(Locked, Hold), BillingError> {
    let values = [tenant.uuid().into(), id.uuid().into()];
    if let Some(row) = in_one(db, HELD, values).await.map_err(StoreError::from)? {
        let hold = credit_hold::Model::from_query_result(&row, "").map_err(StoreError::from)?;
        return Ok((locked(&row)?, convert::hold(hold)?));
    }
    let locked = lock(db, tenant).await?;
    Ok((locked, find(db, tenant, id).await?))
}

fn locked(row: &QueryResult) -> Result<Locked, StoreError> {
    let row = credit_balance::Model::from_query_result(row, "")?;
    Ok(Locked { accounts: convert::accounts(&row)?, frozen: row.frozen != 0 })
}

/// The row of a statement for the embedded database; none on another engine, or where something is not there yet.
async fn in_one(
    db: &DatabaseTransaction,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Option<QueryResult>, DbErr> {
    if db.get_database_backend() != DbBackend::Sqlite {
        return Ok(None);
    }
    db.query_one_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)).await
}
