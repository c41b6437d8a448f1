//! A tenant's accounts. Every entry of the ledger moves amounts between them and sums to zero.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{BillingError, MicroCredits};

/// What an entry moves into each account; the sum is zero. Also the state of the accounts, which is the sum of all
/// entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Postings {
    /// Where credits come from; its opposite is what was given to the tenant in all.
    pub funding: MicroCredits,
    /// What can be held for calls; never below zero.
    pub available: MicroCredits,
    /// What open holds keep; never below zero.
    pub held: MicroCredits,
    /// What calls have cost the tenant.
    pub spent: MicroCredits,
    /// What the tenant owes, as a number below zero: costs that came to light after their hold had ended.
    pub overdraft: MicroCredits,
    /// What calls have cost the operator and the tenant not.
    pub loss: MicroCredits,
}

impl Postings {
    /// The accounts in a fixed order.
    pub const fn amounts(&self) -> [MicroCredits; 6] {
        [self.funding, self.available, self.held, self.spent, self.overdraft, self.loss]
    }

    /// Whether nothing appears and nothing vanishes.
    pub fn is_balanced(&self) -> bool {
        // In wide numbers: an overflow must not look like balance.
        self.amounts().iter().map(|amount| i128::from(amount.micros())).sum::<i128>() == 0
    }

    fn plus(&self, other: &Self) -> Result<Self, BillingError> {
        Ok(Self {
            funding: self.funding.plus(other.funding)?,
            available: self.available.plus(other.available)?,
            held: self.held.plus(other.held)?,
            spent: self.spent.plus(other.spent)?,
            overdraft: self.overdraft.plus(other.overdraft)?,
            loss: self.loss.plus(other.loss)?,
        })
    }
}

/// The state of a tenant's accounts after some number of entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accounts {
    /// Entries so far.
    pub seq: u64,
    /// The sums.
    pub sums: Postings,
}

impl Accounts {
    /// The accounts after one more entry.
    ///
    /// # Errors
    /// When the entry does not sum to zero or takes an account below zero that must not be: a defect of the rules, never
    /// of a user.
    pub fn after(&self, postings: &Postings) -> Result<Self, BillingError> {
        if !postings.is_balanced() {
            return Err(BillingError::Invalid { what: "entry", rule: "its postings must sum to zero" });
        }
        let sums = self.sums.plus(postings)?;
        if sums.available.is_negative() || sums.held.is_negative() {
            return Err(BillingError::Invalid {
                what: "entry",
                rule: "available and held never fall below zero",
            });
        }
        if sums.overdraft > MicroCredits::ZERO {
            return Err(BillingError::Invalid { what: "entry", rule: "no more is repaid than is owed" });
        }
        Ok(Self { seq: self.seq + 1, sums })
    }

    /// What was given to the tenant in all, less what was taken back.
    pub fn granted(&self) -> Result<MicroCredits, BillingError> {
        self.sums.funding.negated()
    }

    /// What the tenant owes.
    pub fn owed(&self) -> Result<MicroCredits, BillingError> {
        self.sums.overdraft.negated()
    }
}
