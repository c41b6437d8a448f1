//! Floods of HTTP/2 frames against a running server, again and again from new connections: each is told goodbye, others
//! are served, and memory stays as it is (governance Z7).

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::{Duration, Instant},
};

use crate::{
    bystanders::{middle, p99},
    frames::{
        CONTINUATION, END_HEADERS, END_STREAM, GOAWAY, HEADERS, HELLO, PING, RESET, SETTINGS, WINDOW_UPDATE,
        field, frame, frames,
    },
    home::Home,
    length::length,
    process::resident,
    served::Served,
};

/// Phases of a flood, each after one without.
const TURNS: usize = 5;
/// Five seconds of each flood, or a minute.
const PHASE: Duration = Duration::from_secs(1);
const LONG_PHASE: Duration = Duration::from_secs(12);
/// Times the p99 of others without a flood.
const MOST: u32 = 3;
/// Kibibytes that a flood may take.
const MORE: u64 = 100 << 10;
/// Pieces of a flood that are written at once.
const BURST: u32 = 500;
/// Longest wait for a connection's end after a flood on it.
const SOON: Duration = Duration::from_secs(20);

/// `POST`, `http`, a path and an authority, coded without tables.
const HEAD: &[u8] = b"\x83\x86\x04\x04/mcp\x01\x09localhost";

/// A stream that is opened and not ended.
fn opened(number: u32) -> Vec<u8> {
    frame(HEADERS, END_HEADERS, 2 * number + 1, HEAD)
}

/// Streams that are opened and reset.
fn rapid_reset(number: u32) -> Vec<u8> {
    [opened(number), frame(RESET, 0, 2 * number + 1, &8_u32.to_be_bytes())].concat()
}

/// Streams that the server is made to reset: a window that does not grow is an error.
fn made_you_reset(number: u32) -> Vec<u8> {
    [opened(number), frame(WINDOW_UPDATE, 0, 2 * number + 1, &[0; 4])].concat()
}

/// A header without an end.
fn continuation(number: u32) -> Vec<u8> {
    if number == 0 {
        frame(HEADERS, END_STREAM, 1, HEAD)
    } else {
        frame(CONTINUATION, 0, 1, &field("x-more", "y"))
    }
}

fn ping(_: u32) -> Vec<u8> {
    frame(PING, 0, 0, &[7; 8])
}

fn settings(_: u32) -> Vec<u8> {
    frame(SETTINGS, 0, 0, &[])
}

/// Floods a connection and reads what the server says until it ends it, or until there is enough; what it said.
fn flood(mut socket: TcpStream, piece: impl Fn(u32) -> Vec<u8>, enough: &AtomicBool) -> Option<Vec<u8>> {
    let (mut said, mut number, mut burst) = (Vec::new(), 0, HELLO.to_vec());
    let (mut space, begun) = ([0; 1 << 12], Instant::now());
    socket.set_nonblocking(true).expect("set");
    let mut is_open = true;
    while !enough.load(Relaxed) {
        if burst.is_empty() {
            burst = (number..number + BURST).flat_map(&piece).collect();
            number += BURST;
        }
        if is_open {
            match socket.write(&burst) {
                Ok(written) => drop(burst.drain(..written)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                // What it said before is still to be read.
                Err(_) => is_open = false,
            }
        }
        match socket.read(&mut space) {
            Ok(0) => return Some(said),
            Ok(read) => said.extend(&space[..read]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::yield_now(),
            Err(_) => return Some(said),
        }
        assert!(begun.elapsed() < SOON, "{number} pieces of a flood are borne");
    }
    None
}

/// A flood from connection to connection until there is enough; how many were ended.
fn attack(server: &Served, piece: fn(u32) -> Vec<u8>, enough: &AtomicBool) -> usize {
    let mut ended = 0;
    while !enough.load(Relaxed) {
        let socket = server.connect().expect("a connection");
        if let Some(said) = flood(socket, piece, enough) {
            let is_goodbye = frames(&said).iter().any(|(kind, _)| *kind == GOAWAY);
            assert!(is_goodbye, "ended without a word: {:?}", &said[..said.len().min(100)]);
            ended += 1;
        }
    }
    ended
}

#[expect(clippy::print_stderr, reason = "what it measured is told")]
fn flooded(what: &str, piece: fn(u32) -> Vec<u8>) {
    let home = Home::sqlite(1);
    let server = Served::start(&home, &[]);
    let key = &home.keys[0].1;
    let phase = length(PHASE, LONG_PHASE);
    p99(&server, key, PHASE);
    let before = resident(&server);
    let (mut with, mut without, mut ended, mut most) = (Vec::new(), Vec::new(), 0, before);
    for _ in 0..TURNS {
        without.push(p99(&server, key, PHASE));
        let enough = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let attacker = scope.spawn(|| attack(&server, piece, &enough));
            with.push(p99(&server, key, phase));
            most = most.max(resident(&server));
            enough.store(true, Relaxed);
            ended += attacker.join().expect("an attacker");
        });
    }
    eprintln!(
        "{what}: {ended} connections ended; p99 of others in turns {with:.1?}, without it {without:.1?}; {before} KiB, \
         {most} KiB at most"
    );
    let (with, without) = (middle(with), middle(without));
    assert!(ended > 0, "it went on");
    assert!(with <= without * MOST, "{with:?}, {without:?} without it");
    assert!(most <= before + MORE, "{before} KiB, and then {most} KiB");
}

#[test]
fn streams_that_are_reset_at_once() {
    flooded("rapid reset", rapid_reset);
}

#[test]
fn streams_that_the_server_is_made_to_reset() {
    flooded("streams that the server is made to reset", made_you_reset);
}

#[test]
fn a_header_that_is_continued_without_end() {
    flooded("continuations", continuation);
}

#[test]
fn pings_without_end() {
    flooded("pings", ping);
}

#[test]
fn settings_without_end() {
    flooded("settings", settings);
}
