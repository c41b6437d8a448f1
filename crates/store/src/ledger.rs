//! A tenant's ledger: rules are billing's, here they meet the tables under the tenant's lock.

mod calls;
mod convert;
mod counts;
mod holds;
mod post;
mod read;
mod scene;
mod sweep;

use async_trait::async_trait;
use pm33_billing::{
    Backing, BillingError, Disclosure, DisclosurePage, Entry, EntryPage, Frozen, Grantor, HoldId,
    HoldRequest, Ledger, MicroCredits, Period, Receipt, Settled, Settlement, Standing, Subject,
};
use pm33_tenancy::{TenantId, Timestamp};
use sea_orm::{ColumnTrait, QueryFilter, sea_query::Expr};

use crate::{StoreError, entity::credit_balance, scope, session::Session};

#[async_trait]
impl Ledger for Session {
    async fn backing(&self, tenant: TenantId) -> Result<Backing, BillingError> {
        self.read_backing(tenant).await
    }

    async fn hold(&self, request: &HoldRequest) -> Result<Receipt, BillingError> {
        self.take_hold(request).await
    }

    async fn renew(&self, tenant: TenantId, hold: HoldId, until: Timestamp) -> Result<(), BillingError> {
        self.lengthen(tenant, hold, until).await
    }

    async fn disclose(&self, disclosure: &Disclosure) -> Result<(), BillingError> {
        self.note_call(disclosure).await
    }

    async fn disclosures(
        &self,
        tenant: TenantId,
        after: Option<(HoldId, u32)>,
        limit: u64,
    ) -> Result<DisclosurePage, BillingError> {
        self.read_calls(tenant, after, limit).await
    }

    async fn settle(
        &self,
        tenant: TenantId,
        hold: HoldId,
        settlement: &Settlement,
    ) -> Result<Settled, BillingError> {
        let unit = self.write(tenant).await?;
        holds::settle(unit.db()?, tenant, hold, settlement).await
    }

    async fn grant(
        &self,
        tenant: TenantId,
        amount: MicroCredits,
        at: Timestamp,
        by: Grantor,
    ) -> Result<Entry, BillingError> {
        let unit = self.write(tenant).await?;
        let locked = post::lock(unit.db()?, tenant).await?;
        let entry = Entry::grant(&locked.accounts, amount, at, by)?;
        post::post(unit.db()?, tenant, &locked, entry).await
    }

    async fn adjust(
        &self,
        tenant: TenantId,
        amount: MicroCredits,
        at: Timestamp,
        by: Grantor,
    ) -> Result<Entry, BillingError> {
        let unit = self.write(tenant).await?;
        let locked = post::lock(unit.db()?, tenant).await?;
        let entry = Entry::adjustment(&locked.accounts, amount, at, by)?;
        post::post(unit.db()?, tenant, &locked, entry).await
    }

    async fn refund(
        &self,
        tenant: TenantId,
        hold: HoldId,
        amount: MicroCredits,
        at: Timestamp,
        by: Grantor,
    ) -> Result<Entry, BillingError> {
        let unit = self.write(tenant).await?;
        holds::refund(unit.db()?, tenant, hold, amount, at, by).await
    }

    async fn standing(
        &self,
        tenant: TenantId,
        periods: &[(Subject, Period)],
    ) -> Result<Standing, BillingError> {
        self.read_standing(tenant, periods).await
    }

    async fn entries(&self, tenant: TenantId, after: u64, limit: u64) -> Result<EntryPage, BillingError> {
        self.read_entries(tenant, read::Direction::After(after), limit).await
    }

    async fn latest_entries(
        &self,
        tenant: TenantId,
        below: Option<u64>,
        limit: u64,
    ) -> Result<EntryPage, BillingError> {
        self.read_entries(tenant, read::Direction::Below(below), limit).await
    }

    async fn freeze(&self, tenant: TenantId, frozen: Frozen) -> Result<(), BillingError> {
        let unit = self.write(tenant).await?;
        let db = unit.db()?;
        post::lock(db, tenant).await?;
        scope::change_of_tenant::<credit_balance::Entity>(tenant)
            .col_expr(credit_balance::Column::Frozen, Expr::value(i32::from(frozen == Frozen::Stopped)))
            .filter(credit_balance::Column::Frozen.ne(i32::from(frozen == Frozen::Stopped)))
            .exec(db)
            .await
            .map_err(StoreError::from)?;
        Ok(())
    }
}
