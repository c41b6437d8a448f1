//! Each bound of the settings holds in the real server: what passes by default is refused, cut off or made to wait when
//! the setting is small.

use std::{
    io::{BufReader, ErrorKind, Read, Write},
    net::{TcpListener, TcpStream},
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    home::Home,
    served::{Served, message, post, post_body, read_answer},
};

const SMALL: &[(&str, &str)] = &[
    ("PM33_SERVER_HEADER_BYTES", "2048"),
    ("PM33_SERVER_HEADER_FIELDS", "16"),
    ("PM33_SERVER_BODY_BYTES", "4096"),
    ("PM33_SERVER_JSON_DEPTH", "8"),
    ("PM33_SERVER_STREAMS_PER_CONNECTION", "3"),
    ("PM33_SERVER_LISTENS_PER_KEY", "1"),
    ("PM33_SERVER_LISTENS", "2"),
    ("PM33_LIMITS_SESSIONS_MAX", "2"),
];

#[test]
fn sizes_are_bounded_by_settings() {
    let home = Home::sqlite(1);
    let (small, usual) = (Served::start(&home, SMALL), Served::start(&home, &[]));
    let key = &home.keys[0].1;
    let discover = message("server/discover", json!({}));
    let fields: Vec<(String, &str)> = (0..20).map(|number| (format!("x-{number}"), "y")).collect();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let large = "x".repeat(3_000);
    let nested = json!({ "x": [[[[[[[[1]]]]]]]] });
    let ask = |changes: &[(&str, &str)], body: &str| post_body(changes, key, "server/discover", "", body);
    for (what, request, status) in [
        ("header bytes", ask(&[("x-large", &large)], &discover), 431),
        ("header fields", ask(&fields, &discover), 431),
        ("body bytes", ask(&[], &(discover.clone() + &" ".repeat(5_000))), 413),
        ("depth", ask(&[], &message("server/discover", nested)), 400),
    ] {
        let refused = small.raw(request.as_bytes());
        assert_eq!(refused.status, status, "{what}: {refused:?}");
        assert!(refused.json()["error"]["message"].is_string(), "{what}: {refused:?}");
        assert_eq!(usual.raw(request.as_bytes()).status, 200, "{what}");
    }
}

#[test]
fn streams_of_a_connection_are_bounded_by_a_setting() {
    let home = Home::sqlite(1);
    for (environment, most) in [(SMALL, 3), (&[], 100)] {
        let server = Served::start(&home, environment);
        let mut socket = server.connect().expect("a connection");
        let hello = [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], &[0, 0, 0, 4, 0, 0, 0, 0, 0]].concat();
        socket.write_all(&hello).expect("sent");
        let mut head = [0; 9];
        socket.read_exact(&mut head).expect("a frame");
        assert_eq!(head[3], 4, "the first frame tells the server's settings");
        let mut settings = vec![0; usize::from(head[2])];
        socket.read_exact(&mut settings).expect("settings");
        // Setting 3 is the number of concurrent streams.
        let told = settings.chunks_exact(6).find(|setting| setting[..2] == [0, 3]).expect("a bound");
        assert_eq!(told[2..], u32::to_be_bytes(most));
    }
}

/// Opens a subscription; the connection that holds it, unless it was refused.
fn listen(server: &Served, key: &str) -> Result<BufReader<TcpStream>, u16> {
    let params = json!({ "notifications": { "toolsListChanged": true } });
    let mut socket = server.connect().expect("a connection");
    socket.write_all(post(&[], key, "subscriptions/listen", "", params).as_bytes()).expect("sent");
    let mut reader = BufReader::new(socket);
    let answer = read_answer(&mut reader).expect("an answer");
    if answer.header("content-type") == Some("text/event-stream") { Ok(reader) } else { Err(answer.status) }
}

