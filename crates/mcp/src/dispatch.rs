//! From one message to its answer: envelope, era, the era's checks, limit, method; every request but a ping leaves an audit row.

use std::{sync::Arc, time::Duration};

use pm33_protocol::{
    DecodeError, Era, Incoming, RequestId, RequestMeta, Revision, codes, decode, encode_error,
    methods as names,
};
use pm33_tenancy::{LimitVerdict, Outcome};
use serde_json::{Map, value::RawValue};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    Carrier, Class, Inbound, Message, Reply, admit,
    call::{limit, settle, settle::Owed},
    failure::Failure,
    methods,
    outbox::{self, Ended, Out, Outbox, Replies, internal},
    record::Record,
    request::{Place, Request},
    server::Core,
    streams::Reading,
    tasks::{self, Line},
    tended::Tended,
    watch::Watched,
};

/// Answers one message. What is moved in is moved once: the future of an `async fn` would keep its arguments beside what
/// is made of them, for every call that waits.
pub(crate) fn handle(core: &Arc<Core>, inbound: Inbound) -> impl Future<Output = Reply> + Send {
    let begun = begin(core, inbound);
    async move {
        match begun {
            Begun::Said(reply) => reply,
            Begun::Unreadable(unreadable) => {
                let (inbound, error) = *unreadable;
                Box::pin(note_unreadable(core, &inbound, &error)).await;
                undecodable(&error)
            }
            Begun::Request(request, carrier, started) => reply(core, request, carrier, started).await,
        }
    }
}

/// A message that was looked at.
enum Begun {
    /// That was all.
    Said(Reply),
    /// It cannot be read, for this reason.
    Unreadable(Box<(Inbound, DecodeError)>),
    /// A request, how it came, and when by the monotonic clock.
    Request(Box<Request>, Box<Carrier>, Duration),
}

fn begin(core: &Arc<Core>, inbound: Inbound) -> Begun {
    let message = match decode(&inbound.body, core.options.json_depth) {
        Ok(message) => message,
        Err(error) => return Begun::Unreadable(Box::new((inbound, error))),
    };
    Begun::Said(match message {
        Incoming::Request { id, method, params } => {
            let (method, params) = (method.into_owned(), params.map(ToOwned::to_owned));
            let Inbound { carrier, caller, client, correlation, .. } = inbound;
            let record = Record {
                traceparent: traceparent(&carrier),
                ..Record::begun(core.clock.now(), correlation, known_name(&method), client)
            };
            return request(core, Parsed { id, method, params, carrier, caller, record });
        }
        Incoming::Notification { method, params } => {
            if method == names::CANCELLED {
                cancel(core, &inbound, params);
            }
            Reply::Accepted
        }
        Incoming::Response { id, outcome } => match conversation_of(&inbound) {
            Some(conversation) => {
                let answer = outcome.and_then(|raw| {
                    serde_json::from_str(raw.get()).map_err(|_| {
                        pm33_protocol::ErrorObject::new(codes::INVALID_REQUEST, "unreadable result")
                    })
                });
                core.pending.answer(&conversation, id, answer);
                Reply::Accepted
            }
            None => undecodable(&DecodeError::NotAMessage {
                id: None,
                why: "a response: this server asked nothing here; send requests and notifications only",
            }),
        },
    })
}

struct Parsed {
    id: RequestId,
    method: String,
    params: Option<Box<RawValue>>,
    carrier: Carrier,
    caller: pm33_auth::Caller,
    record: Record,
}

/// A method's own name for the audit row; what is not ours is not repeated there.
fn known_name(method: &str) -> &'static str {
    for name in [
        names::TOOLS_CALL,
        names::TOOLS_LIST,
        names::RESOURCES_READ,
        names::RESOURCES_LIST,
        names::TEMPLATES_LIST,
        names::PROMPTS_GET,
        names::PROMPTS_LIST,
        names::COMPLETE,
        names::DISCOVER,
        names::LISTEN,
        names::INITIALIZE,
        names::PING,
        names::SET_LEVEL,
        names::SUBSCRIBE,
        names::UNSUBSCRIBE,
        names::TASKS_GET,
        names::TASKS_UPDATE,
        names::TASKS_CANCEL,
    ] {
        if name == method {
            return name;
        }
    }
    "unknown"
}

/// What cannot be read is told in the audit log too, in as many rows as the limit has calls.
async fn note_unreadable(core: &Core, inbound: &Inbound, error: &DecodeError) {
    if !limit::is_told(core, &inbound.caller) {
        return;
    }
    let record = Record {
        traceparent: traceparent(&inbound.carrier),
        ..Record::begun(core.clock.now(), inbound.correlation, "unknown", inbound.client.clone())
    };
    let code = if matches!(error, DecodeError::NotJson(_)) { "not_json" } else { "not_a_request" };
    let event = record.event(&inbound.caller, Outcome::Refused, code, Duration::ZERO);
    if let Err(error) = core.stores.open(&inbound.caller).commit(event).await {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "the audit row of an unreadable message was not written"
        );
    }
}

