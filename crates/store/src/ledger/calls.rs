//! What is about to be sent to a provider, written down first, and read again.

use pm33_billing::{BillingError, Disclosure, DisclosurePage, HoldId};
use pm33_tenancy::{TenantId, Timestamp};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    StoreError,
    entity::provider_call::{
        self,
        Column::{CallNumber, HoldId as OfHold},
    },
    scope,
    session::Session,
};

const CORRUPT: StoreError = StoreError::Corrupt { what: "call of a provider" };

fn read(row: provider_call::Model) -> Result<Disclosure, StoreError> {
    Ok(Disclosure {
        tenant: TenantId::from_uuid(row.tenant_id),
        hold: HoldId::from_uuid(row.hold_id),
        call: u32::try_from(row.call_number).map_err(|_| CORRUPT)?,
        at: Timestamp::from_micros(row.at),
        provider: row.provider,
        model: row.model,
        categories: row.categories.split_whitespace().map(str::to_owned).collect(),
        bytes: u64::try_from(row.bytes).map_err(|_| CORRUPT)?,
        redactions: u32::try_from(row.redactions).map_err(|_| CORRUPT)?,
    })
}

impl Session {
    /// Notes a call in a unit of its own.
    pub(super) async fn note_call(&self, disclosure: &Disclosure) -> Result<(), BillingError> {
        if self.has_begun().await {
            return Err(BillingError::HoldAfterWrite);
        }
        let own = self.apart();
        let unit = own.write(disclosure.tenant).await?;
        let row = provider_call::ActiveModel {
            tenant_id: Set(disclosure.tenant.uuid()),
            hold_id: Set(disclosure.hold.uuid()),
            call_number: Set(i32::try_from(disclosure.call).unwrap_or(i32::MAX)),
            at: Set(disclosure.at.micros()),
            provider: Set(disclosure.provider.clone()),
            model: Set(disclosure.model.clone()),
            categories: Set(disclosure.categories.join(" ")),
            bytes: Set(i64::try_from(disclosure.bytes).unwrap_or(i64::MAX)),
            redactions: Set(i32::try_from(disclosure.redactions).unwrap_or(i32::MAX)),
        };
        let written = provider_call::Entity::insert(row).exec_without_returning(unit.db()?).await;
        written.map_err(StoreError::from)?;
        drop(unit);
        Ok(own.keep().await?)
    }

    pub(super) async fn read_calls(
        &self,
        tenant: TenantId,
        after: Option<(HoldId, u32)>,
        limit: u64,
    ) -> Result<DisclosurePage, BillingError> {
        let mut query = scope::of_tenant::<provider_call::Entity>(tenant);
        if let Some((hold, call)) = after {
            let call = i32::try_from(call).unwrap_or(i32::MAX);
            let same = Condition::all().add(OfHold.eq(hold.uuid())).add(CallNumber.gt(call));
            query = query.filter(Condition::any().add(OfHold.gt(hold.uuid())).add(same));
        }
        let query = query.order_by_asc(OfHold).order_by_asc(CallNumber).limit(limit.saturating_add(1));
        let mut rows = self.read(tenant, async |db| query.all(db).await).await?;
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > most;
        rows.truncate(most);
        let disclosures = rows.into_iter().map(read).collect::<Result<_, StoreError>>()?;
        Ok(DisclosurePage { disclosures, more })
    }
}
