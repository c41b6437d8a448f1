//! The tenant's lock, and posting an entry under it: the balance moves and the entry is added, or neither.

use pm33_billing::{Accounts, BillingError, Entry, HoldId, MicroCredits, Postings};
use pm33_tenancy::TenantId;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QuerySelect,
    sea_query::Expr,
};

use super::convert;
use crate::{
    StoreError,
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

/// Adds an entry and moves the balance by it; `resolves` is the hold that it ends.
pub(super) async fn post(
    db: &DatabaseTransaction,
    tenant: TenantId,
    locked: &Locked,
    entry: Entry,
    resolves: Option<HoldId>,
) -> Result<Entry, BillingError> {
    let after = locked.accounts.after(&entry.postings)?;
    write(db, tenant, &locked.accounts, &after, &entry, resolves).await.map_err(StoreError::from)?;
    Ok(Entry { seq: after.seq, ..entry })
}

async fn write(
    db: &DatabaseTransaction,
    tenant: TenantId,
    before: &Accounts,
    after: &Accounts,
    entry: &Entry,
    resolves: Option<HoldId>,
) -> Result<(), DbErr> {
    let number = |seq: u64| i64::try_from(seq).unwrap_or(i64::MAX);
    let Postings { funding, available, held, spent, overdraft, loss } = after.sums;
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
    if change.exec(db).await?.rows_affected != 1 {
        return Err(DbErr::Custom("a balance moved under its lock".to_owned()));
    }
    let [funding, available, held, spent, overdraft, loss] =
        entry.postings.amounts().map(MicroCredits::micros);
    let row = credit_entry::ActiveModel {
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
    };
    credit_entry::Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}
