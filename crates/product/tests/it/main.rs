//! The snapshot and its indexes, held against plain scans.

mod place;
mod snapshot_pages;
mod snapshot_similar;
