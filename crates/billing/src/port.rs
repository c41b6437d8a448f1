//! The port to the ledger. A hold is durable before it is answered; everything else joins the call's unit of work.

use async_trait::async_trait;
use pm33_tenancy::{TenantId, Timestamp};

use crate::{
    Accounts, Backing, BillingError, Disclosure, Entry, Grantor, Hold, HoldId, HoldRequest, MicroCredits,
    Period, Receipt, Settled, Settlement, Subject,
};

/// Entries in the order of their numbers.
#[derive(Clone, Debug)]
pub struct EntryPage {
    /// The entries.
    pub entries: Vec<Entry>,
    /// Whether there are more.
    pub more: bool,
}

/// What was sent to providers, in the order of its holds.
#[derive(Clone, Debug)]
pub struct DisclosurePage {
    /// The records.
    pub disclosures: Vec<Disclosure>,
    /// Whether there are more.
    pub more: bool,
}

/// How a tenant stands.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// Its accounts.
    pub accounts: Accounts,
    /// Whether its AI calls are stopped.
    pub frozen: bool,
    /// Open holds, oldest first.
    pub open: Vec<Hold>,
    /// What is spent or held in each period that was asked for.
    pub committed: Vec<((Subject, Period), MicroCredits)>,
}

/// A tenant's ledger.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// What pays for a tenant's calls, by its plan.
    async fn backing(&self, tenant: TenantId) -> Result<Backing, BillingError>;

    /// Takes a hold, decided by [`crate::admit`] under the tenant's lock. It is durable when this returns, in a unit of
    /// its own: it must come before the call writes anything.
    async fn hold(&self, request: &HoldRequest) -> Result<Receipt, BillingError>;

    /// Lengthens the life of a hold whose call still runs, in a unit of its own; one that is resolved stays as it is.
    async fn renew(&self, tenant: TenantId, hold: HoldId, until: Timestamp) -> Result<(), BillingError>;

    /// Notes what is about to be sent to a provider; durable when this returns, as a hold is.
    async fn disclose(&self, disclosure: &Disclosure) -> Result<(), BillingError>;

    /// Up to `limit` records of what was sent, oldest hold first, after a call (by its hold and its number there).
    async fn disclosures(
        &self,
        tenant: TenantId,
        after: Option<(HoldId, u32)>,
        limit: u64,
    ) -> Result<DisclosurePage, BillingError>;

    /// Resolves a hold by what was used under it ([`crate::settle`]); joins the unit.
    async fn settle(
        &self,
        tenant: TenantId,
        hold: HoldId,
        settlement: &Settlement,
    ) -> Result<Settled, BillingError>;

    /// Gives credits; joins the unit.
    async fn grant(
        &self,
        tenant: TenantId,
        amount: MicroCredits,
        at: Timestamp,
        by: Grantor,
    ) -> Result<Entry, BillingError>;

    /// Corrects the account, up or down; joins the unit.
    async fn adjust(
        &self,
        tenant: TenantId,
        amount: MicroCredits,
        at: Timestamp,
        by: Grantor,
    ) -> Result<Entry, BillingError>;

    /// Gives back what a settled hold was charged, or a part of it; joins the unit.
    async fn refund(
        &self,
        tenant: TenantId,
        hold: HoldId,
        amount: MicroCredits,
        at: Timestamp,
        by: Grantor,
    ) -> Result<Entry, BillingError>;

    /// How a tenant stands, with its spending in some periods.
    async fn standing(
        &self,
        tenant: TenantId,
        periods: &[(Subject, Period)],
    ) -> Result<Standing, BillingError>;

    /// Up to `limit` entries after a number, oldest first.
    async fn entries(&self, tenant: TenantId, after: u64, limit: u64) -> Result<EntryPage, BillingError>;

    /// Up to `limit` entries below a number, newest first; without a number the newest.
    async fn latest_entries(
        &self,
        tenant: TenantId,
        below: Option<u64>,
        limit: u64,
    ) -> Result<EntryPage, BillingError>;

    /// Stops a tenant's AI calls, or lets them go on; joins the unit.
    async fn freeze(&self, tenant: TenantId, frozen: Frozen) -> Result<(), BillingError>;
}

/// Whether a tenant's AI calls are stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frozen {
    /// They are.
    Stopped,
    /// They are not.
    Free,
}
