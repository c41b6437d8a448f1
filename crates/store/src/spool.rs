//! Audit rows of calls that wrote nothing, on the embedded database: a group of them goes to the end of a file, with one
//! sync, before its calls are answered, and from there into the log when there is time for it. A row in the database takes
//! a dozen of its pages and the right to write, which another process may hold; a row in a file takes neither.

mod codec;
mod drain;
mod folder;
mod frame;
mod log;
mod orphans;
mod refused;
mod runner;
mod scribe;
mod write;
mod writer;

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use pm33_tenancy::{AuditKeys, Clock};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use tokio::sync::{mpsc, mpsc::error::TrySendError, oneshot, watch};
use uuid::Uuid;

use self::{
    drain::Drain,
    log::{Log, Others, Progress},
    refused::{Refused, Standing},
    runner::{End, Job, Runner},
    scribe::Scribe,
    writer::Writer,
};
use crate::{
    AuditReads, Store, StoreError,
    engine::sqlite::{CommitSync, Turn},
    grant::Prepared,
    load::Groups,
    statements,
};

/// Rows that may wait.
const QUEUE: usize = 4_096;
/// How long rows are waited for that somebody wants to see.
const PATIENCE: Duration = Duration::from_secs(10);
/// The same of other processes' rows: those that have no time for it are not waited for.
const PATIENCE_WITH_OTHERS: Duration = Duration::from_secs(1);

/// What a spool works with.
pub(crate) struct SpoolParts {
    pub(crate) database: PathBuf,
    pub(crate) keys: Arc<AuditKeys>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) audit_reads: AuditReads,
    pub(crate) groups: Arc<Groups>,
    pub(crate) turn: Turn,
}

/// The spool's entrance.
#[derive(Clone)]
pub(crate) struct Spool {
    jobs: mpsc::Sender<Job>,
    /// Whether the last group was lost: then nobody is answered before his row is durable.
    failing: Arc<AtomicBool>,
    folder: Arc<PathBuf>,
    log: Arc<Log>,
    refused: Arc<Refused>,
    progress: watch::Receiver<Progress>,
}

impl Spool {
    /// Starts the spool, and puts into the database what ended processes have left.
    ///
    /// # Errors
    /// When no thread can be started.
    pub(crate) fn start(
        parts: SpoolParts,
        tasks: &tokio_util::task::TaskTracker,
    ) -> Result<Self, StoreError> {
        let SpoolParts { database, keys, clock, audit_reads, groups, turn } = parts;
        let sync =
            if audit_reads == AuditReads::Committed { CommitSync::WithTheLog } else { CommitSync::Each };
        let folder = Store::spool(&database);
        let log = Arc::new(Log::new(folder.clone(), Arc::clone(&keys), clock, sync));
        let refused = Arc::new(Refused::new(folder.clone(), keys));
        let (progress, watched) = watch::channel(Progress::default());
        let drain = Drain {
            folder: folder.clone(),
            log: Arc::clone(&log),
            scribe: Scribe::new(database, turn),
            refused: Arc::clone(&refused),
            progress,
        };
        let unusable = |error: std::io::Error| StoreError::Unusable {
            why: format!("the threads that write audit rows cannot be started: {error}"),
        };
        let ended = drain.start().map_err(unusable)?;
        let writer = Writer::start(Arc::clone(&log), sync).map_err(unusable)?;
        let (sender, jobs) = mpsc::channel(QUEUE);
        let failing = Arc::new(AtomicBool::new(false));
        let within = match audit_reads {
            AuditReads::EachCall | AuditReads::Committed => Duration::ZERO,
            AuditReads::Batched { within } => within,
        };
        let end = End { log: Arc::clone(&log), ended };
        let runner = Runner { jobs, writer, within, failing: Arc::clone(&failing), groups, end };
        tasks.spawn(runner.run());
        Ok(Self { jobs: sender, failing, folder: Arc::new(folder), log, refused, progress: watched })
    }

