//! Calls that go on as tasks after their request was answered: who may, when they do, and what becomes of them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use pm33_admission::{
    BegunTask, EndedTask, IdempotencyStore, TaskEnd, TaskId, TaskOwner, begin_task, end_task,
};
use pm33_auth::Caller;
use pm33_protocol::{Era, TASKS_EXTENSION, TaskResult, encode_result, methods as names};
use pm33_tenancy::{ClientFacts, CorrelationId, Timestamp};
use pm33_tools::{Question, Replies, ToolError};
use serde_json::{Map, Value, json};
use tokio::sync::{Notify, oneshot};
use tokio_util::sync::CancellationToken;

use crate::{
    Class, Message, lease,
    link::{ANSWER, is_answer},
    outbox::internal,
    request::Request,
    server::Core,
    tended::Tended,
    warden,
};

/// How often a client should ask.
const POLL: Duration = Duration::from_secs(1);

/// Whether a client takes tasks.
pub(crate) fn takes_tasks(capabilities: &Map<String, Value>) -> bool {
    capabilities.get("extensions").is_some_and(|all| all.get(TASKS_EXTENSION).is_some_and(Value::is_object))
}

/// A call that may become a task, and is one.
pub(crate) struct Line {
    pub(crate) id: TaskId,
    pub(crate) owner: TaskOwner,
    pub(crate) created: Timestamp,
    pub(crate) expires: Timestamp,
    caller: Caller,
    client: ClientFacts,
    correlation: CorrelationId,
    cancelled: CancellationToken,
    /// The call has ended, however.
    ended: CancellationToken,
    ready: Notify,
    state: Mutex<State>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// It answers its request.
    Bound,
    /// A tool that may take long runs.
    Ready,
    /// Its request was answered; it is a task.
    Apart,
}

struct State {
    phase: Phase,
    tool: &'static str,
    updated: Timestamp,
    message: Option<String>,
    asked: BTreeMap<String, Question>,
    round: u32,
    replies: Replies,
    waiting: Option<oneshot::Sender<Replies>>,
}

/// Tasks that run here.
pub(crate) type Tasks = Mutex<BTreeMap<(TaskOwner, TaskId), Arc<Line>>>;

fn all(core: &Core) -> MutexGuard<'_, BTreeMap<(TaskOwner, TaskId), Arc<Line>>> {
    core.lines.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whose tasks a caller's are.
pub(crate) fn owner(caller: &Caller) -> TaskOwner {
    TaskOwner { tenant: caller.tenant, principal: caller.principal().into_owned() }
}

/// A task that runs here.
pub(crate) fn running(core: &Core, owner: &TaskOwner, id: &TaskId) -> Option<Arc<Line>> {
    all(core).get(&(owner.clone(), id.clone())).cloned()
}

impl Line {
    /// The line of a `tools/call` of a client that takes tasks.
    pub(crate) fn of(core: &Core, request: &Request, cancelled: &CancellationToken) -> Option<Arc<Self>> {
        let may = request.era() == Era::Modern
            && request.method == names::TOOLS_CALL
            && takes_tasks(&request.capabilities);
        let line = || Self {
            id: TaskId::random(),
            owner: owner(&request.caller),
            created: request.now,
            expires: request.now.plus(core.options.task_life),
            caller: request.caller.clone(),
            client: request.record.client.clone(),
            correlation: request.record.correlation,
            cancelled: cancelled.clone(),
            ended: CancellationToken::new(),
            ready: Notify::new(),
            state: Mutex::new(State {
                phase: Phase::Bound,
                tool: "",
                updated: request.now,
                message: None,
                asked: BTreeMap::new(),
                round: 0,
                replies: Replies::new(),
                waiting: None,
            }),
        };
        may.then(|| Arc::new(line()))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A tool that may take long begins to run.
    pub(crate) fn begin(&self, tool: &'static str) {
        let mut state = self.state();
        state.tool = tool;
        state.phase = Phase::Ready;
        self.ready.notify_one();
    }

    /// The call is about to answer: whether as a task. If not, it stays bound to its request.
    pub(crate) fn is_apart(&self) -> bool {
        let mut state = self.state();
        if state.phase == Phase::Ready {
            state.phase = Phase::Bound;
        }
        state.phase == Phase::Apart
    }

    /// Leaves its request, if it still may.
    fn leave(&self) -> Option<&'static str> {
        let mut state = self.state();
        if state.phase != Phase::Ready {
            return None;
        }
        state.phase = Phase::Apart;
        Some(state.tool)
    }

