//! What is looked after beside the calls: holds that came to their end, and whether the books agree.

use pm33_billing::{BillingError, Hold, Mismatch, Sent, expire, reconcile};
use pm33_tenancy::{TenantId, Timestamp};
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter, QueryOrder, QuerySelect};

use super::{convert, counts, holds, post};
use crate::{
    StoreError,
    batch::Batch,
    entity::{credit_balance, credit_hold, provider_call},
    scope,
    session::Session,
};

impl Session {
    /// Ends up to `most` of a tenant's holds whose life is over; those that were ended. Joins the unit, which is begun
    /// only when there are some.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn expire_holds(
        &self,
        tenant: TenantId,
        now: Timestamp,
        most: u64,
    ) -> Result<Vec<Hold>, BillingError> {
        let over = || {
            scope::of_tenant::<credit_hold::Entity>(tenant)
                .filter(credit_hold::Column::State.eq("open"))
                .filter(credit_hold::Column::Expires.lte(now.micros()))
                .order_by_asc(credit_hold::Column::Expires)
                .limit(most)
        };
        if self.read(tenant, async |db| over().one(db).await).await?.is_none() {
            return Ok(Vec::new());
        }
        let unit = self.write(tenant).await?;
        let db = unit.db()?;
        let mut ended = Vec::new();
        // Again under the lock: some may have been settled meanwhile.
        let mut locked = post::lock(db, tenant).await?;
        for row in over().all(db).await.map_err(StoreError::from)? {
            let hold = convert::hold(row)?;
            let (entry, state) = expire(&hold, sent(db, &hold).await?, now)?;
            let accounts = locked.accounts.after(&entry.postings)?;
            holds::resolve(Batch::new(db), db, &locked, &hold, entry, state).await?;
            locked.accounts = accounts;
            ended.push(Hold { state, ..hold });
        }
        Ok(ended)
    }

    /// Whether a tenant's accounts, ledger, holds and records agree; what does not.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reconcile_credits(&self, tenant: TenantId) -> Result<Vec<Mismatch>, BillingError> {
        if !self.may_touch(tenant) {
            return Err(StoreError::Foreign.into());
        }
        let (balance, books) = self
            .inner
            .read_together(tenant, async |db| {
                let balance = scope::of_tenant::<credit_balance::Entity>(tenant).one(db).await?;
                Ok((balance, counts::books(db, tenant).await?))
            })
            .await?;
        let accounts = balance.as_ref().map(convert::accounts).transpose()?.unwrap_or_default();
        Ok(reconcile(&pm33_billing::Books { accounts, ..books }))
    }
}

async fn sent(db: &DatabaseTransaction, hold: &Hold) -> Result<Sent, StoreError> {
    let query = scope::of_tenant::<provider_call::Entity>(hold.tenant)
        .filter(provider_call::Column::HoldId.eq(hold.id.uuid()))
        .limit(1);
    Ok(if query.one(db).await?.is_some() { Sent::Something } else { Sent::Nothing })
}
