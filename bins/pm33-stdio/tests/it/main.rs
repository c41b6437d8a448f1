//! The real stdio binary, as an IDE and a broken IDE meet it.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod bad_lines;
mod crash;
mod durable;
mod ending;
mod evaluation;
mod first_use;
mod interviews;
mod no_secret;
mod piped;
mod process;
mod read_only;
mod rust_client;
mod sharing;
mod streams;
/// The same tracer as the server's.
#[expect(
    dead_code,
    clippy::disallowed_methods,
    reason = "each program's tests use what they need of it, and a test of times reads the clock"
)]
#[path = "../../../pm33-server/tests/it/traced.rs"]
mod traced;
