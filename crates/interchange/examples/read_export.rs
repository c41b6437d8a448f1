//! Reads an export as an import does, without writing it anywhere, and tells how long that took and by how much memory grew:
//! `cargo run --release -p pm33-interchange --example read_export -- jira.csv`. Memory is told on Linux only.
#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]

use std::{
    fs::File,
    io::{self, Write as _},
    time::Instant,
};

use pm33_interchange::{ImportOptions, open};

fn main() -> io::Result<()> {
    let Some(path) = std::env::args_os().nth(1) else { return writeln!(io::stderr(), "read_export FILE") };
    let file = File::open(path)?;
    let bytes = file.metadata()?.len();
    let now = "2026-12-01T00:00:00Z".parse().map_err(io::Error::other)?;
    let (before, begun) = (peak(), Instant::now());
    let mut import = open(file, &ImportOptions::new(now)).map_err(io::Error::other)?;
    let looked = begun.elapsed();
    let mut items = import.items().map_err(io::Error::other)?;
    let mut count = 0;
    for item in items.by_ref() {
        item.map_err(io::Error::other)?;
        count += 1;
    }
    writeln!(
        io::stdout(),
        "{count} items of {bytes} bytes; looked through in {looked:.1?}, read in {:.1?}; memory grew by {} KiB, the file has {} KiB",
        begun.elapsed().saturating_sub(looked),
        peak().saturating_sub(before),
        bytes / 1024,
    )
}

/// The most memory that the process had so far, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(0)
}
