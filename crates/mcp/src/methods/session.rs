//! Legacy sessions: resuming, streams, subscriptions, log level, end.

use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

use pm33_admission::{AdmissionError, SessionId, SessionRecord};
use pm33_auth::Caller;
use pm33_protocol::{encode_error, encode_result, wire::SubscribeParams};
use pm33_tenancy::{ClientFacts, CorrelationId, Outcome, TenantId};
use pm33_tools::LogLevel;
use serde_json::json;

use super::{Answered, Asking, listen::interest};
use crate::{
    Message, Reply, call::limit, failure::Failure, link, record::Record, request::Request, server::Core,
    streams::Reading,
};

fn lost(error: &AdmissionError) -> Failure {
    if let AdmissionError::Unavailable(cause) = error {
        tracing::error!(error = &**cause as &dyn std::error::Error, "the session store cannot be used");
    }
    Failure::Unavailable("sessions cannot be read now; try again shortly".to_owned())
}

/// The caller's session; `None` for an unknown, foreign or expired one alike.
pub(crate) async fn resume(
    core: &Core,
    caller: &Caller,
    session: &str,
) -> Result<Option<SessionRecord>, Failure> {
    let Some(id) = SessionId::parse(session) else { return Ok(None) };
    let idle = caller.settings.session_idle;
    core.sessions.resume(caller.tenant, &caller.principal(), &id, idle).await.map_err(|error| lost(&error))
}

fn refusal(failure: &Failure) -> Reply {
    let body = encode_error(None, &failure.object()).into();
    Reply::One(Message { body, class: failure.class(), session: None, rate_limit: None })
}

/// Opens the session's own stream, or resumes any of its streams after an event.
pub(crate) async fn open_stream(
    core: &Arc<Core>,
    caller: Caller,
    session: &str,
    last_event: Option<&str>,
) -> Reply {
    match resume(core, &caller, session).await {
        Ok(Some(_)) => {}
        Ok(None) => return refusal(&Failure::SessionUnknown),
        Err(failure) => return refusal(&failure),
    }
    if core.draining.is_cancelled() {
        return refusal(&Failure::Unavailable("the server is shutting down".to_owned()));
    }
    let found = last_event.and_then(|event| core.streams.find(session, event));
    let reader = if let Some((log, seq)) = found {
        log.read_after(seq)
    } else {
        let log = core.streams.standalone(session);
        let (all, per_principal) = (core.options.listens, core.options.listens_per_principal);
        if !core.hub.attach(session, caller, Arc::clone(&log), (all, per_principal)) {
            return refusal(&Failure::Unavailable(format!(
                "too many open streams (at most {per_principal} for a key, {all} in all); close one first"
            )));
        }
        let reader = log.read_after(u64::MAX);
        // An id to come back with.
        log.push(bytes::Bytes::new());
        reader
    };
    Reply::Stream(Box::pin(Reading(reader)))
}

/// Forgets what a process keeps of a session.
fn forget(core: &Core, session: &str) {
    core.hub.forget(session);
    core.streams.forget(session);
    core.log_levels.lock().unwrap_or_else(PoisonError::into_inner).remove(session);
}

/// Ends a session.
pub(crate) async fn end(
    core: &Arc<Core>,
    caller: &Caller,
    session: &str,
    client: ClientFacts,
    correlation: CorrelationId,
) -> Reply {
    let Some(id) = SessionId::parse(session) else { return refusal(&Failure::SessionUnknown) };
    let ended = match core.sessions.end(caller.tenant, &caller.principal(), &id).await {
        Ok(ended) => ended,
        Err(error) => return refusal(&lost(&error)),
    };
    if ended {
        forget(core, session);
    }
    let record = Record::begun(core.clock.now(), correlation, "session/end", client);
    let (outcome, code) = if ended { (Outcome::Done, "ok") } else { (Outcome::Refused, "no_session") };
    if !ended && !limit::is_told(core, caller) {
        return refusal(&Failure::SessionUnknown);
    }
    if let Err(error) =
        core.stores.open(caller).commit(record.event(caller, outcome, code, Duration::ZERO)).await
    {
        tracing::error!(error = &error as &dyn std::error::Error, "the end of a session was not audited");
        return refusal(&Failure::Unavailable(error.to_string()));
    }
    if ended { Reply::Accepted } else { refusal(&Failure::SessionUnknown) }
}

/// Ends idle sessions of the given tenants.
pub(crate) async fn sweep(core: &Core, tenants: &[(TenantId, Duration)]) -> usize {
    let mut ended = 0;
    for (tenant, idle) in tenants {
        match core.sessions.sweep(*tenant, *idle).await {
            Ok(ids) => {
                for id in &ids {
                    forget(core, id.as_str());
                }
                ended += ids.len();
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "idle sessions were not swept");
            }
        }
    }
    ended
}

fn need_session(request: &Request) -> Result<String, Failure> {
    request.session.clone().ok_or(Failure::SessionNeeded)
}

pub(super) async fn subscribe(
    core: &Arc<Core>,
    request: &Request,
    asking: &Asking<'_>,
) -> Result<Answered, Failure> {
    let session = need_session(request)?;
    let params: SubscribeParams = request.need()?;
    let Some(interest) = interest(core, request, &params.uri).await? else {
        let code = pm33_protocol::codes::LEGACY_RESOURCE_NOT_FOUND;
        return Err(Failure::NoResource { uri: params.uri, code });
    };
    let _ = asking;
    let log = core.streams.standalone(&session);
    if !core.hub.watch(&session, request.caller.clone(), log, (params.uri, interest)) {
        return Err(Failure::params(
            "too many watched resources in this session; unsubscribe from one first",
        ));
    }
    Ok(Answered::ok(encode_result(&request.id, &json!({}))))
}

pub(super) fn unsubscribe(core: &Core, request: &Request) -> Result<Answered, Failure> {
    let session = need_session(request)?;
    let params: SubscribeParams = request.need()?;
    core.hub.unwatch(&session, &params.uri);
    Ok(Answered::ok(encode_result(&request.id, &json!({}))))
}

/// The least severity that a session asked for; everything from info on, when it asked for none.
pub(super) fn log_level(core: &Core, session: Option<&str>) -> LogLevel {
    let levels = core.log_levels.lock().unwrap_or_else(PoisonError::into_inner);
    session.and_then(|session| levels.get(session)).copied().unwrap_or(LogLevel::Info)
}

pub(super) fn set_level(core: &Core, request: &Request) -> Result<Answered, Failure> {
    #[derive(serde::Deserialize)]
    struct SetLevel {
        level: String,
    }
    if !core.options.offers_logging {
        return Err(Failure::UnknownMethod(request.method.clone()));
    }
    let session = need_session(request)?;
    let params: SetLevel = request.need()?;
    let level = link::level(&params.level).ok_or_else(|| {
        Failure::params("level must be debug, info, notice, warning, error, critical, alert or emergency")
    })?;
    core.log_levels.lock().unwrap_or_else(PoisonError::into_inner).insert(session, level);
    Ok(Answered::ok(encode_result(&request.id, &json!({}))))
}
