//! The port to the clock. Domain code takes times as arguments; only the edges ask this port for them.

use std::time::Duration;

use crate::Timestamp;

/// Tells the time. One implementation reads the machine's clock; tests bring their own.
pub trait Clock: Send + Sync {
    /// Wall time, which may jump.
    fn now(&self) -> Timestamp;
    /// Time since some fixed point of this process, which never goes back.
    fn monotonic(&self) -> Duration;
}
