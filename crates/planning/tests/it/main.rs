//! Behaviours of planning that need more than one module, or real data.
#![expect(clippy::unwrap_used, reason = "a test ends at what it cannot go on without")]

mod priorities;
mod scenario;
mod schedule;