fn undecodable(error: &DecodeError) -> Reply {
    let class = match error {
        DecodeError::NotJson(_) => Class::Unparsable,
        DecodeError::NotRead { .. } | DecodeError::NotAMessage { .. } => Class::NotARequest,
    };
    Reply::One(Message {
        body: encode_error(error.id(), &error.object()).into(),
        class,
        session: None,
        rate_limit: None,
    })
}

fn traceparent(carrier: &Carrier) -> Option<Arc<str>> {
    let Carrier::Http(fields) = carrier else { return None };
    admit::valid_traceparent(fields.traceparent.as_ref()?)
}

/// The session that a message names.
pub(crate) fn session_of(carrier: &Carrier) -> Option<String> {
    match carrier {
        Carrier::Http(fields) => {
            let [only] = fields.session.as_slice() else { return None };
            str::from_utf8(only).ok().map(str::to_owned)
        }
        Carrier::Stdio { session } => session.clone(),
    }
}

/// Name of the conversation that cancellations and answers belong to.
fn conversation_of(inbound: &Inbound) -> Option<String> {
    let place = session_of(&inbound.carrier);
    match (&inbound.carrier, place) {
        (_, Some(session)) => Some(format!("{}/{session}", inbound.caller.principal())),
        (Carrier::Stdio { .. }, None) => Some(format!("{}/", inbound.caller.principal())),
        (Carrier::Http(_), None) => None,
    }
}

fn cancel(core: &Core, inbound: &Inbound, params: Option<&RawValue>) {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Cancelled {
        request_id: RequestId,
    }
    let Some(named) = params.and_then(|raw| serde_json::from_str::<Cancelled>(raw.get()).ok()) else {
        return;
    };
    if let Some(conversation) = conversation_of(inbound) {
        core.running.cancel(conversation, named.request_id.clone());
        if let Carrier::Stdio { .. } = inbound.carrier {
            core.running.cancel(format!("{}/", inbound.caller.principal()), named.request_id.clone());
            core.hub.cancel(&inbound.caller, &named.request_id);
        }
    }
}

/// A request, made of its envelope.
fn request(core: &Arc<Core>, parsed: Parsed) -> Begun {
    let started = core.clock.monotonic();
    let Parsed { id, method, params, carrier, caller, record } = parsed;
    let place = if matches!(carrier, Carrier::Http(_)) { Place::Http } else { Place::Stdio };
    let now = record.at;
    // Boxed: it goes through many hands.
    let request = Box::new(Request {
        id,
        method,
        params,
        call: None,
        caller,
        revision: Revision::LEGACY_NEWEST,
        meta: RequestMeta::default(),
        capabilities: Map::new(),
        session: None,
        place,
        idempotency_key: idempotency_key(&carrier),
        now,
        record,
        rate_limit: None,
        owed: Owed::default(),
        turn: None,
        flagged: None,
        spoken: None,
    });
    Begun::Request(request, Box::new(carrier), started)
}

/// A request's way to its reply.
async fn reply(
    core: &Arc<Core>,
    mut request: Box<Request>,
    carrier: Box<Carrier>,
    started: Duration,
) -> Reply {
    let place = request.place;
    let accepts_stream = match &*carrier {
        Carrier::Http(fields) => fields.accepts_stream,
        Carrier::Stdio { .. } => true,
    };
    // What is rare and large is boxed: every request would make room for it.
    if let Err(failure) = admit::admit(core, &mut request, &carrier).await {
        return Reply::One(Box::pin(refuse(core, request, failure, started)).await);
    }
    if request.method == names::LISTEN {
        return Box::pin(methods::listen::listen(core, request, started)).await;
    }
    let token = CancellationToken::new();
    let (sender, outs) =
        may_speak(core, &request).then(|| flume::bounded(core.options.queued_messages)).unzip();
    let outbox = Outbox(sender);
    let is_modern_http = request.era() == Era::Modern && place == Place::Http;
    let legacy_session =
        if request.era() == Era::Legacy && place == Place::Http { request.session.clone() } else { None };
    // On modern HTTP the request is its own conversation: its client cancels it by leaving.
    let conversation = if is_modern_http {
        String::new()
    } else {
        format!("{}/{}", request.caller.principal(), request.session.as_deref().unwrap_or(""))
    };
    let registered = (!is_modern_http)
        .then(|| core.running.register(conversation.clone(), request.id.clone(), token.clone()));
    let guard = is_modern_http.then(|| outbox::guard(&token));
    let cancelled = token.clone();
    let line = Line::of(core, &request, &token);
    let id = line.as_ref().map(|line| (Arc::clone(line), request.id.clone()));
    let work = {
        let (core, outbox) = (Arc::clone(core), outbox.clone());
        async move {
            let beside = (&*carrier, line.as_ref());
            let message =
                methods::answer(&core, request, &outbox, conversation, token, started, beside).await;
            drop(registered);
            message
        }
    };
    let mut work = match (id, place) {
        (Some((line, id)), _) => Tended::new(tasks::or_task(Arc::clone(core), line, id, work), &core.tasks),
        (None, Place::Http) => Tended::new(work, &core.tasks),
        // One task reads and writes for all calls of a process: it must not wait while one of them computes.
        (None, Place::Stdio) => Tended::apart(work, &core.tasks),
    };
    // Who has cancelled a call on a pipe waits for no answer; HTTP owes every request one.
    let is_owed = move || place == Place::Http || !cancelled.is_cancelled();
    let alone = |message, guard: Option<DropGuard>| {
        guard.map(DropGuard::disarm);
        if is_owed() { Reply::One(message) } else { Reply::Accepted }
    };
    let Some(outs) = outs else { return alone(work.await.unwrap_or_else(internal), guard) };
    let (first, rest) = tokio::select! {
        biased;
        message = &mut work => {
            let message = message.unwrap_or_else(internal);
            match outs.try_recv() {
                // What it sent on its way goes first.
                Ok(first) if accepts_stream => (first, Rest::Done(message)),
                _ => return alone(message, guard),
            }
        },
        Ok(first) = outs.recv_async(), if accepts_stream => (first, Rest::Working(work)),
    };
    core.tasks.spawn(async move {
        let message = match rest {
            Rest::Done(message) => message,
            Rest::Working(work) => work.await.unwrap_or_else(internal),
        };
        if is_owed() {
            outbox.finish(message).await;
        }
    });
    match legacy_session {
        Some(session) => legacy_stream(core, &session, first, outs),
        None => Reply::Stream(Box::pin(Replies {
            first: Some(first),
            rest: outs.into_stream(),
            ended: Ended::No,
            guard,
        })),
    }
}

