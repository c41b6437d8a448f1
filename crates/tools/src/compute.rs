//! Calculation off the threads that serve calls: a forecast must not make a query wait. It tells how far it has come, and
//! stops soon after nobody waits for it any more.

use std::{
    ops::ControlFlow,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::sync::{Semaphore, oneshot};
use tokio_util::sync::CancellationToken;

pub(crate) use pace::small_call;

use crate::{ToolContext, ToolError, compute::pace::Pace};

mod pace;

/// Calculations at the same time; more wait their turn. One core is left to the threads that serve calls.
static TURNS: LazyLock<Semaphore> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Semaphore::new(cores.saturating_sub(1).max(1))
});
/// How often a client hears of progress.
const TELL: Duration = Duration::from_millis(200);

/// A running calculation's line to its call. A calculation that asks it often can be stopped soon, and lets small calls go first.
#[derive(Debug)]
pub(crate) struct Watch {
    stop: CancellationToken,
    done: Arc<Done>,
    pace: Pace,
}

/// Bits of the part that is done, 0 to 1.
type Done = AtomicU64;

impl Watch {
    /// Says how far the calculation has come, 0 to 1; a break when nobody waits for it any more.
    pub(crate) fn tell(&self, done: f64) -> ControlFlow<()> {
        self.done.store(done.clamp(0.0, 1.0).to_bits(), Ordering::Relaxed);
        self.go_on()
    }

    /// A break when nobody waits any more. Rests on the way where small calls are about.
    pub(crate) fn go_on(&self) -> ControlFlow<()> {
        self.pace.give_way();
        if self.stop.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// The niceness of a calculation's thread, of 19 at most: where a call served at the usual 0 wants the same core, it gets about a
/// tenth of it.
#[cfg(target_os = "linux")]
const BEHIND: i32 = 10;

/// Lets the threads that serve calls go first. On Linux niceness is the thread's own, and it ends with the thread. A server that
/// stands behind everything else already is left where it is, or calculations might never get a core.
fn step_back() {
    #[cfg(target_os = "linux")]
    if let Ok(own) = rustix::process::getpriority_process(None) {
        // Where the system does not allow it, calculations are as before, and calls wait a little longer.
        let _ = rustix::process::nice((BEHIND - own).max(0));
    }
}

/// Runs a calculation on a thread of its own, behind the threads that serve calls, telling the client `what` and how far it is. A call that is cancelled
/// while it waits for its turn never begins; one that is cancelled, or late, later finds its watch broken.
pub(crate) async fn compute<T: Send + 'static>(
    ctx: &ToolContext<'_>,
    what: &'static str,
    job: impl FnOnce(&Watch) -> T + Send + 'static,
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
    let (stop, done) = (ctx.cancelled.child_token(), Arc::<Done>::default());
    let watch = Watch { stop: stop.clone(), done: Arc::clone(&done), pace: Pace::new() };
    // When this future is dropped, by a time limit say, the calculation is to stop too.
    let _stops = stop.drop_guard();
    // The turn goes along: a caller who hangs up must not make room for another calculation beside this one.
    let (answer, mut answered) = oneshot::channel();
    std::thread::Builder::new()
        .name("planning".to_owned())
        .spawn(move || {
            let _turn = turn;
            step_back();
            // A caller who has left needs no answer.
            let _ = answer.send(job(&watch));
        })
        .map_err(|error| unavailable(error.into()))?;
    let mut clock = tokio::time::interval(TELL);
    clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut told = 0.0;
    loop {
        tokio::select! {
            biased;
            result = &mut answered => {
                let result = result.map_err(|error| unavailable(error.into()))?;
                return if ctx.cancelled.is_cancelled() { Err(ToolError::Cancelled) } else { Ok(result) };
            }
            _ = clock.tick() => {
                let done = f64::from_bits(done.load(Ordering::Relaxed));
                if done > told {
                    told = done;
                    ctx.client.progress(done, Some(1.0), Some(what));
                }
            }
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::getpriority_process;

    use super::{BEHIND, step_back};

    #[test]
    fn a_calculations_thread_stands_behind_the_others_and_they_stay_where_they_are() {
        let before = getpriority_process(None).expect("the niceness of this thread");
        let there = std::thread::spawn(|| {
            step_back();
            getpriority_process(None)
        });
        let there = there.join().expect("a thread that ends").expect("the niceness of that thread");
        assert_eq!(there, before.max(BEHIND));
        assert_eq!(getpriority_process(None), Ok(before));
    }
}
