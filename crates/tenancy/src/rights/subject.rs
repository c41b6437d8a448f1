//! Whose data a right is about.

use crate::UserId;

/// Whose data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataSubject {
    /// A member's.
    Member(UserId),
    /// The whole organisation's.
    Organisation,
}
