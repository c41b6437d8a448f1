//! Stage: the tool runs, watched: cancellation, time limit, panic.

use std::{convert::Infallible, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt;
use pm33_tools::{Answer, Cost, SIGN, ToolContext, ToolEntry, ToolError};
use serde_json::Value;
use tokio::time::error::Elapsed;

use crate::{
    CallStore,
    call::{injection::Spoken, settle::Owed},
    failure::Failure,
    handles::CallerHandles,
    link::{ANSWER, Link},
    methods::Asking,
    request::Request,
    server::Core,
};

/// How often it is looked whether a sign of life is due.
const TICK: Duration = Duration::from_secs(1);

/// A tool that came to an end.
pub(crate) struct Ran {
    pub(crate) outcome: Result<Answer, ToolError>,
    pub(crate) store: Box<dyn CallStore>,
    pub(crate) changed: Vec<String>,
}

/// Runs a tool on validated arguments. A cancelled, late or panicking one leaves nothing behind.
pub(crate) async fn run(
    core: &Arc<Core>,
    request: &mut Request,
    tool: &ToolEntry,
    store: Box<dyn CallStore>,
    arguments: Value,
    link: &Link,
    asking: &Asking<'_>,
) -> Result<Ran, Failure> {
    let is_light = tool.spec.cost == Cost::Light;
    let mut limit = if is_light { core.options.light_call } else { core.options.heavy_call };
    if let Some(line) = asking.line.filter(|_| !is_light) {
        // A person may be asked on the way.
        limit += ANSWER;
        line.begin(tool.spec.name);
    }
    let handles =
        CallerHandles::new(Arc::clone(&core.sealer), &request.caller, request.now, core.options.cursor_life);
    let (owed, speaking);
    let (outcome, workspace, changed) = {
        let ctx = ToolContext::new(
            &request.caller,
            store.ports(),
            link,
            &handles,
            request.now,
            asking.cancelled.clone(),
            &core.desk,
        )
        .needing(tool.spec.scope_set());
        let mut running = AssertUnwindSafe(tool.run(&ctx, arguments)).catch_unwind();
        // Most tools answer at once, and need no clock.
        let outcome = match (&mut running).now_or_never() {
            Some(outcome) => Ok(Ok(outcome)),
            None => Box::pin(watch(core, &ctx, asking, limit, running)).await,
        };
        // Whatever became of the tool, what it asked of models has an end and a bill.
        owed = ctx.till().close().await;
        speaking = ctx.till().take_speaking();
        (outcome, ctx.opened_workspace(), ctx.take_changed())
    };
    request.record.workspace = workspace;
    if let Some(speaking) = speaking {
        Spoken::note(request, tool, speaking);
    }
    request.owed = Owed::of(owed);
    match outcome? {
        Ok(Ok(outcome)) => Ok(Ran { outcome, store, changed }),
        Ok(Err(_panic)) => {
            tracing::error!(tool = tool.spec.name, correlation = %request.record.correlation, "a tool panicked");
            Err(Failure::Internal)
        }
        Err(_elapsed) => Err(Failure::TimedOut(limit)),
    }
}

/// Waits for a tool, as long as it may take, its client waits, and the server has time.
async fn watch<T>(
    core: &Core,
    ctx: &ToolContext<'_>,
    asking: &Asking<'_>,
    limit: Duration,
    running: impl Future<Output = T>,
) -> Result<Result<T, Elapsed>, Failure> {
    tokio::select! {
        biased;
        outcome = tokio::time::timeout(limit, running) => Ok(outcome),
        () = asking.cancelled.cancelled() => Err(Failure::Cancelled),
        () = core.cut.cancelled() => Err(Failure::Unavailable(
            "the server is shutting down and this call did not finish; nothing of it was kept: call again".to_owned(),
        )),
        never = keep_hold(core, ctx) => match never {},
    }
}

/// Gives signs of the call's life, so that its hold lives as long as it.
async fn keep_hold(core: &Core, ctx: &ToolContext<'_>) -> Infallible {
    let mut told = ctx.now;
    loop {
        tokio::time::sleep(TICK).await;
        let now = core.clock.now();
        if now.since(told) < SIGN {
            continue;
        }
        match ctx.renew_hold(now).await {
            Ok(()) => told = now,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a hold was not lengthened");
            }
        }
    }
}
