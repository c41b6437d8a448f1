//! State history: one record per change of status, never deleted with ordinary edits.

use pm33_tenancy::{Timestamp, UserId};

use crate::Status;

/// A change of status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateChange {
    /// Before; `None` at creation.
    pub from: Option<Status>,
    /// After.
    pub to: Status,
    /// When.
    pub at: Timestamp,
    /// Who, where it happened here.
    pub by: Option<UserId>,
}
