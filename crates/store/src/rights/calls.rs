//! Calls of an organisation by tool and outcome, counted from its audit log, for usage metrics.

use pm33_tenancy::{TenantId, Timestamp, UserId};
use sea_orm::{ConnectionTrait, Statement, Value};

use crate::{Store, StoreError};

impl Store {
    /// Calls of tools between two times, by tool and outcome, without those of some members.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn calls_of(
        &self,
        tenant: TenantId,
        from: Timestamp,
        to: Timestamp,
        without: &[UserId],
    ) -> Result<Vec<(String, String, u64)>, StoreError> {
        self.inner.settle().await?;
        let mut values: Vec<Value> = vec![tenant.uuid().into(), from.micros().into(), to.micros().into()];
        values.extend(without.iter().map(|user| Value::from(self.pseudonym(*user).0.to_vec())));
        let places = (4..=values.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
        let but = if without.is_empty() {
            String::new()
        } else {
            format!(" AND (actor IS NULL OR actor NOT IN ({places}))")
        };
        let sql = format!(
            "SELECT target, outcome, count(*) FROM audit_row WHERE tenant_id = $1 AND at >= $2 AND at < $3 \
             AND method = 'tools/call' AND target IS NOT NULL{but} GROUP BY target, outcome"
        );
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        self.operator()
            .read(tenant, async |db| {
                let rows = db.query_all_raw(statement).await?;
                rows.iter()
                    .map(|row| {
                        let calls: i64 = row.try_get_by_index(2)?;
                        let (target, outcome) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
                        Ok((target, outcome, u64::try_from(calls).unwrap_or(0)))
                    })
                    .collect()
            })
            .await
    }
}
