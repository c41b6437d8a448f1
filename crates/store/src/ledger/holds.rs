//! Taking and resolving holds.

use std::sync::Arc;

use pm33_billing::{
    BillingError, Entry, Grantor, Hold, HoldId, HoldRequest, HoldState, MicroCredits, Payer, Receipt,
    Settled, Settlement, UsageRecord, admit, periods, settle as rule,
};
use pm33_tenancy::{TenantId, Timestamp};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, QueryFilter, sea_query::Expr};
use tokio::sync::oneshot;

use super::{
    convert, counts,
    post::{Locked, lock, post_with},
    scene,
};
use crate::{
    StoreError,
    batch::Batch,
    entity::{
        credit_hold::{self, Column},
        credit_usage,
    },
    scope,
    session::Session,
};

impl Session {
    /// Takes a hold in a unit of its own.
    pub(super) async fn take_hold(&self, request: &HoldRequest) -> Result<Receipt, BillingError> {
        if !self.may_touch(request.tenant) {
            return Err(StoreError::Foreign.into());
        }
        // On the embedded database the hold's own unit would wait for this one for ever.
        if self.has_begun().await {
            return Err(BillingError::HoldAfterWrite);
        }
        let (own, request) = (self.apart(), request.clone());
        let inner = Arc::clone(&self.inner);
        let (tell, told) = oneshot::channel();
        // To its end, whatever becomes of the caller: a hold that nobody waits for any more is given back at once.
        self.inner.beside(async move {
            let taken = take_alone(own, &request).await;
            if let Err(Ok(orphan)) = tell.send(taken) {
                give_back(Session::new(inner, Some(request.tenant)), &orphan.hold).await;
            }
        });
        told.await.map_err(|_| StoreError::Closed)?
    }

    /// Lengthens a hold's life in a unit of its own, however far this one is.
    pub(super) async fn lengthen(
        &self,
        tenant: TenantId,
        id: HoldId,
        until: Timestamp,
    ) -> Result<(), BillingError> {
        let own = self.apart();
        let unit = own.write(tenant).await?;
        scope::change_of_tenant::<credit_hold::Entity>(tenant)
            .col_expr(Column::Expires, Expr::value(until.micros()))
            .filter(Column::HoldId.eq(id.uuid()))
            .filter(Column::State.eq(HoldState::Open.as_str()))
            .filter(Column::Expires.lt(until.micros()))
            .exec(unit.db()?)
            .await
            .map_err(StoreError::from)?;
        drop(unit);
        Ok(own.keep().await?)
    }
}

async fn take_alone(own: Session, request: &HoldRequest) -> Result<Receipt, BillingError> {
    let unit = own.write(request.tenant).await?;
    let receipt = take(unit.db()?, request).await?;
    drop(unit);
    own.keep().await?;
    Ok(receipt)
}

async fn give_back(own: Session, hold: &Hold) {
    let nothing = Settlement { usage: Vec::new(), payer: Payer::Tenant, at: hold.at };
    let given = async {
        let unit = own.write(hold.tenant).await?;
        settle(unit.db()?, hold.tenant, hold.id, &nothing).await?;
        drop(unit);
        Ok::<_, BillingError>(own.keep().await?)
    };
    if let Err(error) = given.await {
        tracing::warn!(error = &error as &dyn std::error::Error, hold.id = %hold.id, "an abandoned hold waits for its end");
    }
}

async fn take(db: &DatabaseTransaction, request: &HoldRequest) -> Result<Receipt, BillingError> {
    let tenant = request.tenant;
    let places = periods(request.key, request.at);
    let scene = scene::counting(db, request, &places).await?;
    let (entry, notices) = admit(request, &scene)?;
    let hold = Hold {
        id: request.id,
        tenant,
        key: request.key,
        tool: request.tool.clone(),
        amount: request.most,
        at: request.at,
        expires: request.at.plus(request.life),
        backing: request.backing,
        state: HoldState::Open,
    };
    let available = scene.accounts.after(&entry.postings)?.sums.available;
    let mut batch = Batch::new(db);
    counts::commit_in(&mut batch, tenant, &places, request.most);
    insert(&mut batch, &hold);
    let locked = Locked { accounts: scene.accounts, frozen: scene.frozen };
    post_with(batch, db, tenant, &locked, entry, None).await?;
    Ok(Receipt { hold, available, notices })
}

