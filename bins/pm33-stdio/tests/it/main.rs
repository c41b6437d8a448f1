//! The real stdio server, as an IDE and a broken IDE meet it.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod bad_lines;
mod piped;
