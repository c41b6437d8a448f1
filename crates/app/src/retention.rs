//! Retention beside the calls: audit rows and documents that are over their time go, in bounded steps that say what they
//! removed.

use std::time::Duration;

use pm33_store::Store;
use pm33_tenancy::{AuditEvent, AuditRetention, Clock, PurgeRule, TenancyError, TenantId, Timestamp};

use crate::{
    background::{Fault, system_event},
    operator::act,
};

/// Rows that one unit of work removes; it holds the embedded database's writer for some tens of milliseconds.
const STEP: u64 = 2_000;
/// Steps of one tenant in one sweep; the next sweep goes on.
pub(crate) const STEPS: u32 = 50;
const DAY: Duration = Duration::from_hours(24);
/// How long a judgement is kept; the data map says so.
pub(crate) const JUDGED: Duration = Duration::from_hours(90 * 24);

/// Who removes rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remover {
    /// A sweep.
    System,
    /// Somebody at the command line.
    Operator,
}

/// What a sweep of a tenant's audit log did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// Rows that were removed.
    pub removed: u64,
    /// Whether more is due than one sweep removes.
    pub goes_on: bool,
}

/// The day before which rows of a log that is kept so many days are over their time: whole days (UTC), so that a log is
/// shortened once a day.
pub fn kept_since(now: Timestamp, days: u32) -> Timestamp {
    let day = i64::try_from(DAY.as_micros()).unwrap_or(i64::MAX);
    let before = now.minus(DAY.saturating_mul(days));
    Timestamp::from_micros(before.micros() - before.micros().rem_euclid(day))
}

/// Removes a tenant's audit rows that are over their time and not held, each step with its signed note and its own audit
/// row in one unit of work.
///
/// # Errors
/// When the store does not answer, or what is to go does not verify.
pub async fn purge_audit(
    store: &Store,
    clock: &dyn Clock,
    tenant: TenantId,
    remover: Remover,
    steps: u32,
) -> Result<Purged, Fault> {
    let days = store.session(tenant).audit_days(tenant).await?.days;
    let mut done = Purged::default();
    for step in 0..=steps {
        let now = clock.now();
        let before = kept_since(now, days);
        // Mostly nothing is due, and then nobody has to wait for the writer.
        if store.session(tenant).overdue(tenant, before).await?.removable == 0 {
            return Ok(done);
        }
        if step == steps {
            break;
        }
        let policy = format!("audit_days={days}");
        let actor = if remover == Remover::System { "system" } else { "operator" };
        let session = store.session(tenant);
        let rule = PurgeRule { before, policy: policy.clone(), actor, at: now, most: STEP };
        let Some(anchor) = session.purge(tenant, &rule).await? else { return Ok(done) };
        let target = format!("rows {} to {}, {policy}", anchor.from, anchor.to);
        let event = match remover {
            Remover::System => AuditEvent {
                target: Some(target.into()),
                ..system_event(tenant, "system/audit.purge", clock)
            },
            Remover::Operator => act(tenant, "admin/audit.purge", Some(target), now),
        };
        session.commit(event).await?;
        done.removed += anchor.rows;
    }
    done.goes_on = true;
    Ok(done)
}

/// Shortens every tenant's audit log. A log that does not verify is kept and told of, and hinders no other.
///
/// # Errors
/// When the store does not answer.
pub async fn purge_audits(store: &Store, clock: &dyn Clock) -> Result<u64, Fault> {
    let mut removed = 0;
    for tenant in store.sessions().tenants().await? {
        match purge_audit(store, clock, tenant, Remover::System, STEPS).await {
            Ok(Purged { removed: 0, .. }) => {}
            Ok(done) => {
                tracing::info!(
                    tenant.id = %tenant,
                    audit.rows_removed = done.removed,
                    audit.goes_on = done.goes_on,
                    "audit rows that were over their time were removed"
                );
                removed += done.removed;
            }
            Err(error) if error.downcast_ref().is_some_and(is_evidence) => {
                tracing::error!(tenant.id = %tenant, error = &*error as &dyn std::error::Error, "an audit log is not shortened");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(removed)
}

/// Documents that one unit of work removes.
const DOCUMENTS: u64 = 50;

/// Removes every tenant's documents whose time is up, in bounded steps, each told of in the tenant's audit log; how many.
///
/// # Errors
/// When the store does not answer.
pub async fn end_documents(store: &Store, clock: &dyn Clock) -> Result<u64, Fault> {
    let mut ended = 0;
    for tenant in store.sessions().tenants().await? {
        let Some(days) = store.session(tenant).document_days(tenant).await? else { continue };
        let before = kept_since(clock.now(), days);
        for _ in 0..STEPS {
            let session = store.session(tenant);
            let removed = session.remove_documents(tenant, before, DOCUMENTS).await?;
            if removed == 0 {
                break;
            }
            let target = format!("{removed} documents, document_days={days}");
            let event = system_event(tenant, "system/documents.end", clock);
            session.commit(AuditEvent { target: Some(target.into()), ..event }).await?;
            tracing::info!(tenant.id = %tenant, documents.removed = removed, "documents whose time was up were removed");
            ended += removed;
        }
    }
    Ok(ended)
}

/// Forgets what models judged long ago; how many judgements. They are made anew when somebody asks.
///
/// # Errors
/// When the store does not answer.
pub async fn forget_judgements(store: &Store, clock: &dyn Clock) -> Result<u64, Fault> {
    let mut forgotten = 0;
    for tenant in store.sessions().tenants().await? {
        for _ in 0..STEPS {
            let session = store.session(tenant);
            let gone = session.forget_judgements(tenant, clock.now().minus(JUDGED), STEP).await?;
            session.keep().await?;
            forgotten += gone;
            if gone == 0 {
                break;
            }
        }
    }
    Ok(forgotten)
}

fn is_evidence(error: &TenancyError) -> bool {
    matches!(error, TenancyError::Evidence { .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_kept_for_whole_days() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap_or(Timestamp::from_micros(0));
        let kept = |now: &str, days| kept_since(at(now), days).to_string();
        assert_eq!(kept("2026-03-10T00:00:00Z", 1), "2026-03-09T00:00:00Z");
        assert_eq!(kept("2026-03-10T23:59:59Z", 1), "2026-03-09T00:00:00Z");
        assert_eq!(kept("2026-03-10T12:00:00Z", 365), "2025-03-10T00:00:00Z");
    }
}
