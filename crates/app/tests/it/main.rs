//! What the binaries are thin over, on the real store.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod any_workspace_comes_back;
mod archives_come_back;
mod books;
#[path = "../../../interchange/tests/exports/mod.rs"]
mod exports;
mod imports_are_written;
mod place;
mod tables_come_back;
