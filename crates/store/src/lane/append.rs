//! Audit rows that share their transaction with no unit of work: a group of them is chained and written by a thread of its
//! own, on a connection of its own. Through the asynchronous driver a group cost five statements, each of which woke the
//! runtime, and a heap allocation for most of the thirty-four values of a row. Where the runtime has one thread and commits
//! wait for no disk, the way to another thread and back is longer than the write, which then happens in place.

mod scribe;
mod write;

use std::{
    path::PathBuf,
    sync::{Arc, mpsc},
};

use pm33_tenancy::AuditKeys;
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    sync::oneshot,
};

use self::scribe::Scribe;
use super::appended::{Appended, Lost};
use crate::{engine::sqlite::CommitSync, grant::Prepared};

/// A group on its way to the thread, and back.
struct Order {
    rows: Vec<Prepared>,
    /// Whether the heads that the thread remembers still hold.
    heads: Heads,
    done: oneshot::Sender<Written>,
}

/// What came of a group; the rows come back with it.
type Written = (Vec<Prepared>, Result<Appended, Lost>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Heads {
    Known,
    Moved,
}

/// The way to the thread.
pub(super) struct Appender {
    path: PathBuf,
    keys: Arc<AuditKeys>,
    sync: CommitSync,
    /// None until the first group, and after it was closed.
    way: Option<Way>,
    heads: Heads,
}

/// Where groups are written.
enum Way {
    Here(Scribe),
    There(Thread),
}

struct Thread {
    orders: mpsc::Sender<Order>,
    /// Resolves when the connection is closed.
    closed: oneshot::Receiver<()>,
}

impl Appender {
    /// An appender to a database, whose commits sync as told. The thread comes with the first group.
    pub(super) fn new(path: PathBuf, keys: Arc<AuditKeys>, sync: CommitSync) -> Self {
        Self { path, keys, sync, way: None, heads: Heads::Known }
    }

    /// Forgets the heads: somebody else has moved them, or may have.
    pub(super) fn forget(&mut self) {
        self.heads = Heads::Moved;
    }

    /// Closes the connection and ends the thread; the next group begins another.
    pub(super) async fn close(&mut self) {
        if let Some(Way::There(Thread { orders, closed })) = self.way.take() {
            drop(orders);
            // A thread that has ended already has closed it.
            let _ = closed.await;
        }
    }

    /// Appends rows to their tenants' chains in a transaction of their own. The rows are given back.
    ///
    /// # Errors
    /// When nobody knows what became of the rows: the connection is to be given up.
    pub(super) async fn append(&mut self, rows: &mut Vec<Prepared>) -> Result<Appended, Lost> {
        let way = match self.way.take() {
            Some(way) => way,
            None => match self.begin() {
                Ok(way) => way,
                // Nothing was written: the long way says what is wrong.
                Err(_) => return Ok(Appended::Undone),
            },
        };
        let written = match self.way.insert(way) {
            Way::Here(scribe) => scribe.append(rows, self.heads, &self.keys),
            Way::There(thread) => thread.append(rows, self.heads).await,
        };
        self.heads = if matches!(written, Ok(Appended::Durable(_))) { Heads::Known } else { Heads::Moved };
        written
    }

    fn begin(&self) -> Result<Way, Lost> {
        let scribe = Scribe::open(&self.path, self.sync)?;
        let has_one_thread = Handle::current().runtime_flavor() == RuntimeFlavor::CurrentThread;
        if has_one_thread && self.sync == CommitSync::WithTheLog {
            return Ok(Way::Here(scribe));
        }
        Thread::begin(scribe, Arc::clone(&self.keys)).map(Way::There)
    }
}

impl Thread {
    async fn append(&self, rows: &mut Vec<Prepared>, heads: Heads) -> Result<Appended, Lost> {
        let (done, answer) = oneshot::channel();
        let gone = || Lost("the thread that writes audit rows has ended".into());
        let order = Order { rows: std::mem::take(rows), heads, done };
        if let Err(mpsc::SendError(order)) = self.orders.send(order) {
            *rows = order.rows;
            return Err(gone());
        }
        let (back, written) = answer.await.map_err(|_| gone())?;
        *rows = back;
        written
    }

    fn begin(mut scribe: Scribe, keys: Arc<AuditKeys>) -> Result<Self, Lost> {
        let (orders, given) = mpsc::channel::<Order>();
        let (ended, closed) = oneshot::channel();
        let spawned = std::thread::Builder::new().name("pm33-audit".to_owned()).spawn(move || {
            while let Ok(Order { rows, heads, done }) = given.recv() {
                let written = scribe.append(&rows, heads, &keys);
                // The lane waits for it, unless it has been dropped with the runtime.
                let _ = done.send((rows, written));
            }
            drop(scribe);
            let _ = ended.send(());
        });
        spawned.map(|_| Self { orders, closed }).map_err(|error| Lost(error.into()))
    }
}