#[test]
fn subscriptions_and_sessions_are_bounded_by_settings() {
    let home = Home::sqlite(3);
    let server = Served::start(&home, SMALL);
    let keys: Vec<&str> = home.keys.iter().map(|(_, key)| key.as_str()).collect();
    let first = listen(&server, keys[0]).expect("the key's only one");
    assert_eq!(listen(&server, keys[0]).err(), Some(503), "the key has one");
    let _second = listen(&server, keys[1]).expect("another key's");
    assert_eq!(listen(&server, keys[2]).err(), Some(503), "there are two in all");
    drop(first);
    let begun = Instant::now();
    while listen(&server, keys[2]).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(20), "a closed one makes room");
    }

    let initialize = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } } });
    let legacy = [("mcp-protocol-version", ""), ("mcp-method", ""), ("mcp-name", "")];
    let request = post_body(&legacy, keys[0], "", "", &initialize.to_string());
    let statuses: Vec<u16> = (0..3).map(|_| server.raw(request.as_bytes()).status).collect();
    assert_eq!(statuses, [200, 200, 503]);
}

/// Opens a session of an older client; its id.
pub(crate) fn session(server: &Served, key: &str) -> String {
    let initialize = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } } });
    let legacy = [("mcp-protocol-version", ""), ("mcp-method", ""), ("mcp-name", "")];
    let answer = server.raw(post_body(&legacy, key, "", "", &initialize.to_string()).as_bytes());
    answer.header("mcp-session-id").unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

/// Opens the stream of a session; the connection that holds it, unless it was refused.
fn open_stream(server: &Served, key: &str, session: &str) -> Result<BufReader<TcpStream>, u16> {
    let request = format!(
        "GET /mcp HTTP/1.1\r\nHost: localhost\r\nx-api-key: {key}\r\nAccept: text/event-stream\r\n\
         Mcp-Session-Id: {session}\r\n\r\n"
    );
    let mut socket = server.connect().expect("a connection");
    socket.write_all(request.as_bytes()).expect("sent");
    let mut reader = BufReader::new(socket);
    let answer = read_answer(&mut reader).expect("an answer");
    if answer.status == 200 { Ok(reader) } else { Err(answer.status) }
}

#[test]
fn streams_of_older_clients_count_as_subscriptions() {
    let home = Home::sqlite(3);
    let server = Served::start(&home, SMALL);
    let keys: Vec<&str> = home.keys.iter().map(|(_, key)| key.as_str()).collect();
    let (one, other) = (session(&server, keys[0]), session(&server, keys[0]));
    let _first = open_stream(&server, keys[0], &one).expect("the key's only one");
    assert_eq!(listen(&server, keys[0]).err(), Some(503), "the key has a stream");
    assert_eq!(open_stream(&server, keys[0], &other).err(), Some(503), "a second session's");
    let _again = open_stream(&server, keys[0], &one).expect("it takes the place of the first");
    let _second = listen(&server, keys[1]).expect("another key's");
    let third = session(&server, keys[2]);
    assert_eq!(open_stream(&server, keys[2], &third).err(), Some(503), "there are two in all");
}

#[test]
fn sessions_in_memory_are_bounded_by_a_setting_and_those_that_are_not_there_still_live() {
    const OPENED: usize = 40;
    let home = Home::sqlite(1);
    let key = &home.keys[0].1;
    for (most, remembered) in [("16", 16), ("100", OPENED)] {
        // A port that was free a moment ago.
        let metrics =
            TcpListener::bind("127.0.0.1:0").and_then(|one| one.local_addr()).expect("a port").to_string();
        let environment =
            [("PM33_SERVER_SESSIONS_IN_MEMORY", most), ("PM33_SERVER_METRICS_LISTEN", metrics.as_str())];
        let server = Served::start(&home, &environment);
        let sessions: Vec<_> = (0..OPENED).map(|_| session(&server, key)).collect();
        assert_eq!(gauge(&metrics, "pm33_sessions"), remembered, "{most}");
        let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" }).to_string();
        for id in &sessions {
            let legacy =
                [("mcp-protocol-version", ""), ("mcp-method", ""), ("mcp-name", ""), ("mcp-session-id", id)];
            assert_eq!(server.raw(post_body(&legacy, key, "", "", &list).as_bytes()).status, 200, "{most}");
        }
    }
}

/// A gauge of the metrics listener.
fn gauge(address: &str, name: &str) -> usize {
    let mut socket = TcpStream::connect(address).expect("the metrics listener");
    let request = format!("GET /metrics HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).expect("sent");
    let mut page = String::new();
    socket.read_to_string(&mut page).expect("an answer");
    let line = page.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{page}"));
    line.rsplit(' ').next().and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("{line}"))
}

