//! The writer lane of the embedded database: one task owns the writing connection, runs units one after the other, each
//! in a savepoint, chains and writes the audit rows of all of them, and commits the group with one sync. Callers are
//! answered after the group's commit.

use std::{sync::Arc, time::Duration};

use pm33_tenancy::{AuditKeys, AuditRow, PersonalRow};
use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr, TransactionTrait};
use tokio::sync::{mpsc, oneshot};

use crate::{StoreError, audit, engine, snapshots::{Delta, Snapshots}};

/// Units in one group at most.
const GROUP: usize = 256;
/// Longest time that one unit may hold the lane.
const HOLD: Duration = Duration::from_secs(20);
/// Units that may wait.
const QUEUE: usize = 4_096;

/// A row ready to be chained.
pub(crate) type Prepared = (AuditRow, PersonalRow);
/// Tells a caller how its group ended.
pub(crate) type Done = oneshot::Sender<Result<u64, StoreError>>;

enum Job {
    Unit(oneshot::Sender<Grant>),
    Audit(Box<Prepared>, Option<Done>),
    Stop,
}

/// The right to write: a savepoint of the group's transaction. Dropped, the unit never happened.
pub(crate) struct Grant {
    pub(crate) savepoint: DatabaseTransaction,
    back: oneshot::Sender<Finished>,
}

struct Finished {
    savepoint: DatabaseTransaction,
    /// The audit row; `None` for what is no audited act of its own (a session's bookkeeping).
    row: Option<Box<Prepared>>,
    deltas: Vec<Delta>,
    done: Done,
}

impl Grant {
    /// Gives the savepoint back to be committed without an audit row; returns when the group is durable.
    pub(crate) async fn keep(self) -> Result<(), StoreError> {
        self.finish(None, Vec::new()).await.map(|_| ())
    }


    /// Gives the savepoint back to be committed with the audit row; returns when the group is durable.
    pub(crate) async fn commit(self, row: Prepared, deltas: Vec<Delta>) -> Result<u64, StoreError> {
        self.finish(Some(Box::new(row)), deltas).await
    }

    async fn finish(self, row: Option<Box<Prepared>>, deltas: Vec<Delta>) -> Result<u64, StoreError> {
        let (done, answer) = oneshot::channel();
        let finished = Finished { savepoint: self.savepoint, row, deltas, done };
        self.back.send(finished).map_err(|_| StoreError::Busy)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }
}

/// The lane's entrance.
#[derive(Clone)]
pub(crate) struct Lane(mpsc::Sender<Job>);

impl Lane {
    /// Starts the lane on its own connection.
    pub(crate) fn start(
        connection: DatabaseConnection,
        keys: Arc<AuditKeys>,
        snapshots: Arc<Snapshots>,
        tasks: &tokio_util::task::TaskTracker,
    ) -> Self {
        let (sender, jobs) = mpsc::channel(QUEUE);
        tasks.spawn(run(connection, keys, snapshots, jobs));
        Self(sender)
    }

    /// Waits for the lane.
    pub(crate) async fn grant(&self) -> Result<Grant, StoreError> {
        let (sender, grant) = oneshot::channel();
        self.0.send(Job::Unit(sender)).await.map_err(|_| StoreError::Closed)?;
        grant.await.map_err(|_| StoreError::Busy)
    }

