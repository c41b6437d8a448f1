//! Keys from minting to verification, over a store in memory whose answers the tests hold back and change.
#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod any_handle;
mod any_key;
mod fixture;
#[path = "../../../protocol/tests/it/mutation.rs"]
mod mutation;

mod bounds;
mod caching;
mod children;
mod notices;
mod refusals;
mod revocation;
mod rotation;
mod suspension;
mod untrusted;
