//! Workspace snapshots in memory: built once, moved by this process's commits, rebuilt after other processes', bounded.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use arc_swap::ArcSwapOption;
use pm33_product::{Snapshot, WorkItem};
use pm33_tenancy::WorkspaceRef;

/// Estimated bytes of an item in a snapshot, indexes included.
const ITEM_BYTES: u64 = 1_200;

/// What a unit changed in a workspace.
#[derive(Debug)]
pub(crate) struct Delta {
    pub(crate) at: WorkspaceRef,
    /// The workspace's version after the change.
    pub(crate) version: i64,
    /// Items as they are now; empty when something else than items changed.
    pub(crate) items: Vec<Arc<WorkItem>>,
}

/// The snapshots of one process.
pub(crate) struct Snapshots {
    slots: Mutex<HashMap<WorkspaceRef, Arc<Slot>>>,
    bytes: u64,
    uses: AtomicU64,
}

/// A workspace's snapshot and the newest version that is known to be committed.
#[derive(Default)]
pub(crate) struct Slot {
    snapshot: ArcSwapOption<Snapshot>,
    newest: AtomicI64,
    used: AtomicU64,
    build: tokio::sync::Mutex<()>,
    moving: Mutex<()>,
}

impl Slot {
    /// The snapshot, if it is as new as this process knows.
    pub(crate) fn current(&self) -> Option<Arc<Snapshot>> {
        let snapshot = self.snapshot.load_full()?;
        (snapshot.version() >= self.newest.load(Ordering::Acquire)).then_some(snapshot)
    }

    /// The turn to build it: one build at a time.
    pub(crate) async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.build.lock().await
    }

    /// Notes that a version is committed.
    pub(crate) fn heard(&self, version: i64) -> bool {
        self.newest.fetch_max(version, Ordering::AcqRel) < version
    }
}

impl Snapshots {
    pub(crate) fn new(bytes: u64) -> Self {
        Self { slots: Mutex::new(HashMap::new()), bytes, uses: AtomicU64::new(0) }
    }

    fn slots(&self) -> std::sync::MutexGuard<'_, HashMap<WorkspaceRef, Arc<Slot>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A workspace's slot, made if it is new.
    pub(crate) fn slot(&self, at: WorkspaceRef) -> Arc<Slot> {
        let slot = Arc::clone(self.slots().entry(at).or_default());
        slot.used.store(self.uses.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        slot
    }

    /// Workspaces whose snapshot is held.
    pub(crate) fn held(&self) -> Vec<WorkspaceRef> {
        let slots = self.slots();
        slots.iter().filter(|(_, slot)| slot.snapshot.load().is_some()).map(|(at, _)| *at).collect()
    }

    /// Keeps a freshly built snapshot, unless a newer one is there already.
    pub(crate) fn put(&self, at: WorkspaceRef, slot: &Slot, built: Snapshot) {
        {
            let _moving = slot.moving.lock().unwrap_or_else(PoisonError::into_inner);
            slot.heard(built.version());
            if slot.snapshot.load().as_ref().is_none_or(|held| held.version() < built.version()) {
                slot.snapshot.store(Some(Arc::new(built)));
            }
        }
        self.evict(at);
    }

    /// Moves a snapshot by a committed change, or lets it be rebuilt when it is not the one before.
    pub(crate) fn apply(&self, delta: &Delta) {
        let Some(slot) = self.slots().get(&delta.at).map(Arc::clone) else { return };
        let _moving = slot.moving.lock().unwrap_or_else(PoisonError::into_inner);
        match slot.snapshot.load_full() {
            Some(held) if held.version() + 1 == delta.version && !delta.items.is_empty() => {
                slot.snapshot.store(Some(Arc::new(held.with(delta.version, &delta.items))));
            }
            Some(held) if held.version() < delta.version => slot.snapshot.store(None),
            _ => {}
        }
        // Only now: a reader that heard of the version before its snapshot is there would build the workspace anew.
        slot.heard(delta.version);
    }

    /// Drops the least recently used snapshots until the estimate is within the bound.
    fn evict(&self, keep: WorkspaceRef) {
        let mut slots = self.slots();
        let size =
            |slot: &Slot| slot.snapshot.load().as_ref().map_or(0, |held| held.len() as u64 * ITEM_BYTES);
        let mut total: u64 = slots.values().map(|slot| size(slot)).sum();
        if total <= self.bytes {
            return;
        }
        let mut by_use: Vec<_> = slots.iter().filter(|(at, _)| **at != keep).collect();
        by_use.sort_by_key(|(_, slot)| slot.used.load(Ordering::Relaxed));
        let mut gone = Vec::new();
        for (at, slot) in by_use {
            if total <= self.bytes {
                break;
            }
            total -= size(slot);
            gone.push(*at);
        }
        for at in gone {
            slots.remove(&at);
        }
    }
}
