//! What calls used, and how a hold is settled with it.

use pm33_tenancy::{TenantId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Accounts, Backing, BillingError, Entry, EntryKind, Hold, HoldId, HoldState, MicroCredits, Postings,
    Tokens, hold::back,
};

/// Where the figures of a usage are from, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UsageSource {
    /// The provider's final figures, even when they are zero.
    Final,
    /// The last cumulative figures of a stream that was cut.
    Stream,
    /// Our own estimate; to be reconciled with the provider.
    Estimated,
}

impl UsageSource {
    /// Every source.
    pub const ALL: [Self; 3] = [Self::Final, Self::Stream, Self::Estimated];

    /// The word in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Final => "final",
            Self::Stream => "stream",
            Self::Estimated => "estimated",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == word)
    }
}

/// One call of a provider, priced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UsageRecord {
    /// Which call under its hold, from 1.
    pub call: u32,
    /// Provider.
    pub provider: String,
    /// Model as billed.
    pub model: String,
    /// The row of the price book.
    pub price: String,
    /// Tokens.
    pub tokens: Tokens,
    /// Where the figures are from.
    pub source: UsageSource,
    /// What it costs.
    pub amount: MicroCredits,
    /// The provider's own usage figures, as JSON.
    pub raw: String,
}

/// Who pays for what was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payer {
    /// The tenant.
    Tenant,
    /// The operator: the tenant got nothing for it.
    Platform,
}

/// How a hold is to be resolved.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// Everything that was used; nothing releases the hold.
    pub usage: Vec<UsageRecord>,
    /// Who pays.
    pub payer: Payer,
    /// When.
    pub at: Timestamp,
}

/// How a hold was resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// What the tenant was charged.
    pub charged: MicroCredits,
    /// What is left to hold.
    pub available: MicroCredits,
    /// All tokens.
    pub tokens: u64,
}

/// What was told to a provider, written down before it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Disclosure {
    /// Whose data.
    pub tenant: TenantId,
    /// The hold that pays.
    pub hold: HoldId,
    /// Which call under it, from 1.
    pub call: u32,
    /// When.
    pub at: Timestamp,
    /// Provider.
    pub provider: String,
    /// Model.
    pub model: String,
    /// Categories of data, such as `work_item` or `objective`.
    pub categories: Vec<String>,
    /// Bytes of the request.
    pub bytes: u64,
    /// Values that were replaced by placeholders.
    pub redactions: u32,
}

/// Resolves a hold by what was used under it; the entry and the hold's new state, or nothing when the hold had ended and
/// nothing was used. A hold that has ended meanwhile is paid for late, from what is available and then as a debt: a cost
/// never vanishes.
///
/// # Errors
/// [`BillingError::Resolved`] when it was settled or released before.
pub fn settle(
    accounts: &Accounts,
    hold: &Hold,
    settlement: &Settlement,
) -> Result<Option<(Entry, HoldState)>, BillingError> {
    let used = MicroCredits::sum(settlement.usage.iter().map(|record| record.amount))?;
    if used.is_negative() {
        return Err(BillingError::Invalid { what: "usage", rule: "a cost is never below zero" });
    }
    let held = match hold.state {
        HoldState::Open => hold.amount,
        HoldState::Expired | HoldState::Indeterminate if settlement.usage.is_empty() => return Ok(None),
        HoldState::Expired | HoldState::Indeterminate => MicroCredits::ZERO,
        HoldState::Settled | HoldState::Released => {
            return Err(BillingError::Resolved { state: hold.state.as_str() });
        }
    };
    let is_late = hold.state != HoldState::Open;
    let (kind, postings) = match settlement.payer {
        Payer::Tenant if settlement.usage.is_empty() => {
            (EntryKind::Release, back(hold.backing, held, held.negated()?))
        }
        Payer::Tenant => {
            let kind = if is_late { EntryKind::LateSettle } else { EntryKind::Settle };
            (kind, charge(accounts, hold.backing, held, used)?)
        }
        Payer::Platform => {
            let returned = back(hold.backing, held, held.negated()?);
            let funding = returned.funding.minus(used)?;
            (EntryKind::PlatformLoss, Postings { funding, loss: used, ..returned })
        }
    };
    let state = match kind {
        EntryKind::Release => HoldState::Released,
        _ => HoldState::Settled,
    };
    Ok(Some((Entry::about(hold.id, kind, settlement.at, postings), state)))
}

/// Pays from the hold first, then from what is available, then as a debt.
fn charge(
    accounts: &Accounts,
    backing: Backing,
    held: MicroCredits,
    used: MicroCredits,
) -> Result<Postings, BillingError> {
    let from_hold = used.min(held);
    let beyond = used.minus(from_hold)?;
    let returned = held.minus(from_hold)?;
    let postings = Postings { held: held.negated()?, spent: used, ..Postings::default() };
    if backing == Backing::Unlimited {
        return Ok(Postings { funding: returned.minus(beyond)?, ..postings });
    }
    let from_available = beyond.min(accounts.sums.available);
    let owed = beyond.minus(from_available)?;
    let available = returned.minus(from_available)?;
    Ok(Postings { available, overdraft: owed.negated()?, ..postings })
}
