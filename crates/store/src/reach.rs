//! Whether PostgreSQL can be reached. A pool that cannot connect tries again for as long as a caller may wait for a
//! connection, and every caller would wait so long; so one connection asks again and again, and while it gets no answer
//! everybody else is told at once.

use std::time::Duration;

use sea_orm::{ConnAcquireErr, DbErr};
use secrecy::SecretString;
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::engine::postgres::Probe;

/// How often it is asked.
const EVERY: Duration = Duration::from_millis(250);
/// How long it may take to answer. A server that is only busy answers a question for nothing much sooner.
const WITHIN: Duration = Duration::from_secs(2);

/// What is known of the way to the database.
#[derive(Clone)]
pub(crate) struct Reach {
    /// None for the embedded database, which needs no way.
    way: Option<watch::Receiver<Way>>,
    stop: CancellationToken,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Open,
    Cut,
}

impl Reach {
    /// The embedded database is always there.
    pub(crate) fn embedded() -> Self {
        Self { way: None, stop: CancellationToken::new() }
    }

    /// Asks PostgreSQL until the end.
    pub(crate) fn watch(url: &SecretString, tasks: &TaskTracker) -> Self {
        let (told, way) = watch::channel(Way::Open);
        let probe = Probe::new(url.clone());
        let stop = CancellationToken::new();
        let asking = ask(probe, told);
        let stopped = stop.clone();
        tasks.spawn(async move { stopped.run_until_cancelled(asking).await.unwrap_or(()) });
        Self { way: Some(way), stop }
    }

    /// Asks no more; what is known stays known.
    pub(crate) fn end(&self) {
        self.stop.cancel();
    }

    /// Does what needs the database, unless it cannot be reached, or is found not to be meanwhile.
    pub(crate) async fn on<T, E: From<DbErr>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let Some(way) = &self.way else { return work.await };
        let mut way = way.clone();
        tokio::select! {
            biased;
            Ok(_) = way.wait_for(|way| *way == Way::Cut) => Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout).into()),
            done = work => done,
        }
    }
}

async fn ask(mut probe: Probe, told: watch::Sender<Way>) {
    loop {
        tokio::select! {
            () = told.closed() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        let answered = tokio::time::timeout(WITHIN, probe.ask()).await.unwrap_or(false);
        if !answered {
            // An answer that comes too late is nobody's.
            probe.forget();
        }
        let way = if answered { Way::Open } else { Way::Cut };
        let is_new = told.send_if_modified(|known| std::mem::replace(known, way) != way);
        match way {
            Way::Cut if is_new => {
                tracing::error!("PostgreSQL cannot be reached; calls are refused until it answers");
            }
            Way::Open if is_new => tracing::warn!("PostgreSQL can be reached again"),
            Way::Cut | Way::Open => {}
        }
    }
}
