//! What the process remembers of the store, and how a committed unit moves it.

use std::sync::Arc;

use pm33_tenancy::TenantId;

use crate::{
    directory::DirectoryCache,
    rights::RulesCache,
    snapshots::{Delta, Snapshots},
};

/// The memories of one process; cheap to clone.
#[derive(Clone)]
pub(crate) struct Caches {
    pub(crate) snapshots: Arc<Snapshots>,
    pub(crate) directory: Arc<DirectoryCache>,
    pub(crate) rules: Arc<RulesCache>,
}

/// What a unit changed.
#[derive(Debug, Default)]
pub(crate) struct Moved {
    pub(crate) deltas: Vec<Delta>,
    /// Tenants whose workspaces, settings, members or keys changed.
    pub(crate) access: Vec<TenantId>,
}

impl Caches {
    pub(crate) fn new(snapshot_bytes: u64) -> Self {
        Self {
            snapshots: Arc::new(Snapshots::new(snapshot_bytes)),
            directory: Arc::new(DirectoryCache::new()),
            rules: Arc::default(),
        }
    }

    /// Moves the memories after a commit, before anybody hears of it.
    pub(crate) fn publish(&self, moved: &Moved) {
        for delta in &moved.deltas {
            self.snapshots.apply(delta);
        }
        for tenant in &moved.access {
            self.directory.forget(*tenant);
            self.rules.forget(*tenant);
        }
    }
}
