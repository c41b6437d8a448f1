//! Work beside the calls: noticing other processes' changes, noting key uses, sweeping idle sessions.

use std::{sync::Arc, time::Duration};

use pm33_admission::SessionStore;
use pm33_auth::{ApiKeyVerifier, KeyStore};
use pm33_mcp::Server;
use pm33_store::{Changed, Store};
use pm33_tenancy::{
    Actor, ActorKind, AuditEvent, ClientFacts, Clock, CorrelationId, Directory, LimitVerdict, Outcome,
    TenantId,
};
use tokio_util::sync::CancellationToken;

/// How often changes by other processes are looked for; revocation is to be seen within a second.
const LOOK: Duration = Duration::from_millis(400);
/// How often idle sessions are swept; they are to be gone within a minute.
const SWEEP: Duration = Duration::from_secs(30);

/// Runs until `stop`.
pub async fn run(
    store: Store,
    keys: Arc<ApiKeyVerifier>,
    server: Server,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
) {
    let mut look = tokio::time::interval(LOOK);
    let mut sweep = tokio::time::interval(SWEEP);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = look.tick() => {
                if let Err(error) = notice(&store, &keys, &server, &*clock).await {
                    tracing::warn!(error = &*error as &dyn std::error::Error, "changes by other processes cannot be seen");
                }
            }
            _ = sweep.tick() => {
                if let Err(error) = sweep_sessions(&store, &server).await {
                    tracing::warn!(error = &*error as &dyn std::error::Error, "idle sessions cannot be swept");
                }
            }
        }
    }
}

type Fault = Box<dyn std::error::Error + Send + Sync>;

async fn notice(
    store: &Store,
    keys: &ApiKeyVerifier,
    server: &Server,
    clock: &dyn Clock,
) -> Result<(), Fault> {
    keys.refresh().await?;
    for change in store.poll().await? {
        let Changed::Workspace(at) = change else { continue };
        let workspaces = store.session(at.tenant()).workspaces(at.tenant()).await?;
        if let Some(workspace) = workspaces.iter().find(|one| one.id == at.workspace()) {
            server.resource_changed(at.tenant(), &format!("pm33://backlog/{}/summary", workspace.slug));
        }
    }
    let stored = store.keys();
    for (tenant, key) in server.listening_keys() {
        let good = stored.find(key).await?.is_some_and(|record| {
            record.tenant == tenant
                && record.revoked.is_none()
                && record.tenant_state == pm33_tenancy::TenantState::Active
                && clock.now() < record.rotated_until.unwrap_or(record.expires).min(record.expires)
        });
        if !good {
            server.end_key(key);
        }
    }
    for (tenant, key, at) in keys.take_used() {
        let session = store.session(tenant);
        KeyStore::touch(&session, tenant, key, at).await?;
        session.commit(system_event(tenant, "system/key.used", clock)).await?;
    }
    Ok(())
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

fn system_event(tenant: TenantId, act: &'static str, clock: &dyn Clock) -> AuditEvent {
    let now = clock.now();
    AuditEvent {
        at: now,
        correlation: CorrelationId::new(now),
        traceparent: None,
        tenant,
        actor: Actor { kind: ActorKind::System, user: None },
        key: None,
        scopes: "".into(),
        method: act.into(),
        target: None,
        arguments: None,
        workspace: None,
        outcome: Outcome::Done,
        code: "ok".into(),
        latency: Duration::ZERO,
        usage: None,
        removed_characters: 0,
        limit: LimitVerdict::Unasked,
        client: ClientFacts::default(),
    }
}
