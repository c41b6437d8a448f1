//! Behaviour of the wire: what is read, what is refused, what is sent, in every revision.
#![expect(clippy::disallowed_methods, reason = "tests are told by the environment where real data lies")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod any_bytes;
mod data;
mod decoding;
mod examples;
mod generators;
mod messages;
mod metadata;
mod method_names;
mod mutation;
mod sent;
mod validity;
