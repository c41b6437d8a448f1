//! The right to write: a transaction that a unit of work holds until it gives it back or is taken from it.

use std::sync::Arc;

use pm33_tenancy::{AuditRow, PersonalRow};
use sea_orm::DatabaseTransaction;
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

use crate::{StoreError, caches::Moved};

/// An audit row that is ready to be chained.
pub(crate) type Prepared = (AuditRow, PersonalRow);
/// Tells a caller how its group ended: the number of its audit row.
pub(crate) type Done = oneshot::Sender<Result<u64, StoreError>>;
/// Where a unit's transaction lies while nobody uses it. The writer lane keeps a second handle, so that a unit that
/// holds the lane for too long can be ended without its help.
pub(crate) type Slot = Arc<Mutex<Option<DatabaseTransaction>>>;
/// A transaction in use.
pub(crate) type Held = OwnedMutexGuard<Option<DatabaseTransaction>>;

/// The right to write. Dropped, the unit never happened.
pub(crate) struct Grant {
    slot: Slot,
    /// The way back to the lane; none for a transaction of its own.
    back: Option<oneshot::Sender<Finished>>,
}

/// A unit that wants to be committed.
pub(crate) struct Finished {
    /// The audit row; `None` for what is no audited act of its own (a session's bookkeeping).
    pub(crate) row: Option<Box<Prepared>>,
    pub(crate) moved: Moved,
    pub(crate) done: Done,
}

impl Grant {
    /// A turn on a writer lane.
    pub(crate) fn on_lane(slot: Slot, back: oneshot::Sender<Finished>) -> Self {
        Self { slot, back: Some(back) }
    }

    /// A transaction of its own.
    pub(crate) fn alone(transaction: DatabaseTransaction) -> Self {
        Self { slot: Arc::new(Mutex::new(Some(transaction))), back: None }
    }

    /// The transaction, for as long as one statement or a few need it.
    pub(crate) async fn hold(&self) -> Held {
        Arc::clone(&self.slot).lock_owned().await
    }

    /// Asks the lane for the commit and waits until the group is durable. A grant without a lane gives its transaction
    /// back instead.
    pub(crate) async fn finish(self, row: Option<Box<Prepared>>, moved: Moved) -> Result<Ended, StoreError> {
        let Some(back) = self.back else {
            let transaction = self.slot.lock().await.take().ok_or(StoreError::Closed)?;
            return Ok(Ended::Alone(transaction, row, moved));
        };
        let (done, answer) = oneshot::channel();
        back.send(Finished { row, moved, done }).map_err(|_| StoreError::Busy)?;
        answer.await.map_err(|_| StoreError::Closed)?.map(Ended::Durable)
    }
}

/// How a grant ended.
pub(crate) enum Ended {
    /// Committed with its group.
    Durable(u64),
    /// Still to be committed by its owner.
    Alone(DatabaseTransaction, Option<Box<Prepared>>, Moved),
}
