//! One group of units: filled from the queue, written, committed, answered.

use std::{sync::Arc, time::Duration};

use pm33_tenancy::{AuditKeys, Clock};
use sea_orm::{DatabaseTransaction, DbErr, TransactionTrait};
use tokio::sync::{Mutex, mpsc, oneshot};

use super::Job;
use crate::{
    StoreError, audit,
    caches::{Caches, Moved},
    grant::{Done, Grant, Prepared},
};

/// Units in one group at most.
const MOST: usize = 256;
/// How long a group takes in more units.
const OPEN: Duration = Duration::from_millis(5);

/// A caller whose unit is in the group.
struct Waiting {
    done: Done,
    moved: Moved,
    /// Whether one of the group's rows is this unit's.
    row: OwnRow,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum OwnRow {
    Yes,
    No,
}

/// A group on its way.
pub(super) struct Group {
    rows: Vec<Prepared>,
    waiting: Vec<Waiting>,
    stopped: bool,
    checkpoint: bool,
    /// How long one unit may hold the lane.
    longest: Duration,
}

impl Group {
    /// An empty group.
    pub(super) fn new(longest: Duration) -> Self {
        Self { rows: Vec::new(), waiting: Vec::new(), stopped: false, checkpoint: false, longest }
    }

    /// Whether the lane was asked to stop.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Whether the log is to be copied after it.
    pub(super) fn wants_checkpoint(&self) -> bool {
        self.checkpoint
    }

    /// Units and audit rows in it.
    pub(super) fn units(&self) -> usize {
        self.waiting.len()
    }

    /// Takes units from the queue until it is empty, the group is full or its time is up.
    pub(super) async fn fill(
        &mut self,
        transaction: &DatabaseTransaction,
        first: Job,
        jobs: &mut mpsc::Receiver<Job>,
        clock: &dyn Clock,
    ) -> Result<(), DbErr> {
        let begun = clock.monotonic();
        let mut next = Some(first);
        while let Some(job) = next {
            match job {
                Job::Unit(sender) => self.run(transaction, sender).await?,
                Job::Checkpoint => self.checkpoint = true,
                Job::Stop => {
                    self.stopped = true;
                    break;
                }
            }
            let open = self.waiting.len() < MOST && clock.monotonic().saturating_sub(begun) < OPEN;
            next = if open { jobs.try_recv().ok() } else { None };
        }
        Ok(())
    }

    /// Lets one unit write in a savepoint, and waits until it is done, gone or over its time.
    async fn run(
        &mut self,
        transaction: &DatabaseTransaction,
        sender: oneshot::Sender<Grant>,
    ) -> Result<(), DbErr> {
        if sender.is_closed() {
            return Ok(());
        }
        let slot = Arc::new(Mutex::new(Some(transaction.begin().await?)));
        let (back, finished) = oneshot::channel();
        // A caller that has gone meanwhile reads like one that drops its grant.
        drop(sender.send(Grant::on_lane(Arc::clone(&slot), back)));
        let finished = tokio::time::timeout(self.longest, finished).await;
        // A statement that is under way is waited for; after this the unit has nothing to write with.
        let Some(savepoint) = slot.lock().await.take() else {
            return Err(DbErr::Custom("a unit's savepoint is gone".to_owned()));
        };
        match finished {
            Ok(Ok(finished)) => {
                savepoint.commit().await?;
                let row = if finished.row.is_some() { OwnRow::Yes } else { OwnRow::No };
                self.rows.extend(finished.row.map(|row| *row));
                self.waiting.push(Waiting { done: finished.done, moved: finished.moved, row });
                Ok(())
            }
            Ok(Err(_)) => savepoint.rollback().await,
            Err(_) => {
                tracing::warn!("a unit of work held the writer for too long and was rolled back");
                savepoint.rollback().await
            }
        }
    }

    /// Writes the audit rows, commits, and answers everybody.
    pub(super) async fn finish(
        mut self,
        transaction: DatabaseTransaction,
        filled: Result<(), DbErr>,
        keys: &AuditKeys,
        caches: &Caches,
    ) -> Result<(), DbErr> {
        let rows = std::mem::take(&mut self.rows);
        let written = match filled {
            Ok(()) if self.waiting.is_empty() => transaction.rollback().await.map(|()| Vec::new()),
            Ok(()) => match audit::append(&transaction, rows, keys).await {
                Ok(numbers) => transaction.commit().await.map(|()| numbers),
                Err(error) => Err(error),
            },
            Err(error) => Err(error),
        };
        match written {
            Ok(numbers) => {
                self.answer(numbers, caches);
                Ok(())
            }
            Err(error) => {
                self.lose(&error);
                Err(error)
            }
        }
    }

    /// Tells everybody the number of his row; it is durable.
    fn answer(self, numbers: Vec<u64>, caches: &Caches) {
        let mut numbers = numbers.into_iter();
        for unit in self.waiting {
            let number = if unit.row == OwnRow::Yes { numbers.next() } else { None };
            caches.publish(&unit.moved);
            // A caller that has gone needs no answer.
            let _ = unit.done.send(Ok(number.unwrap_or(0)));
        }
    }

    /// Tells everybody that nothing of his unit happened.
    fn lose(self, error: &(dyn std::error::Error + 'static)) {
        let units = self.waiting.len();
        tracing::error!(error, units, "a group of units was not committed");
        for unit in self.waiting {
            let _ = unit.done.send(Err(StoreError::NotCommitted));
        }
    }
}
