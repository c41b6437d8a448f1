//! Work beside the calls: noticing other processes' changes, noting key uses, sweeping idle sessions, looking after credits.

use std::{sync::Arc, time::Duration};

use pm33_admission::SessionStore;
use pm33_auth::{ApiKeyVerifier, KeyStore, expiry_notice};
use pm33_mcp::Server;
use pm33_store::{Changed, Store};
use pm33_tenancy::{ActorKind, AuditEvent, Clock, Directory, TenantId};
use tokio_util::sync::CancellationToken;

use crate::{
    books::{examine_books, expire_holds},
    retention::{end_documents, forget_judgements, purge_audits},
};

/// How often changes by other processes are looked for; revocation is to be seen within a second.
const LOOK: Duration = Duration::from_millis(400);
/// How often idle sessions and forgotten calls are swept; sessions are to be gone within a minute.
const SWEEP: Duration = Duration::from_secs(30);
/// How often it is looked whether keys come to their end, whether the books agree and what of the audit log is over its
/// time, and whose pseudonyms are remembered is forgotten; also at the start.
const NOTICES: Duration = Duration::from_hours(1);
/// Idempotency records of a tenant that one sweep forgets.
const FORGOTTEN: u64 = 1_000;

/// Runs until `stop`.
pub async fn run(
    store: Store,
    keys: Arc<ApiKeyVerifier>,
    server: Server,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
) {
    let mut untold = Vec::new();
    let mut look = tokio::time::interval(LOOK);
    let mut sweep = tokio::time::interval(SWEEP);
    let mut notices = tokio::time::interval(NOTICES);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = look.tick() => {
                if let Err(error) = server.settle_limits().await {
                    tracing::warn!(error = &error as &dyn std::error::Error, "calls that were not made cannot be put back");
                }
                if let Err(error) = notice(&store, &keys, &server, &*clock, &mut untold).await {
                    tracing::warn!(error = &*error as &dyn std::error::Error, "changes by other processes cannot be seen");
                }
            }
            _ = sweep.tick() => {
                if let Err(error) = sweep_sessions(&store, &server).await {
                    tracing::warn!(error = &*error as &dyn std::error::Error, "idle sessions cannot be swept");
                }
                if let Err(error) = expire_holds(&store, &*clock).await {
                    tracing::warn!(error = &*error as &dyn std::error::Error, "holds cannot be ended");
                }
                match forget_calls(&store, &*clock).await {
                    Ok(0) => {}
                    Ok(count) => tracing::info!(calls.forgotten = count, "finished calls were forgotten"),
                    Err(error) => tracing::warn!(error = &*error as &dyn std::error::Error, "finished calls cannot be forgotten"),
                }
                if let Err(error) = store.forget_outdated().await {
                    tracing::warn!(error = &error as &dyn std::error::Error, "what others changed cannot be forgotten");
                }
                if let Err(error) = forget_windows(&store).await {
                    tracing::warn!(error = &*error as &dyn std::error::Error, "counts of calls cannot be forgotten");
                }
            }
            _ = notices.tick() => {
                store.forget_pseudonyms();
                if let Err(error) = examine_books(&store, &*clock).await {
                    tracing::warn!(error = &*error as &dyn std::error::Error, "the books cannot be examined");
                }
                if let Err(error) = purge_audits(&store, &*clock).await {
                    tracing::warn!(error = &*error as &dyn std::error::Error, "audit rows that are over their time cannot be removed");
                }
                if let Err(error) = end_documents(&store, &*clock).await {
                    tracing::warn!(error = &*error as &dyn std::error::Error, "documents whose time is up cannot be removed");
                }
                if let Err(error) = forget_judgements(&store, &*clock).await {
                    tracing::warn!(error = &*error as &dyn std::error::Error, "old judgements cannot be forgotten");
                }
                if let Err(error) = tell_expiries(&store, &*clock).await {
                    tracing::warn!(error = &*error as &dyn std::error::Error, "keys that end soon cannot be told of");
                }
            }
        }
    }
}

/// What went wrong in a round.
pub(crate) type Fault = Box<dyn std::error::Error + Send + Sync>;