    async fn ripe(&self, after: Duration) {
        self.ready.notified().await;
        tokio::time::sleep(after).await;
    }

    /// Tells what it is at.
    pub(crate) fn say(&self, message: &str) {
        self.state().message = Some(message.to_owned());
    }

    /// Asks through `tasks/get`, and waits for `tasks/update`.
    pub(crate) async fn ask(
        &self,
        core_now: Timestamp,
        questions: Vec<Question>,
    ) -> Result<Replies, ToolError> {
        let (tell, told) = oneshot::channel();
        {
            let mut state = self.state();
            state.round += 1;
            state.asked = questions.into_iter().map(|one| (one.key.clone(), one)).collect();
            state.replies.clear();
            state.waiting = Some(tell);
            state.updated = core_now;
        }
        let answer = tokio::select! {
            answer = tokio::time::timeout(ANSWER, told) => answer,
            () = self.cancelled.cancelled() => return Err(ToolError::Cancelled),
        };
        self.state().asked.clear();
        match answer {
            Ok(Ok(replies)) => Ok(replies),
            Ok(Err(_)) | Err(_) => Err(ToolError::refused("the client did not answer in time")),
        }
    }

    /// Takes replies to what is asked; others are passed over.
    pub(crate) fn answer(&self, now: Timestamp, replies: Map<String, Value>) {
        let mut state = self.state();
        for (key, reply) in replies {
            if state.asked.get(&key).is_some_and(|question| is_answer(question, &reply)) {
                state.asked.remove(&key);
                state.replies.insert(key, reply);
            }
        }
        state.updated = now;
        if state.asked.is_empty()
            && let Some(waiting) = state.waiting.take()
        {
            let replies = std::mem::take(&mut state.replies);
            // The call may have ended meanwhile.
            let _ = waiting.send(replies);
        }
    }

    /// Asks the call to stop.
    pub(crate) fn cancel(&self) {
        self.cancelled.cancel();
    }

    /// Whose call it was.
    pub(crate) fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Waits until the call has ended.
    pub(crate) async fn ended(&self) {
        self.ended.cancelled().await;
    }

    /// What is on record while it runs.
    pub(crate) fn begun(&self, lost: Timestamp) -> BegunTask {
        let state = self.state();
        BegunTask {
            tool: state.tool.to_owned(),
            created: self.created,
            lost,
            expires: self.expires,
            message: state.message.clone(),
            asked: requests(&state.asked),
            round: state.round,
        }
    }

    /// The tool.
    pub(crate) fn tool(&self) -> &'static str {
        self.state().tool
    }

    /// Where it stands.
    pub(crate) fn told<'a>(&'a self, core: &'a Core, result_type: &'static str) -> TaskResult<'a> {
        let state = self.state();
        let asked = if result_type == "complete" { requests(&state.asked) } else { Map::new() };
        let times = (self.created, self.expires);
        TaskResult {
            last_updated_at: state.updated.to_string(),
            ..at_work(core, &self.id, result_type, times, (state.message.clone(), asked))
        }
    }
}

/// Questions in the client's form.
fn requests(asked: &BTreeMap<String, Question>) -> Map<String, Value> {
    asked
        .iter()
        .map(|(key, one)| (key.clone(), json!({ "method": one.method, "params": one.params })))
        .collect()
}

/// A task that a server is at: what it is at, and what it asks.
pub(crate) fn at_work<'a>(
    core: &'a Core,
    id: &'a TaskId,
    result_type: &'static str,
    (created, expires): (Timestamp, Timestamp),
    (message, asked): (Option<String>, Map<String, Value>),
) -> TaskResult<'a> {
    TaskResult {
        status: if asked.is_empty() { "working" } else { "input_required" },
        status_message: message,
        input_requests: (!asked.is_empty()).then_some(Value::Object(asked)),
        ..told(core, id, result_type, created, expires)
    }
}

