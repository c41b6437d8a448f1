//! What the system tells of a process.

use std::{
    io::{Read, Seek, SeekFrom},
    process::Command,
    time::{Duration, Instant},
};

use crate::{looks::holds, served::Served};

/// Lets this process hold so many descriptors, as far as the system lets it and a server; how many it may.
#[expect(clippy::print_stderr, reason = "a test of less is to be seen")]
pub(crate) fn allow_descriptors(wanted: usize) -> usize {
    let own = std::process::id().to_string();
    let told =
        Command::new("prlimit").args(["--pid", &own, "--nofile", "-o", "HARD", "--noheadings"]).output();
    let hard = String::from_utf8(told.expect("prlimit runs").stdout).expect("text");
    let allowed = wanted.min(hard.trim().parse().unwrap_or(usize::MAX));
    if allowed < wanted {
        eprintln!("NOT TESTED with {wanted} descriptors: a process may have {allowed} here");
    }
    let set = Command::new("prlimit").args(["--pid", &own, &format!("--nofile={allowed}:")]).status();
    assert!(set.is_ok_and(|status| status.success()));
    allowed
}

/// Kibibytes of memory that the server's process has.
pub(crate) fn resident(server: &Served) -> u64 {
    memory(server, "VmRSS:")
}

/// Kibibytes of memory that it had at most.
pub(crate) fn most_memory(server: &Served) -> u64 {
    memory(server, "VmHWM:")
}

fn memory(server: &Served, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.process())).expect("its status");
    let line = status.lines().find(|line| line.starts_with(name)).expect("a line");
    line.split_whitespace().nth(1).expect("a number").parse().expect("a number")
}

/// Waits until the server's process does nothing any more.
pub(crate) fn quiet(server: &Served) {
    const LOOK: Duration = Duration::from_millis(100);
    const SOON: Duration = Duration::from_mins(3);
    let used = || {
        let text = std::fs::read_to_string(format!("/proc/{}/stat", server.process())).expect("its figures");
        // The name before them may hold spaces.
        let figures = text.rsplit(')').next().expect("figures").split_whitespace();
        figures.skip(11).take(2).map(|ticks| ticks.parse::<u64>().expect("a number")).sum::<u64>()
    };
    let (begun, mut last) = (Instant::now(), used());
    loop {
        std::thread::sleep(LOOK);
        let now = used();
        if now == last {
            return;
        }
        assert!(begun.elapsed() < SOON, "the server is busy");
        last = now;
    }
}

/// Descriptors that the server's process has open.
pub(crate) fn descriptors(server: &Served) -> usize {
    std::fs::read_dir(format!("/proc/{}/fd", server.process())).expect("its descriptors").count()
}

/// Whether the memory that the server's process can write holds a word, in small or capital letters.
pub(crate) fn remembers(server: &Served, word: &str) -> bool {
    const BLOCK: usize = 1 << 20;
    let empty = vec![0; BLOCK + word.len()];
    let (word, place) = (word.to_lowercase(), format!("/proc/{}", server.process()));
    let mut memory = std::fs::File::open(format!("{place}/mem")).expect("its memory");
    let parts = std::fs::read_to_string(format!("{place}/maps")).expect("its parts");
    for part in parts.lines().filter(|part| part.contains(" rw")) {
        let place = part.split_whitespace().next().and_then(|place| place.split_once('-')).expect("a place");
        let [from, to] = [place.0, place.1].map(|at| u64::from_str_radix(at, 16).expect("a number"));
        memory.seek(SeekFrom::Start(from)).expect("a place");
        let mut part = (&mut memory).take(to - from);
        let mut bytes = Vec::new();
        // What the process gave back meanwhile cannot be read, and holds nothing. Most of what it set aside is empty.
        while part.by_ref().take(BLOCK as u64).read_to_end(&mut bytes).is_ok_and(|read| read > 0) {
            if bytes[..] != empty[..bytes.len()] && holds(&bytes.to_ascii_lowercase(), &word) {
                return true;
            }
            bytes.drain(..(bytes.len() + 1).saturating_sub(word.len()));
        }
    }
    false
}
