//! The budgets of calls that servers on one PostgreSQL share: two functions of the database, one round trip each.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use pm33_admission::{AdmissionError, Ask, Budget, Lease, LimitScope, Settled, SharedBudget};
use pm33_tenancy::TenantId;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement};

use crate::{StoreError, store::Inner};

/// A stored budget.
pub(crate) struct StoredBudget {
    pub(crate) inner: Arc<Inner>,
    pub(crate) of: Budget,
}

/// A budget as it is stored.
fn number(of: Budget) -> i64 {
    match of {
        Budget::Calls => 0,
        Budget::AiCalls => 1,
    }
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

fn to_lease(row: &QueryResult) -> Result<Lease, DbErr> {
    let number = |column: &str| row.try_get::<i64>("", column);
    let count = |column: &str| Ok::<_, DbErr>(u32::try_from(number(column)?.max(0)).unwrap_or(u32::MAX));
    let span =
        |column: &str| Ok::<_, DbErr>(Duration::from_millis(u64::try_from(number(column)?).unwrap_or(0)));
    let (key_wait, tenant_wait) = (span("key_wait")?, span("tenant_wait")?);
    // A retry passes when both have room.
    let scope = if key_wait > Duration::ZERO { LimitScope::Key } else { LimitScope::Tenant };
    Ok(Lease {
        granted: count("granted")?,
        life: span("life")?,
        slot: number("booked")?,
        key_left: count("key_left")?,
        tenant_left: count("tenant_left")?,
        reset: span("reset")?,
        short_of: (scope, key_wait.max(tenant_wait)),
    })
}

#[async_trait]
impl SharedBudget for StoredBudget {
    async fn lease(&self, tenant: TenantId, principal: &str, ask: Ask) -> Result<Lease, AdmissionError> {
        let sql = "SELECT * FROM pm33_lease($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let statement = Statement::from_sql_and_values(
            DbBackend::Postgres,
            sql,
            [
                tenant.uuid().into(),
                principal.into(),
                i64::from(ask.limits.key).into(),
                i64::from(ask.limits.tenant).into(),
                i64::from(ask.needed).into(),
                i64::from(ask.part).into(),
                millis(ask.short).into(),
                millis(ask.long).into(),
                number(self.of).into(),
            ],
        );
        // A connection that reads: those that write are held for whole units.
        let row = self.inner.reach.on(self.inner.readers.query_one_raw(statement)).await;
        let row = row.map_err(StoreError::Database)?;
        let row = row.ok_or(StoreError::Corrupt { what: "lease" })?;
        Ok(to_lease(&row).map_err(StoreError::Database)?)
    }

    async fn settle(&self, tenant: TenantId, ended: &[Settled]) -> Result<(), AdmissionError> {
        for one in ended {
            let statement = Statement::from_sql_and_values(
                DbBackend::Postgres,
                "SELECT pm33_settle($1, $2, $3, $4, $5, $6)",
                [
                    tenant.uuid().into(),
                    one.principal.as_ref().into(),
                    one.slot.into(),
                    i64::from(one.made).into(),
                    i64::from(one.unused).into(),
                    number(self.of).into(),
                ],
            );
            let settled = self.inner.reach.on(self.inner.readers.execute_raw(statement)).await;
            settled.map_err(StoreError::Database)?;
        }
        Ok(())
    }
}
