//! Methods other than `tools/call`, and what all of them share: the answer's commit, and questions to the client.

pub(crate) mod complete;
mod discover;
mod initialize;
pub(crate) mod listen;
mod lists;
mod prompts;
mod resources;
pub(crate) mod session;
mod tasks;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use pm33_protocol::{
    Era, encode_error, encode_result, methods as names,
    wire::{InputRequest, InputRequired},
};
use pm33_tenancy::Outcome;
use pm33_tools::{Question, ToolContext};
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use crate::{
    CallStore, Carrier, Class, Message, call,
    call::settle,
    failure::Failure,
    handles::CallerHandles,
    hub::Notice,
    link::{self, Link},
    outbox::Outbox,
    record::Record,
    request::Request,
    server::Core,
    tasks::{self as tasks_of, Line},
    watch::Watched,
};

/// An answer on its way to its commit.
pub(crate) struct Answered {
    pub(crate) body: Vec<u8>,
    pub(crate) outcome: Outcome,
    pub(crate) code: &'static str,
    /// The unit of work to commit; a fresh one when the method wrote nothing.
    pub(crate) store: Option<Box<dyn CallStore>>,
    /// Resources that changed.
    pub(crate) changed: Vec<String>,
    /// A session that was opened.
    pub(crate) session: Option<String>,
}

impl Answered {
    pub(crate) fn new(body: Vec<u8>, outcome: Outcome, code: &'static str) -> Self {
        Self { body, outcome, code, store: None, changed: Vec::new(), session: None }
    }

    /// A plain success.
    pub(crate) fn ok(body: Vec<u8>) -> Self {
        Self::new(body, Outcome::Done, "ok")
    }
}

/// A request's line to its client, in the making.
pub(crate) struct Asking<'a> {
    pub(crate) outbox: &'a Outbox,
    pub(crate) conversation: &'a str,
    pub(crate) cancelled: CancellationToken,
    pub(crate) carrier: &'a Carrier,
    /// Where the call may go on as a task.
    pub(crate) line: Option<&'a Arc<Line>>,
}

impl Asking<'_> {
    /// The line, with what an earlier round of the same call handed out.
    pub(crate) fn link(
        &self,
        core: &Core,
        request: &Request,
        method: &'static str,
        digest_of: &str,
        responses: Option<Map<String, Value>>,
        state: Option<&str>,
    ) -> Result<Link, Failure> {
        let state = match state {
            None => None,
            Some(sealed) => Some(open_state(core, request, method, digest_of, sealed)?),
        };
        let log_level = if core.options.offers_logging {
            match request.era() {
                Era::Modern => request.meta.log_level.as_deref().and_then(link::level),
                Era::Legacy => Some(session::log_level(core, request.session.as_deref())),
            }
        } else {
            None
        };
        Ok(Link {
            era: request.era(),
            outbox: self.outbox.clone(),
            progress_token: request.meta.progress_token.clone(),
            log_level,
            capabilities: request.capabilities.clone(),
            responses,
            state,
            conversation: self.conversation.to_owned(),
            pending: core.pending.clone(),
            cancelled: self.cancelled.clone(),
            told: Mutex::new(None),
            line: self.line.cloned(),
            clock: Arc::clone(&core.clock),
        })
    }
}

const STATE: &str = "request-state";

fn state_binding(request: &Request, method: &str, digest_of: &str) -> Vec<u8> {
    format!("{method}\0{}\0{digest_of}", request.record.target.as_deref().unwrap_or("")).into_bytes()
}

fn open_state(
    core: &Core,
    request: &Request,
    method: &str,
    digest_of: &str,
    sealed: &str,
) -> Result<Vec<u8>, Failure> {
    let binding = state_binding(request, method, digest_of);
    let life = core.options.request_state_life;
    let handles = CallerHandles::new(Arc::clone(&core.sealer), &request.caller, request.now, life);
    pm33_tools::Handles::open(&handles, STATE, &binding, sealed).map_err(|_| {
        Failure::params("requestState is not one that this server gave you for this call, or it is too old; call again without it")
    })
}

/// The result that asks the client first (modern).
pub(crate) fn input_required(
    core: &Core,
    request: &Request,
    method: &'static str,
    digest_of: &str,
    questions: &[Question],
    state: Option<&[u8]>,
) -> Result<Answered, Failure> {
    if request.era() == Era::Legacy {
        return Err(Failure::Internal);
    }
    let binding = state_binding(request, method, digest_of);
    let life = core.options.request_state_life;
    let handles = CallerHandles::new(Arc::clone(&core.sealer), &request.caller, request.now, life);
    let request_state = state.map(|state| pm33_tools::Handles::seal(&handles, STATE, &binding, state));
    let input_requests: BTreeMap<_, _> = questions
        .iter()
        .map(|question| {
            (question.key.clone(), InputRequest { method: question.method, params: &question.params })
        })
        .collect();
    let result = InputRequired {
        result_type: "input_required",
        input_requests,
        request_state,
        meta: Some(&core.server_meta),
    };
    Ok(Answered::new(encode_result(&request.id, &result), Outcome::Done, "input_required"))
}

/// A context for reading on behalf of a request.
pub(crate) fn context<'a>(
    core: &'a Core,
    request: &'a Request,
    store: &'a dyn CallStore,
    link: &'a Link,
    handles: &'a CallerHandles<'a>,
    asking: &Asking<'_>,
) -> ToolContext<'a> {
    let cancelled = asking.cancelled.clone();
    ToolContext::new(&request.caller, store.ports(), link, handles, request.now, cancelled, &core.desk)
}