    /// Keeps an audit row; returns when it is durable.
    ///
    /// # Errors
    /// When it is not, or its chain cannot be gone on from.
    pub(crate) async fn audit(
        &self,
        row: &Prepared,
        database: &DatabaseConnection,
    ) -> Result<(), StoreError> {
        self.take(row, database).await?;
        let (done, answer) = oneshot::channel();
        self.send(Job::Row(codec::encode(row), Some(done))).await?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Queues an audit row; returns when it is queued, and only when it is durable while rows are being lost.
    ///
    /// # Errors
    /// As of [`Self::audit`].
    pub(crate) async fn audit_later(
        &self,
        row: &Prepared,
        database: &DatabaseConnection,
    ) -> Result<(), StoreError> {
        if self.failing.load(Ordering::Acquire) {
            return Box::pin(self.audit(row, database)).await;
        }
        self.take(row, database).await?;
        self.send(Job::Row(codec::encode(row), None)).await
    }

    /// Waits until the rows that were queued are durable.
    ///
    /// # Errors
    /// When they are not.
    pub(crate) async fn flush(&self) -> Result<(), StoreError> {
        let (done, answer) = oneshot::channel();
        self.send(Job::Flush(done)).await?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Refuses the rows of an organisation whose chain cannot be gone on from.
    async fn take(&self, row: &Prepared, database: &DatabaseConnection) -> Result<(), StoreError> {
        let tenant = row.0.tenant;
        if self.refused.is_signed(tenant) {
            return Ok(());
        }
        // Boxed: this is seldom, and every call goes by here.
        match Box::pin(statements::head(database, tenant, self.refused.keys())).await? {
            Ok(_) => {
                self.refused.note(tenant, Standing::Signed);
                Ok(())
            }
            Err(why) => {
                tracing::error!(tenant.id = %tenant, why, "a call is refused");
                self.refused.note(tenant, Standing::Broken);
                Err(StoreError::NotCommitted)
            }
        }
    }

    async fn send(&self, job: Job) -> Result<(), StoreError> {
        match self.jobs.try_send(job) {
            Ok(()) => Ok(()),
            // Boxed: there is room most of the time.
            Err(TrySendError::Full(job)) => {
                Box::pin(self.jobs.send(job)).await.map_err(|_| StoreError::Closed)
            }
            Err(TrySendError::Closed(_)) => Err(StoreError::Closed),
        }
    }

    /// Rows that wait for their sync now.
    pub(crate) fn queued(&self) -> usize {
        self.jobs.max_capacity() - self.jobs.capacity()
    }

    /// Waits until the rows that were acknowledged by now are in the database: this process's, and those of others that
    /// have time for it.
    ///
    /// # Errors
    /// When the database does not take them in time.
    pub(crate) async fn settled(&self, database: &DatabaseConnection) -> Result<(), StoreError> {
        let own = self.log.process();
        let folder = Arc::clone(&self.folder);
        let others = tokio::task::spawn_blocking(move || others(&folder, own));
        let others = others.await.map_err(|_| StoreError::Closed)?.map_err(|error| StoreError::Unusable {
            why: format!("the folder of audit rows beside the database cannot be read: {error}"),
        })?;
        if !others.is_empty() || !self.log.is_settled() {
            let goal = self.log.want(if others.is_empty() { Others::Not } else { Others::Too });
            let mut progress = self.progress.clone();
            let reached = progress.wait_for(|now| now.reaches(goal));
            match tokio::time::timeout(PATIENCE, reached).await {
                // A spool that has ended has drained what it had.
                Ok(_) => {}
                Err(_) => return Err(StoreError::Busy),
            }
        }
        let waits = async {
            for (process, newest) in others {
                while drained(database, process).await? < newest {
                    if !self.folder.join(format!("{process}.lock")).exists() {
                        break;
                    }
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
            }
            Ok(())
        };
        // Whoever has no time now puts its rows into the log later.
        tokio::time::timeout(PATIENCE_WITH_OTHERS, waits).await.unwrap_or(Ok(()))
    }

    /// Lets the spool end after what is queued.
    pub(crate) async fn stop(&self) {
        // An ended spool needs no telling.
        let _ = self.jobs.send(Job::Stop).await;
    }
}

/// Number of a process's newest frame whose rows are in the database.
async fn drained(database: &DatabaseConnection, process: Uuid) -> Result<u64, StoreError> {
    const FRAME: &str = "SELECT frame FROM audit_spool WHERE process = ?";
    // As the thread that drains wrote it.
    let key = process.as_bytes().to_vec();
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, FRAME, [key.into()]);
    let row = database.query_one_raw(statement).await?;
    let frame = row.map(|row| row.try_get_by_index::<i64>(0)).transpose()?;
    Ok(frame.and_then(|frame| u64::try_from(frame).ok()).unwrap_or(0))
}

/// Other processes in the folder, each with its newest frame.
fn others(folder: &std::path::Path, own: Option<Uuid>) -> std::io::Result<HashMap<Uuid, u64>> {
    let others = folder::processes(folder)?.into_iter().filter(|process| Some(*process) != own);
    others.map(|process| Ok((process, folder::newest(folder, process)?))).collect()
}
