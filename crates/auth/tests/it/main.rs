//! Keys from minting to verification, over a store in memory whose answers the tests hold back and change.
#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod fixture;

mod caching;
mod children;
mod refusals;
mod revocation;
mod rotation;
