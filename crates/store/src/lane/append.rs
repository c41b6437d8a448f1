//! Audit rows that share their transaction with no unit of work: a group of them is chained and written by a thread of its
//! own, on a connection of its own. Through the asynchronous driver a group cost five statements, each of which woke the
//! runtime, and a heap allocation for most of the thirty-four values of a row.

mod scribe;
mod write;

use std::{
    path::PathBuf,
    sync::{Arc, mpsc},
};

use pm33_tenancy::AuditKeys;
use tokio::sync::oneshot;

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
    /// None until the first group, and after the thread was ended.
    thread: Option<Thread>,
    heads: Heads,
}

struct Thread {
    orders: mpsc::Sender<Order>,
    /// Resolves when the connection is closed.
    closed: oneshot::Receiver<()>,
}

impl Appender {
    /// An appender to a database, whose commits sync as told. The thread comes with the first group.
    pub(super) fn new(path: PathBuf, keys: Arc<AuditKeys>, sync: CommitSync) -> Self {
        Self { path, keys, sync, thread: None, heads: Heads::Known }
    }

    /// Forgets the heads: somebody else has moved them, or may have.
    pub(super) fn forget(&mut self) {
        self.heads = Heads::Moved;
    }

    /// Closes the connection and ends the thread; the next group begins another.
    pub(super) async fn close(&mut self) {
        if let Some(Thread { orders, closed }) = self.thread.take() {
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
        let thread = match &mut self.thread {
            Some(thread) => thread,
            None => match self.begin() {
                Ok(thread) => self.thread.insert(thread),
                // The long way says what is wrong.
                Err(_) => return Ok(Appended::Undone),
            },
        };
        let (done, answer) = oneshot::channel();
        let order = Order { rows: std::mem::take(rows), heads: self.heads, done };
        let gone = || Lost("the thread that writes audit rows has ended".into());
        if let Err(mpsc::SendError(order)) = thread.orders.send(order) {
            *rows = order.rows;
            return Err(gone());
        }
        let (back, written) = answer.await.map_err(|_| gone())?;
        *rows = back;
        self.heads = if matches!(written, Ok(Appended::Durable(_))) { Heads::Known } else { Heads::Moved };
        written
    }

    fn begin(&self) -> std::io::Result<Thread> {
        let (orders, given) = mpsc::channel::<Order>();
        let (ended, closed) = oneshot::channel();
        let (path, keys, sync) = (self.path.clone(), Arc::clone(&self.keys), self.sync);
        std::thread::Builder::new().name("pm33-audit".to_owned()).spawn(move || {
            let mut scribe: Option<Scribe> = None;
            while let Ok(Order { rows, heads, done }) = given.recv() {
                let written = match &mut scribe {
                    Some(scribe) => scribe.append(&rows, heads, &keys),
                    none => Scribe::open(&path, sync)
                        .and_then(|opened| none.insert(opened).append(&rows, heads, &keys)),
                };
                // The lane waits for it, unless it has been dropped with the runtime.
                let _ = done.send((rows, written));
            }
            drop(scribe);
            let _ = ended.send(());
        })?;
        Ok(Thread { orders, closed })
    }
}