/// A task without more than its times.
pub(crate) fn told<'a>(
    core: &'a Core,
    id: &'a TaskId,
    result_type: &'static str,
    created: Timestamp,
    expires: Timestamp,
) -> TaskResult<'a> {
    let life = expires.micros().saturating_sub(created.micros()) / 1_000;
    TaskResult {
        result_type,
        task_id: id.as_str(),
        status: "working",
        status_message: None,
        created_at: created.to_string(),
        last_updated_at: created.to_string(),
        ttl_ms: u64::try_from(life).unwrap_or(0),
        poll_interval_ms: u64::try_from(POLL.as_millis()).unwrap_or(u64::MAX),
        result: None,
        error: None,
        input_requests: None,
        meta: &core.server_meta,
    }
}

/// A call's work; when it takes long and its client takes tasks, the answer is the task, and the work goes on beside it.
pub(crate) async fn or_task(
    core: Arc<Core>,
    line: Arc<Line>,
    request: pm33_protocol::RequestId,
    work: impl Future<Output = Message> + Send + 'static,
) -> Message {
    let end = End(Arc::clone(&core), Arc::clone(&line));
    // Beside this: it may hold what noting the task waits for.
    let work = async move {
        let message = work.await;
        drop(end);
        message
    };
    let mut work = Tended::apart(work, &core.tasks);
    tokio::select! {
        biased;
        message = &mut work => return message.unwrap_or_else(internal),
        () = line.ripe(core.options.task_after) => {}
    }
    let Some(tool) = line.leave() else { return work.await.unwrap_or_else(internal) };
    // Before it is noted, so that its end finds it.
    all(&core).insert((line.owner.clone(), line.id.clone()), Arc::clone(&line));
    if let Err(error) = note_begun(&core, &line, tool).await {
        tracing::error!(error, "a task was not noted, so its call answers its request");
        return work.await.unwrap_or_else(internal);
    }
    lease::tend(&core, &line);
    let body = encode_result(&request, &line.told(&core, "task")).into();
    Message { body, class: Class::Answer, session: None, rate_limit: None }
}

async fn note_begun(core: &Core, line: &Line, tool: &'static str) -> Result<(), String> {
    let begun = line.begun(core.clock.now().plus(core.options.task_lease));
    let store = core.stores.open(&line.caller);
    begin_task(store.idempotency(), &line.owner, &line.id, &begun)
        .await
        .map_err(|error| error.to_string())?;
    let act = ("system/task.begun", Some(tool.to_owned()));
    let event = warden::event(core, &line.caller, act, line.client.clone(), line.correlation);
    store.commit(Box::new(event)).await.map_err(|error| error.to_string())
}

/// How the answer to a call ends its task.
fn ended(core: &Core, line: &Line, body: &[u8]) -> EndedTask {
    let mut answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let (end, answer) = match (answer.get_mut("result").map(Value::take), answer.get_mut("error")) {
        (Some(result), _) => (TaskEnd::Completed, result),
        (None, _) if line.cancelled.is_cancelled() => (TaskEnd::Cancelled, Value::Null),
        (None, error) => (TaskEnd::Failed, error.map(Value::take).unwrap_or_default()),
    };
    EndedTask {
        tool: line.tool().to_owned(),
        created: line.created,
        ended: core.clock.now(),
        expires: line.expires,
        end,
        answer: answer.to_string(),
    }
}

/// Notes how a task ended; joins the call's unit of work.
pub(crate) async fn end(core: &Core, store: &dyn IdempotencyStore, line: &Line, body: &[u8]) {
    if let Err(error) = end_task(store, &line.owner, &line.id, &ended(core, line, body)).await {
        tracing::error!(error = &error as &dyn std::error::Error, "a task's end was not noted");
    }
}

/// Notes how a task ended that kept nothing, in a unit of its own.
pub(crate) async fn end_alone(core: &Core, line: &Line, body: &[u8]) {
    let store = core.stores.open(&line.caller);
    end(core, store.idempotency(), line, body).await;
    let act = ("system/task.ended", Some(line.tool().to_owned()));
    let event = warden::event(core, &line.caller, act, line.client.clone(), line.correlation);
    if let Err(error) = store.commit(Box::new(event)).await {
        tracing::error!(error = &error as &dyn std::error::Error, "a task's end was not noted");
    }
}

/// The end of a call, also by a panic.
struct End(Arc<Core>, Arc<Line>);

impl Drop for End {
    fn drop(&mut self) {
        self.1.ended.cancel();
        forget(&self.0, &self.1);
    }
}

/// Forgets a task here: its end is on record.
pub(crate) fn forget(core: &Core, line: &Line) {
    all(core).remove(&(line.owner.clone(), line.id.clone()));
}
