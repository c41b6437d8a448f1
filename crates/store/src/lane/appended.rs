//! How a group of rows that went alone has ended.

/// How a group ended that was not lost.
#[derive(Debug)]
pub(super) enum Appended {
    /// The rows are durable; their numbers, in order.
    #[cfg_attr(not(feature = "sqlite"), expect(dead_code, reason = "there is no embedded database"))]
    Durable(Vec<u64>),
    /// Nothing was written: the database is busy, or another process has moved a chain.
    Undone,
}
