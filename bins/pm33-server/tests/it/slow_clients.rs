//! Hundreds of clients that send their header or their body a byte at a time, or read no answer: good ones are served as
//! before, and each slow one is dropped in its time (governance Z6).

use std::{
    io::Write,
    net::TcpStream,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    bystanders::{middle, p99},
    home::Home,
    length::length,
    process::{allow_descriptors, descriptors, quiet},
    served::{Served, post},
};

/// Slow clients for each change, and the whole bar: a third of each kind.
const SLOW: usize = 500;
const ALL_SLOW: usize = 2_000;
/// Descriptors beside theirs.
const SPARE: usize = 200;
/// What the server may open of its own meanwhile: the store's connections take three each.
const OWN: usize = 16;
/// Phases with the slow ones, each after one without.
const TURNS: usize = 3;
const PHASE: Duration = Duration::from_secs(2);
/// Times the p99 of good clients without them.
const MOST: u32 = 2;
/// Between two bytes.
const A_BYTE: Duration = Duration::from_secs(1);
/// Answers that are asked for and not read: more than the system's buffers hold.
const UNREAD: usize = 40;

/// The defaults, which the documentation promises.
const HEADER: Duration = Duration::from_secs(10);
const BODY: Duration = Duration::from_secs(30);
const READ: Duration = Duration::from_mins(1);
/// Of a machine that does other things too.
const LATE: Duration = Duration::from_secs(5);

/// Slow clients, a third of each kind; what they send next is sent by [`Slow::trickle`].
struct Slow {
    heads: Vec<TcpStream>,
    bodies: Vec<TcpStream>,
    readers: Vec<TcpStream>,
    /// A good request, of which they send a byte at a time.
    request: String,
    sent: usize,
}

impl Slow {
    fn open(server: &Served, key: &str, count: usize) -> Self {
        let request = post(&[], key, "server/discover", "", json!({}));
        let (head, _) = request.split_once("\r\n\r\n").expect("a head");
        let some = |count: usize, begin: &str| -> Vec<TcpStream> {
            let open = |_| {
                let mut socket = server.connect().expect("a connection");
                socket.set_nonblocking(true).expect("set");
                // As much as the buffers take.
                let _ = socket.write(begin.as_bytes());
                socket
            };
            (0..count).map(open).collect()
        };
        // Those that ask for much and read nothing come first: it takes a while until the server waits for each of them.
        let readers =
            some(count - 2 * (count / 3), &post(&[], key, "tools/list", "", json!({})).repeat(UNREAD));
        quiet(server);
        let heads = some(count / 3, "POST");
        let bodies = some(count / 3, &format!("{head}\r\n\r\n"));
        Self { heads, bodies, readers, sent: 4, request }
    }

    /// Another byte of each that sends.
    fn trickle(&mut self) {
        let head = self.request.as_bytes().get(self.sent..=self.sent).unwrap_or_default();
        for socket in &mut self.heads {
            let _ = socket.write(head);
        }
        for socket in &mut self.bodies {
            let _ = socket.write(b" ");
        }
        self.sent += 1;
    }
}

#[test]
fn good_clients_are_served_as_before_beside_slow_ones() {
    let count = allow_descriptors(length(SLOW, ALL_SLOW) + SPARE) - SPARE;
    let home = Home::sqlite(1);
    let server = Served::start(&home, &[]);
    let key = &home.keys[0].1;
    p99(&server, key, PHASE);
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        without.push(p99(&server, key, PHASE));
        let mut slow = Slow::open(&server, key, count);
        let stop = AtomicBool::new(false);
        with.push(std::thread::scope(|scope| {
            scope.spawn(|| {
                while !stop.load(Relaxed) {
                    slow.trickle();
                    std::thread::sleep(A_BYTE / 4);
                }
            });
            let taken = p99(&server, key, PHASE);
            stop.store(true, Relaxed);
            taken
        }));
    }
    eprintln!(
        "p99 of good clients beside {count} slow ones, in turns: {with:.1?}, without them {without:.1?}"
    );
    let (with, without) = (middle(with), middle(without));
    assert!(with <= without * MOST, "{with:?} beside {count} slow clients, {without:?} without");
}

#[test]
fn slow_clients_are_dropped_in_their_time() {
    let count = allow_descriptors(length(SLOW, ALL_SLOW) + SPARE) - SPARE;
    let home = Home::sqlite(1);
    let server = Served::start(&home, &[]);
    let key = &home.keys[0].1;
    p99(&server, key, Duration::from_millis(100));
    let free = descriptors(&server) + OWN;
    let mut slow = Slow::open(&server, key, count);
    let opened = Instant::now();
    let (bodies, readers) = (slow.bodies.len(), slow.readers.len());
    let mut left = vec![(HEADER, bodies + readers), (BODY, readers), (READ, 0)];
    let mut told = Vec::new();
    assert!(descriptors(&server) + OWN >= free + count / 2, "they are not there");
    while let Some((limit, others)) = left.first().copied() {
        slow.trickle();
        let open = descriptors(&server);
        if open <= free + others {
            told.push((limit, opened.elapsed()));
            left.remove(0);
            continue;
        }
        assert!(
            opened.elapsed() < limit + LATE,
            "{open} descriptors after {:?}, of {limit:?}: {told:?}",
            opened.elapsed()
        );
        std::thread::sleep(A_BYTE / 2);
    }
    eprintln!("{count} slow clients: {told:.1?}");
}
