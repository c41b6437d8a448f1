//! `tasks/get`, `tasks/update`, `tasks/cancel`: for the one whose call it was, and for nobody else.

use pm33_admission::{BegunTask, EndedTask, TaskEnd, TaskId, TaskRecord, Wish, find_task, note_wish};
use pm33_protocol::{ErrorObject, TASKS_EXTENSION, TaskResult, codes, encode_result};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Answered;
use crate::{
    CallStore,
    failure::Failure,
    request::Request,
    server::Core,
    tasks::{self, Line},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Params {
    task_id: String,
    #[serde(default)]
    input_responses: Map<String, Value>,
}

/// What was found.
enum Found {
    /// It runs here.
    Here(std::sync::Arc<Line>),
    /// It is on record.
    Kept(TaskRecord),
}

async fn find(core: &Core, request: &mut Request) -> Result<(TaskId, Found, Params), Failure> {
    if !tasks::takes_tasks(&request.capabilities) {
        return Err(Failure::Extension(TASKS_EXTENSION));
    }
    let params: Params = request.need()?;
    // The same words whether it never was, is another's, or is forgotten.
    let missing = || {
        Failure::params(
            "no such task; its id came with the answer of tools/call, and is good until its ttlMs are over",
        )
    };
    let id = TaskId::parse(&params.task_id).ok_or_else(missing)?;
    let owner = tasks::owner(&request.caller);
    let found = if let Some(line) = tasks::running(core, &owner, &id) {
        Found::Here(line)
    } else {
        let store = core.stores.open(&request.caller);
        let kept = find_task(store.idempotency(), &owner, &id, request.now).await;
        let kept = kept.map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "a task cannot be looked up");
            Failure::Unavailable("the data store is unavailable; repeat the call".to_owned())
        })?;
        Found::Kept(kept.ok_or_else(missing)?)
    };
    let tool = match &found {
        Found::Here(line) => line.tool().to_owned(),
        Found::Kept(TaskRecord::Begun(task) | TaskRecord::Lost(task)) => task.tool.clone(),
        Found::Kept(TaskRecord::Ended(task)) => task.tool.clone(),
    };
    // A key that has lost a scope since reads no result of it any more.
    if let Some(tool) = core.catalogue.load().tool(&tool) {
        request.record.scopes = tool.scopes().into();
        let needed = tool.spec.scope_set();
        if !request.caller.scopes.contains(needed) {
            return Err(Failure::Scopes(needed));
        }
    }
    request.record.target = Some(tool.into());
    Ok((id, found, params))
}

pub(super) async fn get(core: &Core, request: &mut Request) -> Result<Answered, Failure> {
    let (id, found, _) = find(core, request).await?;
    let body = match &found {
        Found::Here(line) => encode_result(&request.id, &line.told(core, "complete")),
        Found::Kept(kept) => encode_result(&request.id, &told(core, &id, kept)),
    };
    Ok(Answered::ok(body))
}

pub(super) async fn update(core: &Core, request: &mut Request) -> Result<Answered, Failure> {
    let (id, found, params) = find(core, request).await?;
    let mut wishes = Vec::new();
    let task = match &found {
        Found::Here(line) => {
            line.answer(request.now, params.input_responses);
            return Ok(acknowledged(core, request));
        }
        Found::Kept(TaskRecord::Begun(task)) => task,
        Found::Kept(_) => return Ok(acknowledged(core, request)),
    };
    for (key, reply) in &params.input_responses {
        if task.asked.contains_key(key) {
            wishes.push((Wish::Reply(task.round, key), reply));
        }
    }
    passed_on(core, request, &id, task, &wishes).await
}

pub(super) async fn cancel(core: &Core, request: &mut Request) -> Result<Answered, Failure> {
    let (id, found, _) = find(core, request).await?;
    match found {
        Found::Here(line) => line.cancel(),
        Found::Kept(TaskRecord::Begun(task)) => {
            return passed_on(core, request, &id, &task, &[(Wish::Stop, &Value::Null)]).await;
        }
        Found::Kept(_) => {}
    }
    Ok(acknowledged(core, request))
}

fn acknowledged(core: &Core, request: &Request) -> Answered {
    Answered::ok(encode_result(&request.id, &json!({ "resultType": "complete", "_meta": core.server_meta })))
}

/// Leaves what the caller wants where the server that is at the task looks for it.
async fn passed_on(
    core: &Core,
    request: &Request,
    id: &TaskId,
    task: &BegunTask,
    wishes: &[(Wish<'_>, &Value)],
) -> Result<Answered, Failure> {
    let mut answered = acknowledged(core, request);
    if wishes.is_empty() {
        return Ok(answered);
    }
    let owner = tasks::owner(&request.caller);
    let store: Box<dyn CallStore> = core.stores.open(&request.caller);
    for wish in wishes {
        let times = (request.now, task.expires);
        note_wish(store.idempotency(), &owner, id, *wish, times).await.map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "a task's caller cannot be passed on");
            Failure::Unavailable("the data store is unavailable; repeat the call".to_owned())
        })?;
    }
    answered.store = Some(store);
    Ok(answered)
}

fn told<'a>(core: &'a Core, id: &'a TaskId, kept: &TaskRecord) -> TaskResult<'a> {
    match kept {
        TaskRecord::Begun(task) => {
            let times = (task.created, task.expires);
            tasks::at_work(core, id, "complete", times, (task.message.clone(), task.asked.clone()))
        }
        TaskRecord::Lost(task) => {
            let words = "the server that ran this call stopped before it ended; nothing of it was kept, and what was held for it \
                comes back with the end of its hold: call again";
            let error = ErrorObject::new(codes::INTERNAL, words);
            TaskResult {
                status: "failed",
                last_updated_at: task.lost.to_string(),
                error: serde_json::to_value(error).ok(),
                ..tasks::told(core, id, "complete", task.created, task.expires)
            }
        }
        TaskRecord::Ended(task) => ended(core, id, task),
    }
}

fn ended<'a>(core: &'a Core, id: &'a TaskId, task: &EndedTask) -> TaskResult<'a> {
    let answer: Value = serde_json::from_str(&task.answer).unwrap_or_default();
    let (status, result, error) = match task.end {
        TaskEnd::Completed => ("completed", Some(answer), None),
        TaskEnd::Failed => ("failed", None, Some(answer)),
        TaskEnd::Cancelled => ("cancelled", None, None),
    };
    let last_updated_at = task.ended.to_string();
    TaskResult {
        status,
        last_updated_at,
        result,
        error,
        ..tasks::told(core, id, "complete", task.created, task.expires)
    }
}
