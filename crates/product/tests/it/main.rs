//! The snapshot and its indexes, held against plain scans.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod document_gate;
mod place;
mod snapshot_pages;
mod snapshot_rows;
mod snapshot_similar;
mod starts;
