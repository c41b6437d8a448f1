//! How busy the embedded database's writer is, in counts that cost it an addition for each group.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The writer's load.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WriterLoad {
    /// Units and audit rows that wait now.
    pub queued: u64,
    /// Groups that were committed, each with one sync.
    pub groups: u64,
    /// Units and audit rows in those groups.
    pub units: u64,
    /// Groups that were lost.
    pub lost: u64,
}

/// Groups so far.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    committed: AtomicU64,
    units: AtomicU64,
    lost: AtomicU64,
}

impl Groups {
    /// Counts a committed group.
    pub(crate) fn committed(&self, units: usize) {
        self.committed.fetch_add(1, Relaxed);
        self.units.fetch_add(units as u64, Relaxed);
    }

    /// Counts a lost group.
    pub(crate) fn lost(&self) {
        self.lost.fetch_add(1, Relaxed);
    }

    /// The load with what waits now.
    pub(crate) fn load(&self, queued: usize) -> WriterLoad {
        WriterLoad {
            queued: queued as u64,
            groups: self.committed.load(Relaxed),
            units: self.units.load(Relaxed),
            lost: self.lost.load(Relaxed),
        }
    }
}
