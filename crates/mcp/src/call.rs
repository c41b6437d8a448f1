//! The path of a `tools/call`, stage by stage; one file per stage below.

pub(crate) mod authorise;
pub(crate) mod injection;
pub(crate) mod limit;
pub(crate) mod present;
mod replay;
mod run;
pub(crate) mod settle;
mod validate;

use std::sync::Arc;

use pm33_tenancy::Outcome;
use pm33_tools::{Cost, ToolEntry, ToolError};

use crate::{
    CallStore, Carrier, Class,
    failure::Failure,
    fields,
    methods::{Answered, Asking, input_required},
    request::Request,
    server::Core,
};

/// Calls a tool. Limit and era are behind us; audit and commit come after, with the unit of work that is handed back.
pub(crate) async fn tools_call(
    core: &Arc<Core>,
    request: &mut Request,
    asking: &Asking<'_>,
) -> Result<Answered, Failure> {
    let call = request.call.take().ok_or_else(|| {
        Failure::params(if request.params.is_none() {
            "tools/call needs params with a name"
        } else {
            "params: name must be a text, arguments an object"
        })
    })?;
    let catalogue = core.catalogue.load_full();
    let tool = catalogue
        .tool(&call.name)
        .ok_or_else(|| Failure::params(format!("no tool {:?}; tools/list tells what there is", call.name)))?;
    request.record.target = Some(tool.spec.name.into());
    authorise::authorise(tool, request)?;
    if tool.only_as_task && asking.line.is_none() {
        return Err(Failure::Extension(pm33_protocol::TASKS_EXTENSION));
    }
    let raw = call.arguments.as_deref().map_or("{}", |raw| raw.get());
    request.record.arguments = Some(core.sealer.digest("arguments", raw.as_bytes()));
    check_header_params(asking.carrier, tool, raw)?;
    let arguments = match validate::validate(tool, raw) {
        Ok(arguments) => arguments,
        Err(text) => return Ok(present::refused(core, request, &text, "bad_arguments", Outcome::Refused)),
    };
    // What many calls pass by is boxed, here and below: each would make room for it.
    if injection::concerns(tool)
        && let Err(stopped) = Box::pin(injection::look(core, request, tool, &arguments)).await
    {
        return Ok(present::refused(core, request, &stopped.text, stopped.code, Outcome::Refused));
    }
    let mut replay = match replay::prepare(tool, &arguments, call.input_responses.as_ref(), request) {
        Ok(replay) => replay,
        Err(text) => return Ok(present::refused(core, request, &text, "bad_arguments", Outcome::Refused)),
    };
    let link =
        asking.link(core, request, "tools/call", raw, call.input_responses, call.request_state.as_deref())?;
    let store = core.stores.open(&request.caller);
    if let Some(replay) = &mut replay
        && let Some(told) = Box::pin(earlier(core, request, tool, &*store, replay)).await?
    {
        return Ok(told);
    }
    // Not for an answer that is given again: it costs nothing.
    if tool.spec.cost == Cost::Credits {
        limit::limit_ai(core, request).await?;
    }
    let ran = run::run(core, request, tool, store, arguments, &link, asking).await?;
    let (outcome, changed) = (ran.outcome, ran.changed);
    // A failed tool leaves nothing behind but what it has to pay; what it wrote gives its turn back first.
    let store = if outcome.is_ok() {
        ran.store
    } else {
        drop(ran.store);
        core.stores.open(&request.caller)
    };
    settle::settle(request, &*store, &*core.clock).await?;
    settle::tell_free(request, &*store, tool.spec.cost).await?;
    match outcome {
        Ok(answer) => {
            if let (Some(replay), Some(structured)) = (&replay, &answer.structured)
                && let Err(meanwhile) =
                    Box::pin(replay::remember(core, store.idempotency(), replay, structured.json(), request))
                        .await
            {
                drop(store);
                return match meanwhile {
                    replay::Refusal::Words(_) => Box::pin(again(core, request, replay)).await,
                    replay::Refusal::Lost(failure) => Err(failure),
                };
            }
            Ok(present::done(core, request, &answer, store, changed))
        }
        Err(ToolError::Refused(text) | ToolError::BadHandle(text)) => {
            let told = present::refused(core, request, &text, "refused", Outcome::Failed);
            Ok(Answered { store: Some(store), ..told })
        }
        Err(ToolError::Missing { what, asked }) => {
            let text = format!("no such {what}: {asked}");
            let told = present::refused(core, request, &text, "missing", Outcome::Failed);
            Ok(Answered { store: Some(store), ..told })
        }
        Err(ToolError::NeedsInput { questions, state }) => {
            // A task asks on its line; there is no request left that could be repeated.
            if asking.line.is_some_and(|line| line.is_apart()) {
                return Err(Failure::Input);
            }
            let asked = input_required(core, request, "tools/call", raw, &questions, state.as_deref())?;
            Ok(Answered { store: Some(store), ..asked })
        }
        Err(other) => Err(other.into()),
    }
}

