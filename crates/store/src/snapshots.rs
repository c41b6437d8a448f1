//! Workspace snapshots in memory: built once, moved by this process's commits, rebuilt after other processes', bounded.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwapOption;
use pm33_product::{Changes, Snapshot};
use pm33_tenancy::{IdMap, WorkspaceRef};

/// How long a snapshot may be used without a look at what other processes wrote, in milliseconds.
const UNCHECKED: u64 = 900;
/// How long after its last use a workspace is still watched, in milliseconds.
const WATCHED: u64 = 60_000;

/// What a unit changed in a workspace.
#[derive(Debug)]
pub(crate) struct Delta {
    pub(crate) at: WorkspaceRef,
    /// The workspace's version after the change.
    pub(crate) version: i64,
    /// What is different.
    pub(crate) changes: Changes,
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// The snapshots of one process.
pub(crate) struct Snapshots {
    slots: Mutex<IdMap<WorkspaceRef, Arc<Slot>>>,
    bytes: u64,
}

/// A workspace's snapshot and the newest version that is known to be committed.
#[derive(Default)]
pub(crate) struct Slot {
    snapshot: ArcSwapOption<Snapshot>,
    newest: AtomicI64,
    /// When it was last asked for, and when it was last compared with what is committed: milliseconds of the monotonic
    /// clock.
    used: AtomicU64,
    checked: AtomicU64,
    build: Arc<tokio::sync::Mutex<()>>,
    moving: Mutex<()>,
}

impl Slot {
    /// The snapshot, if it is as new as this process knows.
    pub(crate) fn current(&self) -> Option<Arc<Snapshot>> {
        let snapshot = self.snapshot.load_full()?;
        (snapshot.version() >= self.newest.load(Ordering::Acquire)).then_some(snapshot)
    }

    /// The snapshot, however old.
    pub(crate) fn held(&self) -> Option<Arc<Snapshot>> {
        self.snapshot.load_full()
    }

    /// Whether another process may have written more than a second ago without our knowing.
    pub(crate) fn is_unchecked(&self, now: Duration) -> bool {
        let checked = self.checked.load(Ordering::Relaxed);
        millis(now).saturating_sub(checked) > UNCHECKED && self.snapshot.load().is_some()
    }

    /// Notes that it was compared with what was committed at `now`.
    pub(crate) fn checked(&self, now: Duration) {
        self.checked.fetch_max(millis(now), Ordering::Relaxed);
    }

    /// The turn to build it: one build at a time.
    pub(crate) async fn turn(&self) -> tokio::sync::OwnedMutexGuard<()> {
        Arc::clone(&self.build).lock_owned().await
    }

    /// Lets go of what it holds, unless that is as new as this version.
    pub(crate) fn drop_before(&self, version: i64) -> bool {
        let _moving = self.moving.lock().unwrap_or_else(PoisonError::into_inner);
        let is_old = self.snapshot.load().as_ref().is_some_and(|held| held.version() < version);
        if is_old {
            self.snapshot.store(None);
        }
        is_old
    }

    /// Notes that a version is committed.
    pub(crate) fn heard(&self, version: i64) -> bool {
        self.newest.fetch_max(version, Ordering::AcqRel) < version
    }
}

impl Snapshots {
    pub(crate) fn new(bytes: u64) -> Self {
        Self { slots: Mutex::default(), bytes }
    }

    fn slots(&self) -> std::sync::MutexGuard<'_, IdMap<WorkspaceRef, Arc<Slot>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A workspace's slot, made if it is new.
    pub(crate) fn slot(&self, at: WorkspaceRef, now: Duration) -> Arc<Slot> {
        let slot = Arc::clone(self.slots().entry(at).or_default());
        slot.used.fetch_max(millis(now), Ordering::Relaxed);
        slot
    }

    /// Workspaces whose snapshot is held.
    pub(crate) fn count(&self) -> usize {
        self.slots().values().filter(|slot| slot.snapshot.load().is_some()).count()
    }

    /// Workspaces that are in use: those that nobody asks for are compared when somebody does.
    pub(crate) fn watched(&self, now: Duration) -> Vec<(WorkspaceRef, Arc<Slot>)> {
        let slots = self.slots();
        let in_use = slots.iter().filter(|(_, slot)| {
            let used = slot.used.load(Ordering::Relaxed);
            millis(now).saturating_sub(used) < WATCHED && slot.snapshot.load().is_some()
        });
        in_use.map(|(at, slot)| (*at, Arc::clone(slot))).collect()
    }

    /// Workspaces whose snapshot nobody asked for in a while: nobody compares them with what others wrote.
    pub(crate) fn unwatched(&self, now: Duration) -> Vec<(WorkspaceRef, Arc<Slot>)> {
        let slots = self.slots();
        let idle = slots.iter().filter(|(_, slot)| {
            let used = slot.used.load(Ordering::Relaxed);
            millis(now).saturating_sub(used) >= WATCHED && slot.snapshot.load().is_some()
        });
        idle.map(|(at, slot)| (*at, Arc::clone(slot))).collect()
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
            Some(held) if held.version() + 1 == delta.version => {
                slot.snapshot.store(Some(Arc::new(held.with(delta.version, &delta.changes))));
            }
            // Another process wrote between: the next reader moves it by what is committed.
            _ => {}
        }
        // Only now: a reader that heard of the version before its snapshot is there would build the workspace anew.
        slot.heard(delta.version);
    }

    /// Forgets a workspace that is not there any more.
    pub(crate) fn forget(&self, at: WorkspaceRef) {
        self.slots().remove(&at);
    }

    /// Drops the least recently used snapshots until the estimate is within the bound.
    fn evict(&self, keep: WorkspaceRef) {
        let mut slots = self.slots();
        let size = |slot: &Slot| slot.snapshot.load().as_ref().map_or(0, |held| held.bytes() as u64);
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