#[test]
fn times_are_bounded_by_settings() {
    const SHORT: &[(&str, &str)] = &[
        ("PM33_SERVER_HEADER_SECONDS", "1"),
        ("PM33_SERVER_BODY_SECONDS", "1"),
        ("PM33_SERVER_IDLE_SECONDS", "1"),
        ("PM33_SERVER_WRITE_STALL_SECONDS", "1"),
    ];
    /// Well above the settings, well below the defaults.
    const MOST: Duration = Duration::from_secs(6);
    let home = Home::sqlite(1);
    let server = Served::start(&home, SHORT);
    let key = &home.keys[0].1;
    let good = post(&[], key, "server/discover", "", json!({}));
    let (head, body) = good.split_once("\r\n\r\n").expect("a head");
    std::thread::scope(|scope| {
        for (what, sent, status) in [
            ("no header", String::new(), None),
            ("half a header", head.to_owned(), None),
            ("half a body", format!("{head}\r\n\r\n{}", &body[..20]), Some(408)),
            ("then idle", good.clone(), Some(200)),
        ] {
            let server = &server;
            scope.spawn(move || {
                let begun = Instant::now();
                let mut socket = server.connect().expect("a connection");
                socket.write_all(sent.as_bytes()).expect("sent");
                let mut reader = BufReader::new(socket);
                let answer = read_answer(&mut reader);
                assert_eq!(answer.map(|answer| answer.status), status, "{what}");
                let mut rest = Vec::new();
                reader.read_to_end(&mut rest).expect("the end");
                assert!(rest.is_empty() && begun.elapsed() < MOST, "{what}: {:?}", begun.elapsed());
            });
        }
        // A header that comes byte by byte is as slow as one that does not come.
        scope.spawn(|| {
            let begun = Instant::now();
            let mut socket = server.connect().expect("a connection");
            socket.set_read_timeout(Some(Duration::from_millis(50))).expect("set");
            for byte in head.bytes() {
                let gone = socket.write_all(&[byte]).is_err();
                let read = socket.read(&mut [0]);
                if gone || read.is_ok() || read.is_err_and(|error| error.kind() != ErrorKind::WouldBlock) {
                    break;
                }
            }
            assert!(begun.elapsed() < MOST, "{:?}", begun.elapsed());
        });
        // A client that asks and never reads.
        scope.spawn(|| {
            let begun = Instant::now();
            let mut socket = server.connect().expect("a connection");
            socket.set_write_timeout(Some(MOST)).expect("set");
            let refused = loop {
                if let Err(error) = socket.write_all(good.as_bytes()) {
                    break error;
                }
                assert!(begun.elapsed() < MOST * 3, "still taken");
            };
            assert_ne!(refused.kind(), ErrorKind::WouldBlock, "neither read nor dropped");
        });
    });
}

#[test]
fn connections_are_bounded_by_a_setting() {
    let home = Home::sqlite(1);
    let server = Served::start(&home, &[("PM33_SERVER_CONNECTIONS", "2")]);
    let good = post(&[], &home.keys[0].1, "server/discover", "", json!({}));
    let connect = || BufReader::new(server.connect().expect("a connection"));
    let ask = |reader: &mut BufReader<TcpStream>| {
        reader.get_mut().write_all(good.as_bytes()).expect("sent");
        read_answer(reader).map(|answer| answer.status)
    };
    let (mut first, mut second, mut third) = (connect(), connect(), connect());
    assert_eq!((ask(&mut first), ask(&mut second)), (Some(200), Some(200)));
    third.get_mut().write_all(good.as_bytes()).expect("sent");
    // The others are served while it waits; were it taken up, its answer would be here by then.
    assert_eq!((ask(&mut first), ask(&mut second)), (Some(200), Some(200)));
    third.get_ref().set_nonblocking(true).expect("set");
    let waiting = third.get_mut().read(&mut [0]).expect_err("no answer yet");
    assert_eq!(waiting.kind(), ErrorKind::WouldBlock);
    third.get_ref().set_nonblocking(false).expect("set");
    drop(first);
    assert_eq!(read_answer(&mut third).map(|answer| answer.status), Some(200));
}