    /// Writes an audit row alone; returns when it is durable.
    pub(crate) async fn audit(&self, row: Prepared) -> Result<u64, StoreError> {
        let (done, answer) = oneshot::channel();
        self.0.send(Job::Audit(Box::new(row), Some(done))).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Queues an audit row; returns when it is queued.
    pub(crate) async fn audit_later(&self, row: Prepared) -> Result<(), StoreError> {
        self.0.send(Job::Audit(Box::new(row), None)).await.map_err(|_| StoreError::Closed)
    }

    /// Lets the lane end after what is queued.
    pub(crate) async fn stop(&self) {
        // An ended lane needs no telling.
        let _ = self.0.send(Job::Stop).await;
    }
}

async fn run(
    connection: DatabaseConnection,
    keys: Arc<AuditKeys>,
    snapshots: Arc<Snapshots>,
    mut jobs: mpsc::Receiver<Job>,
) {
    while let Some(first) = jobs.recv().await {
        if matches!(first, Job::Stop) {
            break;
        }
        let mut group = Group::default();
        match engine::begin_write(&connection).await {
            Ok(transaction) => {
                let outcome = group.fill(&transaction, first, &mut jobs).await;
                let stopped = group.stopped;
                group.finish(transaction, outcome, &keys, &snapshots).await;
                if stopped {
                    break;
                }
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the writer cannot begin a transaction");
                refuse(first);
            }
        }
    }
    if let Err(error) = connection.close().await {
        tracing::warn!(error = &error as &dyn std::error::Error, "the writer's connection did not close cleanly");
    }
}

/// Answers a job that cannot be begun; the caller may try again.
fn refuse(job: Job) {
    if let Job::Audit(_, Some(done)) = job {
        // Nobody may be waiting any more.
        let _ = done.send(Err(StoreError::Busy));
    }
}

/// A caller whose unit is in the group.
struct Waiting {
    done: Option<Done>,
    deltas: Vec<Delta>,
    /// Whether one of the group's rows is this unit's.
    has_row: HasRow,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum HasRow {
    Yes,
    No,
}

#[derive(Default)]
struct Group {
    stopped: bool,
    rows: Vec<Prepared>,
    waiting: Vec<Waiting>,
}

impl Group {
    async fn fill(
        &mut self,
        transaction: &DatabaseTransaction,
        first: Job,
        jobs: &mut mpsc::Receiver<Job>,
    ) -> Result<(), DbErr> {
        let mut next = Some(first);
        while let Some(job) = next {
            match job {
                Job::Audit(row, done) => {
                    self.rows.push(*row);
                    self.waiting.push(Waiting { done, deltas: Vec::new(), has_row: HasRow::Yes });
                }
                Job::Unit(sender) => self.unit(transaction, sender).await?,
                Job::Stop => {
                    self.stopped = true;
                    break;
                }
            }
            next = if self.waiting.len() < GROUP { jobs.try_recv().ok() } else { None };
        }
        Ok(())
    }

    async fn unit(&mut self, transaction: &DatabaseTransaction, sender: oneshot::Sender<Grant>) -> Result<(), DbErr> {
        if sender.is_closed() {
            return Ok(());
        }
        let savepoint = transaction.begin().await?;
        let (back, finished) = oneshot::channel();
        if sender.send(Grant { savepoint, back }).is_err() {
            return Ok(());
        }
        // A unit that drops its grant has rolled back; one that holds it for too long loses the whole group's turn.
        match tokio::time::timeout(HOLD, finished).await {
            Ok(Ok(finished)) => {
                finished.savepoint.commit().await?;
                let has_row = if finished.row.is_some() { HasRow::Yes } else { HasRow::No };
                self.rows.extend(finished.row.map(|row| *row));
                self.waiting.push(Waiting { done: Some(finished.done), deltas: finished.deltas, has_row });
                Ok(())
            }
            Ok(Err(_)) => Ok(()),
            Err(_) => Err(DbErr::Custom("a unit held the writer for too long".to_owned())),
        }
    }

    async fn finish(
        &mut self,
        transaction: DatabaseTransaction,
        outcome: Result<(), DbErr>,
        keys: &AuditKeys,
        snapshots: &Snapshots,
    ) {
        let rows = std::mem::take(&mut self.rows);
        let waiting = std::mem::take(&mut self.waiting);
        let result = match outcome {
            Ok(()) if waiting.is_empty() => transaction.rollback().await.map(|()| Vec::new()),
            Ok(()) => match audit::append(&transaction, rows, keys).await {
                Ok(numbers) => transaction.commit().await.map(|()| numbers),
                Err(error) => Err(error),
            },
            Err(error) => Err(error),
        };
        match result {
            Ok(numbers) => {
                let mut numbers = numbers.into_iter();
                for unit in waiting {
                    let number = if unit.has_row == HasRow::Yes { numbers.next() } else { None };
                    for delta in unit.deltas {
                        snapshots.apply(delta);
                    }
                    if let Some(done) = unit.done {
                        let _ = done.send(Ok(number.unwrap_or(0)));
                    }
                }
            }
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a group of units was not committed");
                for done in waiting.into_iter().filter_map(|unit| unit.done) {
                    let _ = done.send(Err(StoreError::Busy));
                }
            }
        }
    }
}
