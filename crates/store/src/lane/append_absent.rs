//! In the place of the short way where a build leaves the embedded database out: nothing goes it.

use std::future::{Ready, ready};

use pm33_tenancy::AuditKeys;
use sea_orm::{DatabaseConnection, DbErr};

use super::appended::Appended;
use crate::grant::Prepared;

/// Appends nothing.
#[derive(Default)]
pub(super) struct Appender;

impl Appender {
    /// Has nothing to give back.
    pub(super) fn release(&mut self) {}

    /// Has nothing to forget.
    pub(super) fn forget(&mut self) {}

    /// Leaves everything to the long way.
    pub(super) fn append(
        &mut self,
        _: &DatabaseConnection,
        _: &[Prepared],
        _: &AuditKeys,
    ) -> Ready<Result<Appended, DbErr>> {
        ready(Ok(Appended::Undone))
    }
}
