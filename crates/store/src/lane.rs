//! The writer lane of the embedded database: one task owns the writing connection, runs units one after the other, each
//! in a savepoint, chains and writes the audit rows of all of them, and commits the group with one sync. Callers are
//! answered after the group's commit.

#[cfg(feature = "sqlite")]
mod append;
#[cfg(not(feature = "sqlite"))]
#[path = "lane/append_absent.rs"]
mod append;
mod appended;
mod checkpoints;
mod group;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use pm33_tenancy::{AuditKeys, Clock};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use tokio::sync::{mpsc, oneshot};

use self::{append::Appender, appended::Appended, group::Group};
use crate::{
    AuditReads, StoreError,
    caches::Caches,
    engine::{
        self,
        sqlite::{self, CommitSync},
    },
    grant::{Done, Grant, Prepared},
    load::{Groups, WriterLoad},
};

/// Turns that the writer gives to others before a group at most.
const TURNS: usize = 8;
/// Units that may wait.
const QUEUE: usize = 4_096;

enum Job {
    Unit(oneshot::Sender<Grant>),
    Audit(Box<Prepared>, Option<Done>),
    Checkpoint,
    Stop,
}

/// What the lane's task works with.
pub(crate) struct LaneParts {
    pub(crate) path: PathBuf,
    pub(crate) keys: Arc<AuditKeys>,
    pub(crate) caches: Caches,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) audit_reads: AuditReads,
    pub(crate) longest_unit: Duration,
}

/// The lane's entrance.
#[derive(Clone)]
pub(crate) struct Lane {
    jobs: mpsc::Sender<Job>,
    /// Whether the last group was lost: then nobody is answered before his row is durable.
    failing: Arc<AtomicBool>,
    groups: Arc<Groups>,
}

impl Lane {
    /// Starts the lane on its own connection.
    pub(crate) fn start(
        connection: DatabaseConnection,
        parts: LaneParts,
        tasks: &tokio_util::task::TaskTracker,
    ) -> Self {
        let (sender, jobs) = mpsc::channel(QUEUE);
        let failing = Arc::new(AtomicBool::new(false));
        let groups = Arc::new(Groups::default());
        let sync = if parts.audit_reads == AuditReads::Committed {
            CommitSync::WithTheLog
        } else {
            CommitSync::Each
        };
        let runner = Runner {
            connection: Some(connection),
            appender: Appender::new(parts.path.clone(), Arc::clone(&parts.keys), sync),
            parts,
            jobs,
            failing: Arc::clone(&failing),
            groups: Arc::clone(&groups),
        };
        let path = runner.parts.path.clone();
        tasks.spawn(runner.run());
        let lane = Self { jobs: sender, failing, groups };
        tasks.spawn(checkpoints::keep_log_short(lane.clone(), path));
        lane
    }

    /// Waits for a turn to write.
    pub(crate) async fn grant(&self) -> Result<Grant, StoreError> {
        let (sender, grant) = oneshot::channel();
        self.jobs.send(Job::Unit(sender)).await.map_err(|_| StoreError::Closed)?;
        grant.await.map_err(|_| StoreError::Busy)
    }

    /// Writes an audit row alone; returns its number when it is durable.
    pub(crate) async fn audit(&self, row: Box<Prepared>) -> Result<u64, StoreError> {
        let (done, answer) = oneshot::channel();
        self.jobs.send(Job::Audit(row, Some(done))).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Queues an audit row; returns when it is queued, and only when it is durable while rows are being lost.
    pub(crate) async fn audit_later(&self, row: Box<Prepared>) -> Result<Option<u64>, StoreError> {
        if self.failing.load(Ordering::Acquire) {
            return self.audit(row).await.map(Some);
        }
        self.jobs.send(Job::Audit(row, None)).await.map_err(|_| StoreError::Closed)?;
        Ok(None)
    }

    /// Lets the writer copy what is left of its log.
    async fn checkpoint(&self) {
        // An ended lane copies it on its way out.
        let _ = self.jobs.send(Job::Checkpoint).await;
    }

    /// How busy the lane is.
    pub(crate) fn load(&self) -> WriterLoad {
        self.groups.load(self.jobs.max_capacity() - self.jobs.capacity())
    }

    /// Whether the lane takes work.
    pub(crate) fn is_open(&self) -> bool {
        !self.jobs.is_closed()
    }

    /// Lets the lane end after what is queued.
    pub(crate) async fn stop(&self) {
        // An ended lane needs no telling.
        let _ = self.jobs.send(Job::Stop).await;
    }
}

struct Runner {
    /// None after a lost group, until it is opened again.
    connection: Option<DatabaseConnection>,
    appender: Appender,
    parts: LaneParts,
    jobs: mpsc::Receiver<Job>,
    failing: Arc<AtomicBool>,
    groups: Arc<Groups>,
}

impl Runner {
    async fn run(mut self) {
        let wait = match self.parts.audit_reads {
            AuditReads::EachCall | AuditReads::Committed => Duration::ZERO,
            AuditReads::Batched { within } => within,
        };
        // Rows that nobody waits for lie here until somebody does, or the time is up.
        let mut later: Vec<Prepared> = Vec::new();
        let timer = tokio::time::sleep(wait);
        tokio::pin!(timer);
        loop {
            let job = tokio::select! {
                job = self.jobs.recv() => job.unwrap_or(Job::Stop),
                () = &mut timer, if !later.is_empty() => {
                    self.write(None, std::mem::take(&mut later)).await;
                    continue;
                }
            };
            match job {
                Job::Stop => break,
                Job::Checkpoint => self.checkpoint().await,
                Job::Audit(row, None) if later.len() < group::MOST => {
                    if later.is_empty() {
                        timer.set(tokio::time::sleep(wait));
                    }
                    later.push(*row);
                }
                job => {
                    if self.write(Some(job), std::mem::take(&mut later)).await {
                        break;
                    }
                }
            }
        }
        // What was queued meanwhile was promised to nobody but the log.
        self.jobs.close();
        while let Ok(job) = self.jobs.try_recv() {
            match job {
                Job::Audit(row, None) => later.push(*row),
                Job::Checkpoint => {}
                job => refuse(Some(job)),
            }
        }
        if !later.is_empty() {
            self.write(None, later).await;
        }
        self.give_up().await;
    }

