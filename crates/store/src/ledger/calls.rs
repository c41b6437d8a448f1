//! What is about to be sent to a provider, written down first.

use pm33_billing::{BillingError, Disclosure};
use sea_orm::{ActiveValue::Set, EntityTrait};

use crate::{StoreError, entity::provider_call, session::Session};

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
}
