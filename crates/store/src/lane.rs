//! The writer lane of the embedded database: one task owns the writing connection, runs units one after the other, each
//! in a savepoint, chains and writes the audit rows of all of them, and commits the group with one sync. Callers are
//! answered after the group's commit. Audit rows of calls that wrote nothing go another way: see [`Spool`].

mod checkpoints;
mod group;

use std::{path::PathBuf, sync::Arc, time::Duration};

use pm33_tenancy::{AuditKeys, Clock};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use tokio::sync::{OwnedMutexGuard, mpsc, oneshot};

use self::group::Group;
use crate::{
    AuditReads, StoreError,
    caches::Caches,
    engine::{
        self,
        sqlite::{self, Log, Turn},
    },
    grant::Grant,
    load::{Groups, WriterLoad},
    spool::{Spool, SpoolParts},
};

/// Units that may wait.
const QUEUE: usize = 4_096;

enum Job {
    Unit(oneshot::Sender<Grant>),
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
    /// Where audit rows go that share their transaction with no unit.
    pub(crate) spool: Spool,
    groups: Arc<Groups>,
}

impl Lane {
    /// Starts the lane on its own connection, and the spool beside it.
    ///
    /// # Errors
    /// When no thread can be started.
    pub(crate) fn start(
        connection: DatabaseConnection,
        parts: LaneParts,
        tasks: &tokio_util::task::TaskTracker,
    ) -> Result<Self, StoreError> {
        let (sender, jobs) = mpsc::channel(QUEUE);
        let groups = Arc::new(Groups::default());
        let turn = Turn::default();
        let spooled = SpoolParts {
            database: parts.path.clone(),
            keys: Arc::clone(&parts.keys),
            clock: Arc::clone(&parts.clock),
            audit_reads: parts.audit_reads,
            groups: Arc::clone(&groups),
            turn: Arc::clone(&turn),
        };
        let spool = Spool::start(spooled, tasks)?;
        let runner = Runner { connection: Some(connection), parts, jobs, groups: Arc::clone(&groups), turn };
        let path = runner.parts.path.clone();
        tasks.spawn(runner.run());
        let lane = Self { jobs: sender, spool, groups };
        tasks.spawn(checkpoints::keep_log_short(lane.clone(), path));
        Ok(lane)
    }

    /// Waits for a turn to write.
    pub(crate) async fn grant(&self) -> Result<Grant, StoreError> {
        let (sender, grant) = oneshot::channel();
        self.jobs.send(Job::Unit(sender)).await.map_err(|_| StoreError::Closed)?;
        grant.await.map_err(|_| StoreError::Busy)
    }

    /// Lets the writer copy what is left of its log.
    async fn checkpoint(&self) {
        // An ended lane copies it on its way out.
        let _ = self.jobs.send(Job::Checkpoint).await;
    }

    /// How busy the lane is.
    pub(crate) fn load(&self) -> WriterLoad {
        self.groups.load(self.jobs.max_capacity() - self.jobs.capacity() + self.spool.queued())
    }

    /// Whether the lane takes work.
    pub(crate) fn is_open(&self) -> bool {
        !self.jobs.is_closed()
    }

    /// Lets the lane end after what is queued, and the spool.
    pub(crate) async fn stop(&self) {
        self.spool.stop().await;
        // An ended lane needs no telling.
        let _ = self.jobs.send(Job::Stop).await;
    }
}

struct Runner {
    /// None after a lost group, until it is opened again.
    connection: Option<DatabaseConnection>,
    parts: LaneParts,
    jobs: mpsc::Receiver<Job>,
    groups: Arc<Groups>,
    turn: Turn,
}

impl Runner {
    async fn run(mut self) {
        loop {
            match self.jobs.recv().await.unwrap_or(Job::Stop) {
                Job::Stop => break,
                Job::Checkpoint => self.checkpoint().await,
                unit @ Job::Unit(_) => {
                    if self.write(unit).await {
                        break;
                    }
                }
            }
        }
        // A unit that waits hears it by the loss of its channel.
        self.jobs.close();
        self.give_up().await;
    }

    /// Copies the little that is left of the log; the next group begins it anew.
    async fn checkpoint(&mut self) {
        let Some(connection) = &self.connection else { return };
        let mut turn = Arc::clone(&self.turn).lock_owned().await;
        if let Err(error) = connection.execute_unprepared(sqlite::CHECKPOINT).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "the writer cannot copy its log");
            // Its sync may have failed, and a second one would say nothing.
            *turn = Log::Doubtful;
            self.give_up().await;
        }
    }

    /// Writes one group of units; whether the lane is to stop.
    async fn write(&mut self, first: Job) -> bool {
        let mut turn = Arc::clone(&self.turn).lock_owned().await;
        if *turn == Log::Doubtful {
            self.give_up().await;
        }
        let mut group = Group::new(self.parts.longest_unit);
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => match sqlite::reopen_writer(&self.parts.path).await {
                Ok(connection) => {
                    *turn = Log::Sound;
                    connection
                }
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "the database cannot be opened for writing"
                    );
                    // Its callers hear it by the loss of their channels.
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
        self.connection = Some(connection);
        if done.is_err() {
            self.lost(turn).await;
            return stopped;
        }
        drop(turn);
        self.groups.committed(units);
        if checkpoint {
            self.checkpoint().await;
        }
        stopped
    }

    /// After a failed sync or a full disk nobody knows what the connection thinks: a fresh one reads the log.
    async fn lost(&mut self, mut turn: OwnedMutexGuard<Log>) {
        self.groups.lost();
        *turn = Log::Doubtful;
        self.give_up().await;
    }

    /// Closes the connection; the next group opens another.
    async fn give_up(&mut self) {
        if let Some(connection) = self.connection.take() {
            close(connection).await;
        }
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
