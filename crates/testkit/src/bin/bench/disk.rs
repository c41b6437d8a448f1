//! The disk alone: what a group of audit rows writes, synced again and again. No answer that waits for its row is faster.

use std::{
    fs::File,
    io::{Seek, SeekFrom, Write},
    path::Path,
    time::Instant,
};

use crate::spans::Spans;

/// Bytes between two syncs: pages of a group of some thirty rows.
const GROUP: usize = 32 * 1_024;
/// Groups that the file holds; it is written over, as a database's log is.
const GROUPS: usize = 256;
/// Syncs of a round.
const SYNCS: usize = 500;

/// Times of syncs in a folder, in a round.
pub(crate) fn syncs(folder: &Path) -> std::io::Result<Spans> {
    let mut file = File::create(folder.join("disk"))?;
    let group = vec![7; GROUP];
    for _ in 0..GROUPS {
        file.write_all(&group)?;
    }
    file.sync_all()?;
    let mut spans = Spans::default();
    for number in 0..SYNCS {
        if number % GROUPS == 0 {
            file.seek(SeekFrom::Start(0))?;
        }
        file.write_all(&group)?;
        let begun = Instant::now();
        file.sync_data()?;
        spans.note(begun.elapsed());
    }
    Ok(spans)
}
