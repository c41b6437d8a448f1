//! Looking after credits beside the calls: holds that came to their end, and whether every tenant's books agree.

use pm33_billing::{Frozen, Ledger};
use pm33_store::Store;
use pm33_tenancy::{AuditEvent, Clock};

use crate::background::{Fault, system_event};

/// Holds that end in one unit of work. A busy machine does not end many hundreds in the time that a unit may take, and then
/// none of them ended, in this sweep or any later one.
const ENDED: u64 = 100;

/// Ends every hold whose life is over; how many.
///
/// # Errors
/// When the store does not answer.
pub async fn expire_holds(store: &Store, clock: &dyn Clock) -> Result<usize, Fault> {
    let mut count = 0;
    for tenant in store.sessions().tenants().await? {
        loop {
            let session = store.session(tenant);
            let ended = session.expire_holds(tenant, clock.now(), ENDED).await?;
            if ended.is_empty() {
                break;
            }
            for hold in &ended {
                tracing::warn!(hold.id = %hold.id, hold.state = hold.state.as_str(), "a hold came to its end unsettled");
            }
            count += ended.len();
            let event = system_event(tenant, "system/credits.expire", clock);
            let target = Some(format!("{} holds", ended.len()).into());
            session.commit(AuditEvent { target, ..event }).await?;
        }
    }
    Ok(count)
}

/// Examines every tenant's books. AI calls of a tenant whose books do not agree are stopped until an operator has looked;
/// nobody else's are. How many tenants were stopped.
///
/// # Errors
/// When the store does not answer.
pub async fn examine_books(store: &Store, clock: &dyn Clock) -> Result<usize, Fault> {
    let mut stopped = 0;
    for tenant in store.sessions().tenants().await? {
        let session = store.session(tenant);
        let mismatches = session.reconcile_credits(tenant).await?;
        if mismatches.is_empty() {
            continue;
        }
        for mismatch in &mismatches {
            tracing::error!(
                tenant.id = %tenant,
                rule = mismatch.rule,
                expected = mismatch.expected,
                found = mismatch.found,
                "the books of a tenant do not agree"
            );
        }
        if session.standing(tenant, &[]).await?.frozen {
            continue;
        }
        session.freeze(tenant, Frozen::Stopped).await?;
        session.commit(system_event(tenant, "system/credits.freeze", clock)).await?;
        stopped += 1;
    }
    Ok(stopped)
}