fn insert(batch: &mut Batch, hold: &Hold) {
    batch.insert(credit_hold::ActiveModel {
        tenant_id: Set(hold.tenant.uuid()),
        hold_id: Set(hold.id.uuid()),
        key_id: Set(hold.key.map(|key| key.to_string())),
        tool: Set(hold.tool.clone()),
        amount: Set(hold.amount.micros()),
        at: Set(hold.at.micros()),
        expires: Set(hold.expires.micros()),
        backing: Set(hold.backing.as_str().to_owned()),
        state: Set(hold.state.as_str().to_owned()),
    });
}

/// The hold, under the tenant's lock.
pub(super) async fn find(
    db: &DatabaseTransaction,
    tenant: TenantId,
    id: HoldId,
) -> Result<Hold, BillingError> {
    let query = scope::of_tenant::<credit_hold::Entity>(tenant).filter(Column::HoldId.eq(id.uuid()));
    let row = query.one(db).await.map_err(StoreError::from)?.ok_or(BillingError::NoSuchHold)?;
    Ok(convert::hold(row)?)
}

/// Resolves a hold by what was used.
pub(super) async fn settle(
    db: &DatabaseTransaction,
    tenant: TenantId,
    id: HoldId,
    settlement: &Settlement,
) -> Result<Settled, BillingError> {
    let (locked, hold) = scene::holding(db, tenant, id).await?;
    let tokens = settlement.usage.iter().fold(0, |sum: u64, one| sum.saturating_add(one.tokens.total()));
    let Some((entry, state)) = rule(&locked.accounts, &hold, settlement)? else {
        let available = locked.accounts.sums.available;
        return Ok(Settled { charged: MicroCredits::ZERO, available, tokens });
    };
    let mut batch = Batch::new(db);
    for record in &settlement.usage {
        insert_usage(&mut batch, tenant, id, record);
    }
    let charged = entry.postings.spent;
    let available = locked.accounts.after(&entry.postings)?.sums.available;
    resolve(batch, db, &locked, &hold, entry, state).await?;
    Ok(Settled { charged, available, tokens })
}

/// Ends a hold by an entry: its state, its periods, the ledger.
pub(super) async fn resolve(
    mut batch: Batch,
    db: &DatabaseTransaction,
    locked: &Locked,
    hold: &Hold,
    entry: Entry,
    state: HoldState,
) -> Result<(), BillingError> {
    let ended = scope::change_of_tenant::<credit_hold::Entity>(hold.tenant)
        .col_expr(Column::State, Expr::value(state.as_str()))
        .filter(Column::HoldId.eq(hold.id.uuid()))
        .filter(Column::State.eq(hold.state.as_str()));
    batch.update(&ended);
    let moved = entry.postings.held.plus(entry.postings.spent)?;
    counts::commit_in(&mut batch, hold.tenant, &periods(hold.key, hold.at), moved);
    let resolves = (hold.state == HoldState::Open).then_some(hold.id);
    post_with(batch, db, hold.tenant, locked, entry, resolves).await?;
    Ok(())
}

fn insert_usage(batch: &mut Batch, tenant: TenantId, hold: HoldId, record: &UsageRecord) {
    batch.insert(credit_usage::ActiveModel {
        tenant_id: Set(tenant.uuid()),
        hold_id: Set(hold.uuid()),
        call_number: Set(i32::try_from(record.call).unwrap_or(i32::MAX)),
        provider: Set(record.provider.clone()),
        model: Set(record.model.clone()),
        price: Set(record.price.clone()),
        tokens: Set(serde_json::to_string(&record.tokens).unwrap_or_default()),
        source: Set(record.source.as_str().to_owned()),
        amount: Set(record.amount.micros()),
        raw: Set(record.raw.clone()),
    });
}

/// Gives back what a hold was charged.
pub(super) async fn refund(
    db: &DatabaseTransaction,
    tenant: TenantId,
    id: HoldId,
    amount: MicroCredits,
    at: Timestamp,
    by: Grantor,
) -> Result<Entry, BillingError> {
    let locked = lock(db, tenant).await?;
    let hold = find(db, tenant, id).await?;
    let charged = counts::charged(db, tenant, id).await.map_err(StoreError::from)?;
    let entry = Entry::refund(&locked.accounts, id, charged, amount, at, by)?;
    let places = periods(hold.key, hold.at);
    let mut batch = Batch::new(db);
    counts::commit_in(&mut batch, tenant, &places, amount.negated()?);
    post_with(batch, db, tenant, &locked, entry, None).await
}