/// What was answered to the same call before, after its turn has come.
async fn earlier(
    core: &Arc<Core>,
    request: &mut Request,
    tool: &ToolEntry,
    store: &dyn CallStore,
    replay: &mut replay::Replay,
) -> Result<Option<Answered>, Failure> {
    if replay.takes_turns() {
        request.turn = Some(Box::new(core.in_flight.turn(replay.scope.clone()).await));
    }
    let first = match replay::name(store.idempotency(), replay).await {
        Ok(()) => replay::find(store.idempotency(), replay, request.now).await,
        Err(refusal) => Err(refusal),
    };
    match first {
        Ok(None) => Ok(None),
        Ok(Some(answer)) => {
            settle::tell_free(request, store, tool.spec.cost).await?;
            Ok(Some(present::replayed(core, request, &answer)))
        }
        Err(replay::Refusal::Words(text)) => {
            Ok(Some(present::refused(core, request, &text, "idempotency_mismatch", Outcome::Refused)))
        }
        Err(replay::Refusal::Lost(failure)) => Err(failure),
    }
}

/// Another process recorded the same key first: its answer is the answer.
async fn again(
    core: &Arc<Core>,
    request: &mut Request,
    replay: &replay::Replay,
) -> Result<Answered, Failure> {
    let store = core.stores.open(&request.caller);
    // The tenant pays for the other one; what this one used for nothing is the operator's.
    request.owed.charge_platform();
    settle::settle(request, &*store, &*core.clock).await?;
    let answered = first_answer(core, request, replay, &*store).await?;
    Ok(Answered { store: Some(store), ..answered })
}

async fn first_answer(
    core: &Core,
    request: &Request,
    replay: &replay::Replay,
    store: &dyn CallStore,
) -> Result<Answered, Failure> {
    match replay::find(store.idempotency(), replay, request.now).await {
        Ok(Some(answer)) => Ok(present::replayed(core, request, &answer)),
        Err(replay::Refusal::Words(text)) => {
            Ok(present::refused(core, request, &text, "idempotency_mismatch", Outcome::Refused))
        }
        Ok(None) => Err(Failure::Unavailable("the data store is busy; repeat the call".to_owned())),
        Err(replay::Refusal::Lost(failure)) => Err(failure),
    }
}

fn check_header_params(carrier: &Carrier, tool: &ToolEntry, raw: &str) -> Result<(), Failure> {
    let Carrier::Http(sent) = carrier else { return Ok(()) };
    if !tool.repeats_in_headers {
        return Ok(());
    }
    let arguments = serde_json::from_str(raw).ok();
    let defects = fields::check_params(sent, tool.input_schema.get(), arguments.as_ref());
    if defects.is_empty() {
        return Ok(());
    }
    Err(Failure::Defects {
        class: Class::HeaderMismatch,
        code: pm33_protocol::codes::HEADER_MISMATCH,
        message: "the Mcp-Param headers do not fit the arguments".to_owned(),
        defects,
    })
}
