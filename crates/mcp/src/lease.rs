//! A running task's signs of life in the store, and what its caller told another server: so that the task of a server that has
//! died is told as failed soon, and one can be asked for, answered and cancelled wherever the caller's next request arrives.

use std::{sync::Arc, time::Duration};

use pm33_admission::{AdmissionError, BegunTask, Wish, find_wish, renew_task};
use pm33_tenancy::Timestamp;
use serde_json::Map;

use crate::{link::ANSWER, server::Core, tasks::Line};

/// How often it is looked for what was told elsewhere.
const TICK: Duration = Duration::from_secs(1);
/// Signs that a lease has room for.
const SIGNS: u32 = 3;
/// What a server may need beyond its own limits to end a task.
const SLACK: Duration = Duration::from_mins(1);

/// Looks after a task until its call has ended. A call that hangs beyond every limit is not kept alive.
pub(crate) fn tend(core: &Arc<Core>, line: &Arc<Line>) {
    let last = line.created.plus(core.options.heavy_call + ANSWER + SLACK);
    let mut told = line.begun(core.clock.now().plus(core.options.task_lease));
    let (tracker, core, line) = (core.tasks.clone(), Arc::clone(core), Arc::clone(line));
    tracker.spawn(async move {
        loop {
            tokio::select! {
                biased;
                () = line.ended() => return,
                () = tokio::time::sleep(TICK) => {}
            }
            let now = core.clock.now();
            if now > last {
                return;
            }
            match Box::pin(look(&core, &line, &told, now)).await {
                Ok(Some(renewed)) => told = renewed,
                Ok(None) => {}
                // The next look may succeed; a lease has room for some.
                Err(error) => tracing::warn!(error, "a task's sign of life was not noted"),
            }
        }
    });
}

/// Hears what was told elsewhere, and gives a sign of life when it is time or something is new.
async fn look(
    core: &Core,
    line: &Line,
    told: &BegunTask,
    now: Timestamp,
) -> Result<Option<BegunTask>, String> {
    let words = |error: AdmissionError| error.to_string();
    let store = core.stores.open(line.caller());
    let calls = store.idempotency();
    if find_wish(calls, &line.owner, &line.id, Wish::Stop).await.map_err(words)?.is_some() {
        line.cancel();
    }
    let standing = line.begun(told.lost);
    let mut replies = Map::new();
    for key in standing.asked.keys() {
        let wish = Wish::Reply(standing.round, key);
        if let Some(reply) = find_wish(calls, &line.owner, &line.id, wish).await.map_err(words)? {
            replies.insert(key.clone(), reply);
        }
    }
    if !replies.is_empty() {
        line.answer(now, replies);
    }
    let lease = core.options.task_lease;
    let is_due = told.lost.since(now) <= lease / SIGNS * (SIGNS - 1);
    let standing = BegunTask { lost: now.plus(lease), ..line.begun(told.lost) };
    let is_new = BegunTask { lost: told.lost, ..standing.clone() } != *told;
    if !is_due && !is_new {
        return Ok(None);
    }
    renew_task(calls, &line.owner, &line.id, &standing).await.map_err(words)?;
    store.keep().await.map_err(|error| error.to_string())?;
    Ok(Some(standing))
}
