//! Providers against a peer on loopback that says exactly what the test wants it to say.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends at the first surprise")]

mod answers;
mod cuts;
mod failures;
mod peer;
mod phases;
mod surfaces;
