//! A large import is read as a stream: it takes no more memory than its file has bytes, and other tenants' calls are
//! answered meanwhile. `PM33_TEST_LONG=1` imports 100,000 records and holds the whole bar.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::{
    command::{acme, json, text},
    exports::{self, Layout},
    serving::{Server, status},
};

/// Calls in each of the two quiet times.
const QUIET_CALLS: usize = 500;

/// What one import did.
struct Measured {
    /// Most of its own memory, in bytes.
    memory: u64,
    /// Times of another tenant's calls meanwhile, sorted.
    calls: Vec<Duration>,
    took: Duration,
}

fn import(home: &Path, workspace: &str, file: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_pm33-admin"))
        .args(["--json", "--data-dir"])
        .arg(home)
        .args(["import", "acme", workspace])
        .arg(file)
        .stdout(Stdio::null())
        .spawn()
        .expect("it runs")
}

/// Memory that is a process's own: without the pages of files that the kernel may drop.
fn own_memory(process: u32) -> Option<u64> {
    let told = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = told.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? << 10)
}

fn p99(sorted: &[Duration]) -> Duration {
    sorted[(sorted.len() - 1) * 99 / 100]
}

#[expect(clippy::disallowed_methods, reason = "the test's stopwatch")]
fn timed(server: &Server, key: &str) -> Duration {
    let begun = Instant::now();
    assert_eq!(status(server.address, key), 200);
    begun.elapsed()
}

/// A call now and then, as often with an import beside it as without: a machine that has been idle for a moment answers later
/// than one that is kept busy.
fn paced(server: &Server, key: &str, calls: &mut Vec<Duration>) {
    calls.push(timed(server, key));
    std::thread::sleep(Duration::from_millis(2));
}

/// Calls without an import.
fn quiet(server: &Server, key: &str, calls: &mut Vec<Duration>) {
    (0..QUIET_CALLS).for_each(|_| paced(server, key, calls));
}

#[expect(clippy::disallowed_methods, reason = "the test's stopwatch")]
fn measured(home: &Path, workspace: &str, file: &Path, server: &Server, key: &str) -> Measured {
    let begun = Instant::now();
    let mut child = import(home, workspace, file);
    let (mut memory, mut calls) = (0, Vec::new());
    let ended = loop {
        memory = memory.max(own_memory(child.id()).unwrap_or(0));
        if let Some(ended) = child.try_wait().expect("its state") {
            break ended;
        }
        paced(server, key, &mut calls);
    };
    assert!(ended.success());
    calls.sort_unstable();
    Measured { memory, calls, took: begun.elapsed() }
}

fn export(folder: &Path, records: usize) -> (std::path::PathBuf, u64) {
    let file = folder.join(format!("{records}.csv"));
    let mut bytes = Vec::new();
    let layout = Layout::ALL.iter().find(|layout| layout.as_str() == "jira-cloud").expect("a layout");
    exports::write(*layout, records, 5, &mut bytes).expect("written");
    std::fs::write(&file, &bytes).expect("written");
    (file, bytes.len() as u64)
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the environment says how much is to be measured")]
fn a_large_import_takes_no_more_memory_than_its_file_and_others_are_served_meanwhile() {
    let long = std::env::var("PM33_TEST_LONG").is_ok_and(|text| text == "1");
    let (few, many) = if long { (1_000, 100_000) } else { (500, 4_000) };
    let folder = acme();
    let home = folder.path();
    json(home, "workspace create acme large --prefix LARGE");
    json(home, "tenant create other");
    json(home, "user create other bo");
    let key = text(&json(home, "key create other bo --name k"), "key");
    let server = Server::start(home);
    let mut idle = Vec::new();
    let (small_file, small_bytes) = export(home, few);
    let (large_file, large_bytes) = export(home, many);
    let small = measured(home, "core", &small_file, &server, &key);
    quiet(&server, &key, &mut idle);
    let large = measured(home, "large", &large_file, &server, &key);
    quiet(&server, &key, &mut idle);
    idle.sort_unstable();
    let growth = large.memory.saturating_sub(small.memory);
    let (before, during) = (p99(&idle), p99(&large.calls));
    eprintln!(
        "import of {many} records, {large_bytes} bytes: {:?}, memory {} -> {} bytes (grew {growth}); another tenant's p99 \
         {before:?} -> {during:?} over {} calls",
        large.took,
        small.memory,
        large.memory,
        large.calls.len()
    );
    assert!(large.memory > 0 && !large.calls.is_empty());
    let bound = large_bytes.saturating_sub(small_bytes);
    // Of a small file the database's own cache, which fills up to its bound, is more than the file.
    if long {
        assert!(growth <= bound, "memory grew by {growth} bytes, the file by {bound}");
        assert!(during <= before * 2, "another tenant's p99: {before:?} idle, {during:?} meanwhile");
    }
}
