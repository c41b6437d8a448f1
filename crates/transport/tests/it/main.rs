//! The transports over real sockets and pipes, against a real server on a real store.
#![expect(clippy::disallowed_methods, reason = "a test's tasks and clock readings end with its runtime")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bounds;
mod compose;
mod disconnect;
mod drain;
mod frames;
mod harness;
mod http2;
mod http2_abuse;
mod order;
mod origin;
mod proxy;
mod raw;
mod refused_bodies;
mod smuggling;
mod stdio;
mod tls;
