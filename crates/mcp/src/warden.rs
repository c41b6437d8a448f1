//! What happens to keys by the server's own decision: suspension of one that goes on calling after refusals, and the note
//! that one was exposed. Each leaves a row in the tenant's audit log.

use std::time::Duration;

use pm33_auth::Caller;
use pm33_tenancy::{ActorKind, AuditEvent, ClientFacts, CorrelationId};

use crate::{request::Request, server::Core};

/// How long a key is suspended.
const SUSPENDED: Duration = Duration::from_mins(15);

/// Suspends the caller's key, once however many of its calls are refused at the same moment.
pub(crate) async fn suspend(core: &Core, request: &Request) {
    let caller = &request.caller;
    let until = core.clock.now().plus(SUSPENDED);
    match core.verifier.suspend(caller, until).await {
        Ok(true) => {}
        Ok(false) => return,
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a key was not suspended");
            return;
        }
    }
    if let Some(key) = caller.key {
        tracing::warn!(key.id = %key, key.suspended_until = %until, "an API key that kept calling after refusals is suspended");
    }
    let client = request.record.client.clone();
    tell(core, caller, "system/key.suspend", client, request.record.correlation).await;
}

/// Writes an act of the server's own on a key into its tenant's audit log.
pub(crate) async fn tell(
    core: &Core,
    caller: &Caller,
    act: &'static str,
    client: ClientFacts,
    correlation: CorrelationId,
) {
    tell_of(core, caller, (act, None), client, correlation).await;
}

/// Writes such an act with what it was about.
pub(crate) async fn tell_of(
    core: &Core,
    caller: &Caller,
    act: (&'static str, Option<String>),
    client: ClientFacts,
    correlation: CorrelationId,
) {
    let event = event(core, caller, act, client, correlation);
    if let Err(error) = core.stores.open(caller).commit(Box::new(event)).await {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "the audit row of an act on a key was not written"
        );
    }
}

/// The row of an act of the server's own.
pub(crate) fn event(
    core: &Core,
    caller: &Caller,
    (act, target): (&'static str, Option<String>),
    client: ClientFacts,
    correlation: CorrelationId,
) -> AuditEvent {
    AuditEvent {
        correlation,
        key: caller.key,
        target: target.map(Into::into),
        client,
        ..AuditEvent::done(caller.tenant, ActorKind::System, act, core.clock.now())
    }
}
