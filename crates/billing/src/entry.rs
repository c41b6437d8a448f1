//! An entry of the ledger: what happened, and what it moved. Entries are added and never changed.

use pm33_tenancy::{Timestamp, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Accounts, BillingError, HoldId, MicroCredits, Postings};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// Credits were given.
    Grant,
    /// A call's upper bound was set aside.
    Hold,
    /// A call ended and what it used was paid from its hold.
    Settle,
    /// A call ended without having used anything.
    Release,
    /// A hold came to the end of its life and nothing had been sent to a provider.
    Expiry,
    /// A hold came to the end of its life after something had been sent: what it cost is not known. The tenant is not
    /// charged.
    Indeterminate,
    /// The cost of a call came to light after its hold had ended.
    LateSettle,
    /// The operator paid for a call that gave the tenant nothing.
    PlatformLoss,
    /// A settled cost was given back.
    Refund,
    /// An operator corrected the account.
    Adjustment,
}

impl EntryKind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Grant,
        Self::Hold,
        Self::Settle,
        Self::Release,
        Self::Expiry,
        Self::Indeterminate,
        Self::LateSettle,
        Self::PlatformLoss,
        Self::Refund,
        Self::Adjustment,
    ];

    /// The word in the store and in exports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::Hold => "hold",
            Self::Settle => "settle",
            Self::Release => "release",
            Self::Expiry => "expiry",
            Self::Indeterminate => "indeterminate",
            Self::LateSettle => "late_settle",
            Self::PlatformLoss => "platform_loss",
            Self::Refund => "refund",
            Self::Adjustment => "adjustment",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether it ends a hold. A hold has one such entry at most: the store has a unique key over it.
    pub const fn resolves(self) -> bool {
        matches!(self, Self::Settle | Self::Release | Self::Expiry | Self::Indeterminate | Self::PlatformLoss)
    }
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Entry {
    /// Number in the tenant's ledger, without gaps from 1; 0 before it is stored.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub kind: EntryKind,
    /// The hold that it is about.
    pub hold: Option<HoldId>,
    /// What it moved.
    pub postings: Postings,
    /// Who did it, when a person did.
    pub actor: Option<UserId>,
    /// Why, for grants and corrections.
    pub note: String,
}

/// Who gives or takes credits, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grantor {
    /// The person.
    pub actor: Option<UserId>,
    /// Why.
    pub note: String,
}

impl Entry {
    /// An entry about a hold.
    pub(crate) fn about(hold: HoldId, kind: EntryKind, at: Timestamp, postings: Postings) -> Self {
        Self { seq: 0, at, kind, hold: Some(hold), postings, actor: None, note: String::new() }
    }

    /// Credits are given; what is owed is repaid first.
    ///
    /// # Errors
    /// When the amount is not above zero.
    pub fn grant(
        accounts: &Accounts,
        amount: MicroCredits,
        at: Timestamp,
        by: Grantor,
    ) -> Result<Self, BillingError> {
        if amount <= MicroCredits::ZERO {
            return Err(BillingError::Invalid { what: "amount", rule: "a grant is above zero" });
        }
        let repaid = amount.min(accounts.owed()?);
        let postings = Postings {
            funding: amount.negated()?,
            available: amount.minus(repaid)?,
            overdraft: repaid,
            ..Postings::default()
        };
        Ok(Self { seq: 0, at, kind: EntryKind::Grant, hold: None, postings, actor: by.actor, note: by.note })
    }

    /// The account is corrected: credits are added, or taken back as far as they are available.
    ///
    /// # Errors
    /// When the amount is nothing, or more is taken than is available.
    pub fn adjustment(
        accounts: &Accounts,
        amount: MicroCredits,
        at: Timestamp,
        by: Grantor,
    ) -> Result<Self, BillingError> {
        if amount == MicroCredits::ZERO {
            return Err(BillingError::Invalid { what: "amount", rule: "a correction is not zero" });
        }
        if amount > MicroCredits::ZERO {
            return Ok(Self { kind: EntryKind::Adjustment, ..Self::grant(accounts, amount, at, by)? });
        }
        let taken = amount.negated()?;
        if taken > accounts.sums.available {
            return Err(BillingError::Invalid {
                what: "amount",
                rule: "no more can be taken back than is available",
            });
        }
        let postings = Postings { funding: taken, available: amount, ..Postings::default() };
        Ok(Self {
            seq: 0,
            at,
            kind: EntryKind::Adjustment,
            hold: None,
            postings,
            actor: by.actor,
            note: by.note,
        })
    }

    /// A settled cost is given back, as far as it was charged.
    ///
    /// # Errors
    /// When the amount is not above zero or beyond what the hold was charged and not yet given back.
    pub fn refund(
        accounts: &Accounts,
        hold: HoldId,
        charged: MicroCredits,
        amount: MicroCredits,
        at: Timestamp,
        by: Grantor,
    ) -> Result<Self, BillingError> {
        if amount <= MicroCredits::ZERO || amount > charged {
            return Err(BillingError::Invalid {
                what: "amount",
                rule: "a refund is above zero and no more than what the call was charged",
            });
        }
        let repaid = amount.min(accounts.owed()?);
        let postings = Postings {
            spent: amount.negated()?,
            available: amount.minus(repaid)?,
            overdraft: repaid,
            ..Postings::default()
        };
        let entry = Self::about(hold, EntryKind::Refund, at, postings);
        Ok(Self { actor: by.actor, note: by.note, ..entry })
    }
}
