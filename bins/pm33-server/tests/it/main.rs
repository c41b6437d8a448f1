//! The real server binary, as its clients and its enemies meet it.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod crash;
mod isolation;
mod running;
mod writing;