/// Whether a request may send something before its answer: progress, log lines, questions of the older era.
fn may_speak(core: &Core, request: &Request) -> bool {
    let logs = core.options.offers_logging && request.meta.log_level.is_some();
    request.era() == Era::Legacy || request.meta.progress_token.is_some() || logs
}

/// What is left of a request that answers with a stream.
enum Rest {
    Done(Message),
    Working(Tended),
}

/// A legacy request's messages go through a log that can be resumed; the client's disconnect ends nothing.
fn legacy_stream(core: &Arc<Core>, session: &str, first: Out, outs: flume::Receiver<Out>) -> Reply {
    let log = core.streams.open(session);
    // An id for a client that is cut off before the first message.
    log.push(bytes::Bytes::new());
    let reader = log.read_after(0);
    core.tasks.spawn(async move {
        let mut next = Some(first);
        while let Some(out) = next {
            match out {
                Out::Note(data) => log.push(data),
                Out::EndStream => log.release(),
                Out::Final(message) => {
                    log.push(message.body);
                    break;
                }
            }
            next = outs.recv_async().await.ok();
        }
        log.end();
    });
    Reply::Stream(Box::pin(Reading(reader)))
}

fn idempotency_key(carrier: &Carrier) -> Option<String> {
    let Carrier::Http(fields) = carrier else { return None };
    fields.idempotency_key.as_ref().and_then(|value| str::from_utf8(value).ok()).map(str::to_owned)
}

/// Answers a request that failed before its method was asked; the refusal is audited.
pub(crate) async fn refuse(
    core: &Core,
    mut request: Box<Request>,
    failure: Failure,
    started: Duration,
) -> Message {
    let (outcome, code) = failure.audit();
    let store = core.stores.open(&request.caller);
    settle::after_failure(&mut request, &*store, &failure, &*core.clock).await;
    let latency = core.clock.monotonic().saturating_sub(started);
    if let Some(watched) = Watched::new(core, &mut request, started) {
        watched.tell(core, outcome, code);
    }
    let message = Message {
        body: encode_error(Some(&request.id), &failure.object()).into(),
        class: failure.class(),
        session: None,
        rate_limit: request.rate_limit,
    };
    let is_told = match request.record.limit {
        LimitVerdict::Admitted => true,
        // Refused before the limit was asked: as many are told as the limit has calls.
        LimitVerdict::Unasked => limit::is_told(core, &request.caller),
        LimitVerdict::KeyExceeded | LimitVerdict::TenantExceeded => limit::is_sampled(core, &request.caller),
    };
    if !is_told {
        return message;
    }
    let spoken =
        request.spoken.map(|spoken| (spoken, request.record.client.clone(), request.record.correlation));
    let event = request.record.event(&request.caller, outcome, code, latency);
    let spare = request.owed.is_any().then(|| event.clone());
    // A refusal changes nothing; should its row not be written, the refusal still stands.
    if let Err(error) = store.commit(event).await {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "the audit row of a refusal was not written"
        );
        if let Some(event) = spare {
            Box::pin(settle::alone(core, &request.caller, &request.owed, event)).await;
        }
    }
    if let Some((spoken, client, correlation)) = spoken {
        spoken.tell(core, &request.caller, client, correlation).await;
    }
    message
}
