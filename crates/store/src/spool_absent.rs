//! In the place of the spool where a build leaves the embedded database out: nothing opens one.

use std::{path::PathBuf, sync::Arc};

use pm33_tenancy::{AuditKeys, Clock};
use sea_orm::DatabaseConnection;

use crate::{AuditReads, StoreError, engine::sqlite::Turn, grant::Prepared, load::Groups};

/// What a spool would work with.
#[expect(dead_code, reason = "as the one that works")]
pub(crate) struct SpoolParts {
    pub(crate) database: PathBuf,
    pub(crate) keys: Arc<AuditKeys>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) audit_reads: AuditReads,
    pub(crate) groups: Arc<Groups>,
    pub(crate) turn: Turn,
}

/// Takes nothing.
#[derive(Clone)]
pub(crate) struct Spool;

#[expect(clippy::unused_self, clippy::unused_async, reason = "as the one that works")]
impl Spool {
    /// Refuses.
    pub(crate) fn start(_: SpoolParts, _: &tokio_util::task::TaskTracker) -> Result<Self, StoreError> {
        Err(StoreError::Closed)
    }

    /// Refuses.
    pub(crate) async fn audit(&self, _: &Prepared, _: &DatabaseConnection) -> Result<(), StoreError> {
        Err(StoreError::Closed)
    }

    /// Refuses.
    pub(crate) async fn audit_later(&self, _: &Prepared, _: &DatabaseConnection) -> Result<(), StoreError> {
        Err(StoreError::Closed)
    }

    /// Refuses.
    pub(crate) async fn flush(&self) -> Result<(), StoreError> {
        Err(StoreError::Closed)
    }

    /// Has nothing.
    pub(crate) fn queued(&self) -> usize {
        0
    }

    /// Has nothing.
    pub(crate) async fn settled(&self, _: &DatabaseConnection) -> Result<(), StoreError> {
        Ok(())
    }

    /// Has nothing to end.
    pub(crate) async fn stop(&self) {}
}
