//! How a group of rows that went alone has ended.

use thiserror::Error;

/// How a group ended that was not lost.
#[derive(Debug)]
pub(super) enum Appended {
    /// The rows are durable; their numbers, in order.
    #[cfg_attr(not(feature = "sqlite"), expect(dead_code, reason = "there is no embedded database"))]
    Durable(Vec<u64>),
    /// Nothing was written: the database is busy, or another process has moved a chain.
    Undone,
}

/// Nobody knows what became of a group.
#[derive(Debug, Error)]
#[error("a group of audit rows may not have been written")]
pub(super) struct Lost(#[source] pub(super) Box<dyn std::error::Error + Send + Sync>);
