//! Calculation off the threads that serve calls: a forecast must not make a query wait.

use tokio::sync::Semaphore;

use crate::{ToolContext, ToolError};

/// Calculations at the same time; more wait their turn.
static TURNS: Semaphore = Semaphore::const_new(2);

/// Runs a calculation on a thread for blocking work. A call that is cancelled while it waits for its turn never begins.
pub(crate) async fn compute<T: Send + 'static>(
    ctx: &ToolContext<'_>,
    job: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ToolError> {
    let unavailable = |cause: Box<dyn std::error::Error + Send + Sync>| ToolError::Unavailable {
        message: "the calculation did not finish; call again".to_owned(),
        cause,
    };
    let turn = tokio::select! {
        biased;
        () = ctx.cancelled.cancelled() => return Err(ToolError::Cancelled),
        turn = TURNS.acquire() => turn.map_err(|error| unavailable(error.into()))?,
    };
    // The turn goes along: a caller who hangs up must not make room for another calculation beside this one.
    tokio::task::spawn_blocking(move || {
        let _turn = turn;
        job()
    })
    .await
    .map_err(|error| unavailable(error.into()))
}
