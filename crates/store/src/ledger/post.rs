//! The tenant's lock, and posting an entry under it: the balance moves and the entry is added, or neither.

use pm33_billing::{Accounts, BillingError, Entry, HoldId, MicroCredits, Postings};
use pm33_tenancy::TenantId;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, QueryFilter, QuerySelect, sea_query::Expr,
};

use super::convert;
use crate::{
    StoreError,
    batch::Batch,
    entity::{
        credit_balance::{self, Column},
        credit_entry,
    },
    scope,
};

/// A tenant's accounts; nobody else moves them until the unit ends.
pub(super) struct Locked {
    pub(super) accounts: Accounts,
    pub(super) frozen: bool,
}

/// Locks a tenant's balance; it is made when it is not there.
pub(super) async fn lock(db: &DatabaseTransaction, tenant: TenantId) -> Result<Locked, StoreError> {
    // On SQLite whoever writes holds the whole database, and no lock is asked for.
    let read = async || scope::of_tenant::<credit_balance::Entity>(tenant).lock_exclusive().one(db).await;
    let mut row = read().await?;
    if row.is_none() {
        scope::add_if_free(empty(tenant), db).await?;
        row = read().await?;
    }
    let row = row.ok_or(StoreError::Corrupt { what: "balance" })?;
    Ok(Locked { accounts: convert::accounts(&row)?, frozen: row.frozen != 0 })
}

fn empty(tenant: TenantId) -> credit_balance::ActiveModel {
    credit_balance::ActiveModel {
        tenant_id: Set(tenant.uuid()),
        seq: Set(0),
        funding: Set(0),
        available: Set(0),
        held: Set(0),
        spent: Set(0),
        overdraft: Set(0),
        loss: Set(0),
        frozen: Set(0),
    }
}

/// Adds an entry and moves the balance by it.
pub(super) async fn post(
    db: &DatabaseTransaction,
    tenant: TenantId,
    locked: &Locked,
    entry: Entry,
) -> Result<Entry, BillingError> {
    post_with(Batch::new(db), db, tenant, locked, entry, None).await
}

/// Adds an entry and moves the balance by it, after the other changes of a batch; `resolves` is the hold that it ends.
pub(super) async fn post_with(
    mut batch: Batch,
    db: &DatabaseTransaction,
    tenant: TenantId,
    locked: &Locked,
    entry: Entry,
    resolves: Option<HoldId>,
) -> Result<Entry, BillingError> {
    let after = locked.accounts.after(&entry.postings)?;
    write(&mut batch, tenant, &locked.accounts, &after, &entry, resolves);
    batch.run(db).await.map_err(StoreError::from)?;
    Ok(Entry { seq: after.seq, ..entry })
}

fn write(
    batch: &mut Batch,
    tenant: TenantId,
    before: &Accounts,
    after: &Accounts,
    entry: &Entry,
    resolves: Option<HoldId>,
) {
    let number = |seq: u64| i64::try_from(seq).unwrap_or(i64::MAX);
    let Postings { funding, available, held, spent, overdraft, loss } = after.sums;
    // A balance that moved under its lock is not the one that is changed.
    let mut change = scope::change_of_tenant::<credit_balance::Entity>(tenant)
        .col_expr(Column::Seq, Expr::value(number(after.seq)))
        .filter(Column::Seq.eq(number(before.seq)));
    for (column, amount) in [
        (Column::Funding, funding),
        (Column::Available, available),
        (Column::Held, held),
        (Column::Spent, spent),
        (Column::Overdraft, overdraft),
        (Column::Loss, loss),
    ] {
        change = change.col_expr(column, Expr::value(amount.micros()));
    }
    batch.update(&change);
    let [funding, available, held, spent, overdraft, loss] =
        entry.postings.amounts().map(MicroCredits::micros);
    batch.insert(credit_entry::ActiveModel {
        tenant_id: Set(tenant.uuid()),
        seq: Set(number(after.seq)),
        at: Set(entry.at.micros()),
        kind: Set(entry.kind.as_str().to_owned()),
        hold_id: Set(entry.hold.map(HoldId::uuid)),
        resolves: Set(resolves.map(HoldId::uuid)),
        funding: Set(funding),
        available: Set(available),
        held: Set(held),
        spent: Set(spent),
        overdraft: Set(overdraft),
        loss: Set(loss),
        actor: Set(entry.actor.map(pm33_tenancy::UserId::uuid)),
        note: Set(entry.note.clone()),
    });
}
