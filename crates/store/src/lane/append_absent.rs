//! In the place of the short way where a build leaves the embedded database out: nothing goes it.

use std::{
    future::{Ready, ready},
    path::PathBuf,
    sync::Arc,
};

use pm33_tenancy::AuditKeys;

use super::appended::{Appended, Lost};
use crate::{engine::sqlite::CommitSync, grant::Prepared};

/// Appends nothing.
pub(super) struct Appender;

#[expect(clippy::unused_self, reason = "as the one that has a thread")]
impl Appender {
    /// Needs nothing.
    pub(super) fn new(_: PathBuf, _: Arc<AuditKeys>, _: CommitSync) -> Self {
        Self
    }

    /// Has nothing to forget.
    pub(super) fn forget(&mut self) {}

    /// Has nothing to close.
    pub(super) fn close(&mut self) -> Ready<()> {
        ready(())
    }

    /// Leaves everything to the long way.
    pub(super) fn append(&mut self, _: &mut Vec<Prepared>) -> Ready<Result<Appended, Lost>> {
        ready(Ok(Appended::Undone))
    }
}
