//! Who appends: a thread, because a sync takes its time; in place where the runtime has one thread and no sync is waited
//! for: the way to another thread and back is longer than the write.

use std::{
    io,
    sync::{Arc, mpsc},
};

use tokio::{
    runtime::{Handle, RuntimeFlavor},
    sync::oneshot,
};

use super::log::Log;
use crate::engine::sqlite::CommitSync;

pub(super) enum Writer {
    Here(Arc<Log>),
    There(mpsc::Sender<Order>),
}

/// A group on its way to the thread.
pub(super) struct Order {
    rows: Vec<Vec<u8>>,
    done: oneshot::Sender<io::Result<()>>,
}

impl Writer {
    pub(super) fn start(log: Arc<Log>, sync: CommitSync) -> io::Result<Self> {
        let has_one_thread = Handle::current().runtime_flavor() == RuntimeFlavor::CurrentThread;
        if has_one_thread && sync == CommitSync::WithTheLog {
            return Ok(Self::Here(log));
        }
        let (orders, given) = mpsc::channel::<Order>();
        std::thread::Builder::new().name("pm33-audit".to_owned()).spawn(move || {
            while let Ok(Order { rows, done }) = given.recv() {
                // The spool waits for it, unless it has been dropped with the runtime.
                let _ = done.send(log.append(&rows));
            }
        })?;
        Ok(Self::There(orders))
    }

    /// Appends a group; it is durable as far as the log promises when this returns.
    pub(super) async fn append(&self, rows: Vec<Vec<u8>>) -> io::Result<()> {
        match self {
            Self::Here(log) => log.append(&rows),
            Self::There(orders) => {
                let gone = || io::Error::other("the thread that writes audit rows has ended");
                let (done, written) = oneshot::channel();
                orders.send(Order { rows, done }).map_err(|_| gone())?;
                written.await.map_err(|_| gone())?
            }
        }
    }
}