async fn notice(
    store: &Store,
    keys: &ApiKeyVerifier,
    server: &Server,
    clock: &dyn Clock,
    untold: &mut Vec<Changed>,
) -> Result<(), Fault> {
    keys.refresh().await?;
    // The store tells each change once: what a failing round did not come to is done by the next one.
    for change in store.poll().await? {
        if !untold.contains(&change) {
            untold.push(change);
        }
    }
    // First, so that nobody hears of a workspace that he has just lost.
    if untold.contains(&Changed::Access) {
        look_at_listeners(store, server, clock).await?;
    }
    for change in &*untold {
        let Changed::Workspace(at) = change else { continue };
        let workspaces = store.session(at.tenant()).workspaces(at.tenant()).await?;
        if let Some(workspace) = workspaces.iter().find(|one| one.id == at.workspace()) {
            server.resource_changed(at.tenant(), &format!("pm33://backlog/{}/summary", workspace.slug));
        }
    }
    untold.clear();
    let stored = store.keys();
    for (tenant, key, used) in keys.take_used() {
        stored.touch(tenant, key, &used).await?;
    }
    Ok(())
}

/// Ends what keys listen to that are good no longer; the others hear of what they reach now.
async fn look_at_listeners(store: &Store, server: &Server, clock: &dyn Clock) -> Result<(), Fault> {
    let stored = store.keys();
    // Ends by time are the hub's to see.
    for (tenant, key) in server.listening_keys() {
        let good = stored.find(key).await?.filter(|record| {
            record.tenant == tenant
                && record.revoked.is_none()
                && record.tenant_state == pm33_tenancy::TenantState::Active
                && clock.now() < record.ends()
        });
        match good {
            Some(record) => server.renew_key(&record.caller()),
            None => server.end_key(key),
        }
    }
    Ok(())
}

/// Forgets finished calls whose idempotency keys are past their life.
///
/// # Errors
/// When the store does not answer.
pub async fn forget_calls(store: &Store, clock: &dyn Clock) -> Result<u64, Fault> {
    let mut forgotten = 0;
    for tenant in store.sessions().tenants().await? {
        forgotten += store.forget_calls(tenant, clock.now(), FORGOTTEN).await?;
    }
    Ok(forgotten)
}

/// Forgets counts of calls that no limit asks for any more, of tenants that call no more.
async fn forget_windows(store: &Store) -> Result<u64, Fault> {
    let mut forgotten = 0;
    for tenant in store.sessions().tenants().await? {
        forgotten += store.forget_windows(tenant).await?;
    }
    if forgotten > 0 {
        tracing::debug!(counts.forgotten = forgotten, "counts of calls were forgotten");
    }
    Ok(forgotten)
}

/// Tells in each tenant's audit log which keys end in 14, 7 or 1 days, each once however many processes look.
///
/// # Errors
/// When the store does not answer.
pub async fn tell_expiries(store: &Store, clock: &dyn Clock) -> Result<usize, Fault> {
    let mut told = 0;
    for tenant in store.sessions().tenants().await? {
        for record in store.session(tenant).list(tenant).await? {
            let Some(days) = expiry_notice(&record, clock.now()) else { continue };
            let session = store.session(tenant);
            if !session.note_expiry(tenant, record.id, days).await? {
                continue;
            }
            let mut event = system_event(tenant, "system/key.expires", clock);
            event.key = Some(record.id);
            event.target = Some(format!("in {days} d").into());
            session.commit(event).await?;
            tracing::warn!(key.id = %record.id, key.days_left = days, "an API key ends soon");
            told += 1;
        }
    }
    Ok(told)
}

async fn sweep_sessions(store: &Store, server: &Server) -> Result<(), Fault> {
    let sessions: Arc<dyn SessionStore> = store.sessions();
    let mut idle = Vec::new();
    for tenant in sessions.tenants().await? {
        idle.push((tenant, store.session(tenant).settings(tenant).await?.session_idle));
    }
    let ended = server.sweep_sessions(&idle).await;
    if ended > 0 {
        tracing::info!(sessions.ended = ended, "idle sessions were ended");
    }
    Ok(())
}

/// The audit event of an act of the server's own.
pub(crate) fn system_event(tenant: TenantId, act: &'static str, clock: &dyn Clock) -> AuditEvent {
    AuditEvent::done(tenant, ActorKind::System, act, clock.now())
}
