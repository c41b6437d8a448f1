//! Admission as its callers see it: limits against a list of every call, sessions over a store in memory.
#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod fixture;

mod fairness;
mod limits;
mod session_ends;
mod session_memory;
mod session_owners;
mod shared_alone;
