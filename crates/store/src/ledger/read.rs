//! Reading how a tenant stands, and pages of its ledger.

use pm33_billing::{Backing, BillingError, EntryPage, HoldState, MicroCredits, Period, Standing, Subject};
use pm33_tenancy::{Plan, TenantId};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use super::convert;
use crate::{
    StoreError,
    entity::{credit_balance, credit_entry, credit_hold, credit_period, tenant as tenants},
    scope,
    session::Session,
};

/// Which end a page begins at.
pub(super) enum Direction {
    /// Oldest first, after this number.
    After(u64),
    /// Newest first, below this number.
    Below(Option<u64>),
}

impl Session {
    pub(super) async fn read_backing(&self, tenant: TenantId) -> Result<Backing, BillingError> {
        let query = scope::of_tenant::<tenants::Entity>(tenant);
        let row = self.read(tenant, async |db| query.one(db).await).await?;
        let plan = row.and_then(|row| Plan::parse(&row.plan));
        Ok(if plan == Some(Plan::Local) { Backing::Unlimited } else { Backing::Credits })
    }

    pub(super) async fn read_standing(
        &self,
        tenant: TenantId,
        places: &[(Subject, Period)],
    ) -> Result<Standing, BillingError> {
        let balance = scope::of_tenant::<credit_balance::Entity>(tenant);
        let open = scope::of_tenant::<credit_hold::Entity>(tenant)
            .filter(credit_hold::Column::State.eq(HoldState::Open.as_str()))
            .order_by_asc(credit_hold::Column::At);
        let words: Vec<_> = places.iter().map(|(_, period)| period.word()).collect();
        let spent = scope::of_tenant::<credit_period::Entity>(tenant)
            .filter(credit_period::Column::Period.is_in(words));
        // Of one moment: what is held is the sum of the open holds.
        let (balance, open, spent) = self
            .read_at_once(tenant, async |db| {
                Ok((balance.one(db).await?, open.all(db).await?, spent.all(db).await?))
            })
            .await?;
        let committed = places.iter().map(|place| {
            let is_it =
                |row: &&credit_period::Model| row.subject == place.0.word() && row.period == place.1.word();
            (*place, MicroCredits::new(spent.iter().find(is_it).map_or(0, |row| row.committed)))
        });
        Ok(Standing {
            accounts: balance.as_ref().map(convert::accounts).transpose()?.unwrap_or_default(),
            frozen: balance.is_some_and(|row| row.frozen != 0),
            open: open.into_iter().map(convert::hold).collect::<Result<_, StoreError>>()?,
            committed: committed.collect(),
        })
    }

    pub(super) async fn read_entries(
        &self,
        tenant: TenantId,
        direction: Direction,
        limit: u64,
    ) -> Result<EntryPage, BillingError> {
        let seq = credit_entry::Column::Seq;
        let number = |seq: u64| i64::try_from(seq).unwrap_or(i64::MAX);
        let all = scope::of_tenant::<credit_entry::Entity>(tenant);
        let query = match direction {
            Direction::After(after) => all.filter(seq.gt(number(after))).order_by_asc(seq),
            Direction::Below(None) => all.order_by_desc(seq),
            Direction::Below(Some(below)) => all.filter(seq.lt(number(below))).order_by_desc(seq),
        };
        let query = query.limit(limit.saturating_add(1));
        let mut rows = self.read(tenant, async |db| query.all(db).await).await?;
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > most;
        rows.truncate(most);
        let entries = rows.into_iter().map(convert::entry).collect::<Result<_, StoreError>>()?;
        Ok(EntryPage { entries, more })
    }
}
