//! Rows of the ledger's tables as billing's values.

use pm33_billing::{Accounts, Backing, Entry, EntryKind, Hold, HoldId, HoldState, MicroCredits, Postings};
use pm33_tenancy::{KeyId, TenantId, Timestamp, UserId};

use crate::{
    StoreError,
    entity::{credit_balance, credit_entry, credit_hold},
};

/// The accounts of a balance row.
pub(super) fn accounts(row: &credit_balance::Model) -> Result<Accounts, StoreError> {
    let sums = Postings {
        funding: MicroCredits::new(row.funding),
        available: MicroCredits::new(row.available),
        held: MicroCredits::new(row.held),
        spent: MicroCredits::new(row.spent),
        overdraft: MicroCredits::new(row.overdraft),
        loss: MicroCredits::new(row.loss),
    };
    Ok(Accounts { seq: u64::try_from(row.seq).map_err(|_| StoreError::Corrupt { what: "balance" })?, sums })
}

/// A hold.
pub(super) fn hold(row: credit_hold::Model) -> Result<Hold, StoreError> {
    let corrupt = || StoreError::Corrupt { what: "hold" };
    let key = row.key_id.map(|key| key.parse::<KeyId>()).transpose().map_err(|_| corrupt())?;
    Ok(Hold {
        id: HoldId::from_uuid(row.hold_id),
        tenant: TenantId::from_uuid(row.tenant_id),
        key,
        tool: row.tool,
        amount: MicroCredits::new(row.amount),
        at: Timestamp::from_micros(row.at),
        expires: Timestamp::from_micros(row.expires),
        backing: Backing::parse(&row.backing).ok_or_else(corrupt)?,
        state: HoldState::parse(&row.state).ok_or_else(corrupt)?,
    })
}

/// An entry.
pub(super) fn entry(row: credit_entry::Model) -> Result<Entry, StoreError> {
    let corrupt = || StoreError::Corrupt { what: "ledger entry" };
    Ok(Entry {
        seq: u64::try_from(row.seq).map_err(|_| corrupt())?,
        at: Timestamp::from_micros(row.at),
        kind: EntryKind::parse(&row.kind).ok_or_else(corrupt)?,
        hold: row.hold_id.map(HoldId::from_uuid),
        postings: Postings {
            funding: MicroCredits::new(row.funding),
            available: MicroCredits::new(row.available),
            held: MicroCredits::new(row.held),
            spent: MicroCredits::new(row.spent),
            overdraft: MicroCredits::new(row.overdraft),
            loss: MicroCredits::new(row.loss),
        },
        actor: row.actor.map(UserId::from_uuid),
        note: row.note,
    })
}