    /// Writes one group; whether the lane is to stop.
    async fn write(&mut self, first: Option<Job>, later: Vec<Prepared>) -> bool {
        let_others_come(&self.jobs).await;
        let mut group = Group::new(later, self.parts.longest_unit);
        let unit = group.gather(first, &mut self.jobs);
        // After a lost group the log begins anew first.
        if self.connection.is_some() && unit.is_none() && group.units() > 0 {
            match self.appender.append(group.rows()).await {
                Ok(Appended::Durable(numbers)) => {
                    let (stopped, checkpoint) = (group.is_stopped(), group.wants_checkpoint());
                    self.groups.committed(group.units());
                    self.failing.store(false, Ordering::Release);
                    group.answer(numbers, &self.parts.caches);
                    if checkpoint {
                        self.checkpoint().await;
                    }
                    return stopped;
                }
                Ok(Appended::Undone) => {}
                Err(error) => {
                    let stopped = group.is_stopped();
                    group.lose(&error);
                    self.lost().await;
                    return stopped;
                }
            }
        }
        self.write_with_units(group, unit).await
    }

    /// Copies the little that is left of the log; the next group begins it anew.
    async fn checkpoint(&mut self) {
        let Some(connection) = &self.connection else { return };
        if let Err(error) = connection.execute_unprepared(sqlite::CHECKPOINT).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "the writer cannot copy its log");
            // Its sync may have failed, and a second one would say nothing.
            self.give_up().await;
        }
    }

    /// Writes a group that has units of work in it, or that could not go the short way.
    async fn write_with_units(&mut self, mut group: Group, first: Option<Job>) -> bool {
        self.appender.forget();
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => match sqlite::reopen_writer(&self.parts.path).await {
                Ok(connection) => connection,
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "the database cannot be opened for writing"
                    );
                    group.refuse();
                    refuse(first);
                    return false;
                }
            },
        };
        let transaction = match engine::begin_write(&connection).await {
            Ok(transaction) => transaction,
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the writer cannot begin a transaction"
                );
                group.refuse();
                refuse(first);
                if engine::is_busy(&error) {
                    self.connection = Some(connection);
                } else {
                    close(connection).await;
                }
                return false;
            }
        };
        let filled = group.fill(&transaction, first, &mut self.jobs, &*self.parts.clock).await;
        let (stopped, units, checkpoint) = (group.is_stopped(), group.units(), group.wants_checkpoint());
        let done = group.finish(transaction, filled, &self.parts.keys, &self.parts.caches).await;
        self.failing.store(done.is_err(), Ordering::Release);
        self.connection = Some(connection);
        if done.is_err() {
            self.lost().await;
            return stopped;
        }
        self.groups.committed(units);
        if checkpoint {
            self.checkpoint().await;
        }
        stopped
    }

    /// After a failed sync or a full disk nobody knows what the connection thinks: a fresh one reads the log.
    async fn lost(&mut self) {
        self.groups.lost();
        self.failing.store(true, Ordering::Release);
        self.give_up().await;
    }

    /// Closes both connections; the next group opens others.
    async fn give_up(&mut self) {
        self.appender.close().await;
        if let Some(connection) = self.connection.take() {
            close(connection).await;
        }
    }
}

/// Lets calls that are ready to run bring their rows along, as long as some come: a group's sync and pages are then shared
/// by more of them. Nobody waits for that longer than those calls run.
async fn let_others_come(jobs: &mpsc::Receiver<Job>) {
    for _ in 0..TURNS {
        let waiting = jobs.len();
        tokio::task::yield_now().await;
        if jobs.len() == waiting {
            break;
        }
    }
}

/// Answers a job that cannot be begun; the caller may try again. A unit hears it by the loss of its channel.
fn refuse(job: Option<Job>) {
    if let Some(Job::Audit(_, Some(done))) = job {
        // Nobody may be waiting any more.
        let _ = done.send(Err(StoreError::Busy));
    }
}

async fn close(connection: DatabaseConnection) {
    if let Err(error) = connection.close().await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "the writer's connection did not close cleanly"
        );
    }
}
