//! Ten thousand idle connections, a thousand of them with a session of an older client, fit into 512 MiB beside a server that goes on
//! serving; when they have gone, so have their descriptors, and the next ten thousand take no more (governance Z5).

use std::{
    io::{BufReader, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    crash::good,
    home::Home,
    process::{allow_descriptors, descriptors, resident},
    served::{Served, post_body, read_answer},
};

const IDLE: usize = 10_000;
/// One of so many opens a session; a tenant's default is a thousand.
const SESSIONS: usize = 10;
/// Descriptors of each side beside these.
const SPARE: usize = 200;
const OPENERS: usize = 8;
/// What the server may open of its own meanwhile: the store's connections take three each.
const OWN: usize = 16;
/// Kibibytes.
const MOST: u64 = 512 << 10;
const SOON: Duration = Duration::from_secs(20);

/// Connections that were used once, all left idle.
fn opened(server: &Served, key: &str, count: usize) -> Vec<TcpStream> {
    let client = json!({ "name": "idle", "version": "1" });
    let params = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client });
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params }).to_string();
    let plain = [("mcp-protocol-version", ""), ("mcp-method", ""), ("mcp-name", "")];
    let request = post_body(&plain, key, "", "", &body);
    let open = |number: usize| {
        let mut socket = server.connect().expect("a connection");
        let is_session = number.is_multiple_of(SESSIONS);
        let asked =
            if is_session { request.as_str() } else { "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n" };
        socket.write_all(asked.as_bytes()).expect("sent");
        let answer = read_answer(&mut BufReader::new(&mut socket)).expect("an answer");
        assert_eq!(
            (answer.status, answer.header("mcp-session-id").is_some()),
            (200, is_session),
            "{answer:?}"
        );
        socket
    };
    std::thread::scope(|scope| {
        let share = |number: usize| (count + number) / OPENERS;
        let openers: Vec<_> = (0..OPENERS)
            .map(|number| scope.spawn(move || (0..share(number)).map(open).collect::<Vec<_>>()))
            .collect();
        openers.into_iter().flat_map(|one| one.join().expect("they opened")).collect()
    })
}

#[test]
fn ten_thousand_idle_connections_and_sessions_fit_into_their_memory() {
    let count = allow_descriptors(IDLE + SPARE) - SPARE;
    let home = Home::sqlite(1);
    let key = &home.keys[0].1;
    let most = (IDLE + SPARE).to_string();
    let server = Served::start(
        &home,
        &[
            ("PM33_SERVER_CONNECTIONS", &most),
            ("PM33_SERVER_IDLE_SECONDS", "600"),
            ("PM33_LIMITS_SESSIONS_MAX", "5000"),
        ],
    );
    let mut own = server.connect().expect("a connection");
    let mut create = |title: &str| {
        let arguments = json!({ "type": "task", "title": title, "on_duplicate": "create" });
        let begun = Instant::now();
        good(&server.tool(&mut own, key, "pm33_create_work_item", &arguments).expect("an answer"));
        begun.elapsed()
    };
    create("Before");
    let (before, free) = (resident(&server), descriptors(&server));
    let mut figures = Vec::new();
    for round in 0..2 {
        let held = opened(&server, key, count);
        let (full, took) = (resident(&server), create(&format!("Beside them {round}")));
        assert!(descriptors(&server) >= free + count);
        drop(held);
        let gone = Instant::now();
        while descriptors(&server) > free + OWN {
            assert!(gone.elapsed() < SOON, "{} descriptors are still open", descriptors(&server));
            std::thread::sleep(Duration::from_millis(20));
        }
        create(&format!("After them {round}"));
        figures.push((full, resident(&server), took));
    }
    eprintln!(
        "{before} KiB before; with {count} connections, after them, and a write meanwhile: {figures:?}"
    );
    for (full, _, took) in &figures {
        assert!(*full <= MOST, "{full} KiB");
        assert!(*took < Duration::from_secs(1), "{took:?}");
    }
    // What the first ten thousand took is taken again by the next, beside their sessions, which live on.
    let [(first, after, _), (second, again, _)] = figures[..] else { panic!("two rounds") };
    let kept = after.saturating_sub(before);
    assert!(
        second <= first + first / 5 && again <= before + kept + kept / 2 + (16 << 10),
        "{figures:?} after {before}"
    );
}