/// `_meta` and `resultType` of a result, where the era has them.
pub(crate) fn modern<'a>(core: &'a Core, request: &Request) -> (Option<&'static str>, Option<&'a Value>) {
    match request.era() {
        Era::Modern => (Some("complete"), Some(&core.server_meta)),
        Era::Legacy => (None, None),
    }
}

/// Answers a request whose method is known, and commits its unit of work with the audit row before the answer leaves.
pub(crate) async fn answer(
    core: &Arc<Core>,
    mut request: Box<Request>,
    outbox: &Outbox,
    conversation: String,
    cancelled: CancellationToken,
    started: Duration,
    (carrier, line): (&Carrier, Option<&Arc<Line>>),
) -> Message {
    // Boxed: what a method works with is gone when its audit row is waited for, and would be kept room for meanwhile.
    let routed = {
        let asking = Asking { outbox, conversation: &conversation, cancelled, carrier, line };
        Box::pin(route(core, &mut request, &asking)).await
    };
    let task = line.filter(|line| line.is_apart());
    let answered = match routed {
        Ok(answered) => answered,
        Err(failure) => {
            let message = Box::pin(crate::dispatch::refuse(core, request, failure, started)).await;
            if let Some(task) = task {
                Box::pin(tasks_of::end_alone(core, task, &message.body)).await;
                tasks_of::forget(core, task);
            }
            return message;
        }
    };
    let watched = Watched::new(core, &mut request, started);
    let (is_metadata, is_audited) = (is_metadata(&request.method), request.method != names::PING);
    let Request { id, caller, record, rate_limit, mut owed, spoken, .. } = *request;
    let latency = core.clock.monotonic().saturating_sub(started);
    let correlation = record.correlation;
    let spoken = spoken.map(|spoken| (spoken, record.client.clone()));
    let event = Record::event(record, &caller, answered.outcome, answered.code, latency);
    let store = answered.store.unwrap_or_else(|| core.stores.open(&caller));
    let spare = owed.is_any().then(|| event.clone());
    if let Some(task) = task {
        Box::pin(tasks_of::end(core, store.idempotency(), task, &answered.body)).await;
    }
    // A ping asks after the connection and reads nobody's data: however many come, no log is filled with them.
    let committed = if is_audited { store.commit(event).await } else { Ok(()) };
    if let Some((spoken, client)) = spoken {
        Box::pin(spoken.tell(core, &caller, client, correlation)).await;
    }
    if let Some(watched) = watched {
        let failed = (Outcome::Error, "unavailable");
        let (outcome, code) = committed.as_ref().map_or(failed, |()| (answered.outcome, answered.code));
        watched.tell(core, outcome, code);
    }
    if let Err(error) = committed {
        tracing::error!(error = &error as &dyn std::error::Error, %correlation, "a call was not committed");
        if let Some(event) = spare {
            owed.charge_platform();
            Box::pin(settle::alone(core, &caller, &owed, event)).await;
        }
        if is_metadata {
            return Message { body: answered.body.into(), class: Class::Answer, session: None, rate_limit };
        }
        let failure = Failure::Unavailable(error.to_string());
        let body: bytes::Bytes = encode_error(Some(&id), &failure.object()).into();
        if let Some(task) = task {
            Box::pin(tasks_of::end_alone(core, task, &body)).await;
            tasks_of::forget(core, task);
        }
        return Message { body, class: failure.class(), session: None, rate_limit };
    }
    if let Some(task) = task {
        tasks_of::forget(core, task);
    }
    for uri in answered.changed {
        core.hub.publish(&Notice::Updated { tenant: caller.tenant, uri }, core.clock.now());
    }
    Message { body: answered.body.into(), class: Class::Answer, session: answered.session, rate_limit }
}

/// Whether a method tells only what the program itself is: it answers also when nothing can be audited (governance A4).
fn is_metadata(method: &str) -> bool {
    matches!(
        method,
        names::DISCOVER | names::TOOLS_LIST | names::TEMPLATES_LIST | names::PROMPTS_LIST | names::PING
    )
}

async fn route(core: &Arc<Core>, request: &mut Request, asking: &Asking<'_>) -> Result<Answered, Failure> {
    match request.method.as_str() {
        names::TOOLS_CALL => call::tools_call(core, request, asking).await,
        names::TOOLS_LIST => lists::tools(core, request),
        // The others are called less, and each would make the room of every call as large as the largest.
        names::RESOURCES_LIST => Box::pin(lists::resources(core, request, asking)).await,
        names::TEMPLATES_LIST => lists::templates(core, request),
        names::PROMPTS_LIST => lists::prompts(core, request),
        names::RESOURCES_READ => Box::pin(resources::read(core, request, asking)).await,
        names::PROMPTS_GET => Box::pin(prompts::get(core, request, asking)).await,
        names::COMPLETE => Box::pin(complete::complete(core, request, asking)).await,
        names::DISCOVER => Ok(discover::discover(core, request)),
        names::INITIALIZE => Box::pin(initialize::initialize(core, request)).await,
        names::PING => Ok(Answered::ok(encode_result(&request.id, &json!({})))),
        names::SET_LEVEL => session::set_level(core, request),
        names::SUBSCRIBE => Box::pin(session::subscribe(core, request, asking)).await,
        names::UNSUBSCRIBE => session::unsubscribe(core, request),
        names::TASKS_GET => Box::pin(tasks::get(core, request)).await,
        names::TASKS_UPDATE => Box::pin(tasks::update(core, request)).await,
        names::TASKS_CANCEL => Box::pin(tasks::cancel(core, request)).await,
        other => Err(Failure::UnknownMethod(other.to_owned())),
    }
}
