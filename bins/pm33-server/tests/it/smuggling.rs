//! Requests that two parsers could read differently, straight to the server and behind nginx: straight, each gets one
//! refusal in words and the end of its connection; behind nginx, whoever comes next on the same connection to the server
//! gets the answer to his own request. A request hidden inside is never answered (governance Z7).

use std::{
    io::{BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command},
    time::{Duration, Instant},
};

use pm33_testkit::brought;
use serde_json::json;

use crate::{
    frames::{DATA, END_HEADERS, END_STREAM, HEADERS, HELLO, field, frame, frames},
    home::Home,
    process::descriptors,
    served::{Served, message, post, post_body, read_answer},
};

/// What identifies the hidden request.
const HIDDEN: &str = "0190b0a0-0000-7000-8000-0000000000ff";
/// In this time nginx has said what it has to say.
const A_WHILE: Duration = Duration::from_millis(300);

/// A request with an identifier of its own.
fn good(key: &str, id: &str) -> String {
    post(&[("x-request-id", id)], key, "server/discover", "", json!({}))
}

/// Requests that hide another one, by what is wrong with them.
fn ambiguous(key: &str) -> Vec<(&'static str, String)> {
    let (good, hidden) = (good(key, "0190b0a0-0000-7000-8000-0000000000aa"), good(key, HIDDEN));
    let (_, body) = good.split_once("\r\n\r\n").expect("a body");
    let head = |extra: &str| good.replacen("host: localhost\r\n", &format!("host: localhost\r\n{extra}"), 1);
    let both = body.len() + hidden.len();
    let coded = |name: &str| good.replacen("content-length: ", &format!("{name}\r\nx-length: "), 1);
    let chunked = coded("transfer-encoding: chunked");
    vec![
        (
            "length and coding",
            head("transfer-encoding: chunked\r\n").replace(body, &format!("0\r\n\r\n{hidden}")),
        ),
        ("two lengths", head(&format!("content-length: {both}\r\n")) + &hidden),
        ("a list of lengths", good.replacen("content-length: ", "content-length: 5, ", 1) + &hidden),
        ("a signed length", good.replacen("content-length: ", "content-length: +", 1) + &hidden),
        ("a folded field", head("x-folded: a\r\n b\r\n") + &hidden),
        ("space before the colon", head("x-odd : a\r\n") + &hidden),
        ("a bare return", head("x-odd: a\rx-more: b\r\n") + &hidden),
        (
            "a length behind a bare line feed",
            head(&format!("x-odd: a\ncontent-length: {both}\r\n")) + &hidden,
        ),
        (
            "another host in the target",
            head("connection: close\r\n").replacen("/mcp", "http://evil.example/mcp", 1),
        ),
        ("a nul", head("x-odd: a\0b\r\n") + &hidden),
        ("an unknown coding", coded("transfer-encoding: xchunked") + &hidden),
        ("a coding not last", coded("transfer-encoding: chunked, identity") + &hidden),
        ("an odd version", good.replacen("HTTP/1.1", "HTTP/1.2", 1) + &hidden),
        ("a bad chunk size", chunked.replace(body, &format!("0x5\r\nhello\r\n0\r\n\r\n{hidden}"))),
    ]
}

/// Requests that are read in one way only, whatever they look like: their hidden request is part of their body.
fn odd(key: &str) -> Vec<(&'static str, String)> {
    let hidden = good(key, HIDDEN);
    let coded = [("content-length", ""), ("transfer-encoding", "chunked")];
    let head = post(&coded, key, "server/discover", "", json!({}));
    let (head, body) = head.split_once("\r\n\r\n").expect("a body");
    let chunks = |extension: &str, trailer: &str| {
        format!("{head}\r\n\r\n{:x}{extension}\r\n{body}\r\n0\r\n{trailer}\r\n", body.len())
    };
    vec![
        ("an extension", chunks(";name=value", "")),
        ("an extension with a request", chunks(&format!(";x={}", hidden.replace("\r\n", " ")), "")),
        ("a trailer", chunks("", "x-more: y\r\n")),
        ("a trailer with a length", chunks("", &format!("content-length: {}\r\n", hidden.len()))),
        (
            "a body with a request",
            post_body(&[("content-type", "text/plain")], key, "server/discover", "", &hidden),
        ),
    ]
}

#[test]
fn ambiguous_requests_end_their_connection() {
    let home = Home::sqlite(1);
    let server = Served::start(&home, &[]);
    let key = &home.keys[0].1;
    for (what, text) in ambiguous(key) {
        let mut socket = server.connect().expect("a connection");
        // A server that refuses early may close before everything is sent.
        let _ = socket.write_all(text.as_bytes());
        let mut said = String::new();
        let _ = socket.read_to_string(&mut said);
        assert!(said.starts_with("HTTP/1.1 4") || said.starts_with("HTTP/1.1 5"), "{what}: {said:?}");
        assert_eq!(said.matches("HTTP/1.1 ").count(), 1, "{what}: {said}");
        assert!(!said.contains(HIDDEN), "{what}: the hidden request was answered");
        assert!(said.contains("\r\n\r\n{\"jsonrpc\":\"2.0\",\"error\""), "{what}: no words: {said}");
    }
    assert_eq!(server.raw(good(key, HIDDEN).as_bytes()).status, 200);
}

/// nginx before a server, with one connection to it that all its clients share; ended with the value.
struct Nginx {
    process: Child,
    /// Where it passes bodies on as they come, keeps them until they are whole, and speaks HTTP/2.
    streaming: String,
    buffering: String,
    http2: String,
}

impl Nginx {
    /// `None` where this machine has none.
    fn before(server: &Served, home: &Home) -> Option<Self> {
        let program = brought("PM33_TEST_NGINX")?;
        let place = || {
            let free = TcpListener::bind("127.0.0.1:0").and_then(|one| one.local_addr());
            free.expect("a port").to_string()
        };
        let (streaming, buffering, http2) = (place(), place(), place());
        let folder = home.file("nginx");
        std::fs::create_dir(&folder).expect("a folder");
        let folder = folder.display();
        let kept: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {folder}/{kind};"))
            .concat();
        let passed = |listen: &str, buffered: &str| {
            format!(
                "server {{ listen {listen}; location / {{ proxy_pass http://server; proxy_http_version 1.1; \
                 proxy_set_header Connection ''; proxy_set_header Host $http_host; \
                 proxy_request_buffering {buffered}; proxy_buffering {buffered}; }} }}"
            )
        };
        let configuration = format!(
            "daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/log;
             events {{ worker_connections 64; }}
             http {{ access_log off; {kept} upstream server {{ server {}; keepalive 1; }}
             {} {} {} }}",
            server.address,
            passed(&streaming, "off"),
            passed(&buffering, "on"),
            passed(&format!("{http2} http2"), "off"),
        );
        let file = home.file("nginx.conf");
        std::fs::write(&file, configuration).expect("a file");
        let mut started = Command::new(program);
        started.arg("-p").arg(home.file("nginx")).arg("-e").arg(home.file("nginx").join("log"));
        let process = started.arg("-c").arg(&file).spawn().expect("nginx starts");
        let nginx = Self { process, streaming, buffering, http2 };
        let begun = Instant::now();
        while TcpStream::connect(&nginx.http2).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(20), "nginx does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(nginx)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its worker ends with it only when it is asked.
        let asked = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status();
        let _ = asked.and_then(|_| self.process.wait());
    }
}

/// Sends bytes; what comes back in a while.
fn said(address: &str, bytes: &[u8]) -> Vec<u8> {
    let mut socket = TcpStream::connect(address).expect("a connection");
    socket.set_read_timeout(Some(A_WHILE)).expect("set");
    let _ = socket.write_all(bytes);
    let (mut all, mut space) = (Vec::new(), [0; 1 << 12]);
    while let Ok(read @ 1..) = socket.read(&mut space) {
        all.extend(&space[..read]);
    }
    all
}

/// Those who come next get the answers to their own requests.
fn next_are_answered(nginx: &Nginx, key: &str, what: &str) {
    for (number, address) in [&nginx.streaming, &nginx.buffering, &nginx.streaming].into_iter().enumerate() {
        let id = format!("0190b0a0-0000-7000-8000-00000000000{number}");
        let mut socket = TcpStream::connect(address).expect("a connection");
        socket.set_read_timeout(Some(Duration::from_secs(30))).expect("set");
        socket.write_all(good(key, &id).as_bytes()).expect("sent");
        let answer = read_answer(&mut BufReader::new(socket)).unwrap_or_else(|| panic!("{what}: no answer"));
        let own = answer.header("x-request-id") == Some(&*id);
        assert!(answer.status == 200 && own, "{what}: {answer:?}");
    }
}

#[test]
fn behind_nginx_everybody_gets_his_own_answer() {
    let home = Home::sqlite(1);
    let server = Served::start(&home, &[]);
    let key = &home.keys[0].1;
    let Some(nginx) = Nginx::before(&server, &home) else { return };
    // A second request that is not hidden is answered: such an answer would be seen.
    let openly = good(key, "0190b0a0-0000-7000-8000-0000000000aa") + &good(key, HIDDEN);
    assert!(String::from_utf8_lossy(&said(&nginx.streaming, openly.as_bytes())).contains(HIDDEN));
    // All go over one connection to the server, on which a wrong answer would wait for the next.
    let before = descriptors(&server);
    next_are_answered(&nginx, key, "good ones");
    assert_eq!(descriptors(&server), before);
    for (what, text) in ambiguous(key).into_iter().chain(odd(key)) {
        for address in [&nginx.streaming, &nginx.buffering] {
            said(address, text.as_bytes());
            next_are_answered(&nginx, key, what);
        }
    }
}

/// HTTP/2 requests whose parts would frame another request when nginx writes them as HTTP/1.1.
fn downgraded(key: &str) -> Vec<(&'static str, Vec<u8>)> {
    let hidden = good(key, HIDDEN);
    let body = message("server/discover", json!({}));
    let bearer = format!("Bearer {key}");
    let usual = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("accept", "application/json, text/event-stream"),
        ("mcp-protocol-version", "2026-07-28"),
        ("mcp-method", "server/discover"),
    ];
    let request = |method: &str, path: &str, more: &[(&str, &str)], body: &str| {
        let pseudo = [(":method", method), (":scheme", "http"), (":path", path), (":authority", "localhost")];
        let fields = pseudo.iter().chain(&usual).chain(more);
        let fields: Vec<u8> = fields.flat_map(|(name, value)| field(name, value)).collect();
        let head = frame(HEADERS, END_HEADERS, 1, &fields);
        [HELLO, &head, &frame(DATA, END_STREAM, 1, body.as_bytes())].concat()
    };
    let with = |more: &[(&str, &str)], body: &str| request("POST", "/mcp", more, body);
    let chunked = format!("0\r\n\r\n{hidden}");
    let (line, in_path) = (format!("a\r\n\r\n{hidden}"), format!("/mcp HTTP/1.1\r\n\r\n{hidden}"));
    let (in_name, in_method) =
        (format!("x-a: b\r\n\r\n{hidden}"), format!("POST /mcp HTTP/1.1\r\n\r\n{hidden}"));
    vec![
        ("a coding", with(&[("transfer-encoding", "chunked")], &chunked)),
        ("a length below the body", with(&[("content-length", "5")], &(body.clone() + &hidden))),
        ("a length of nothing", with(&[("content-length", "0")], &hidden)),
        ("two lengths", with(&[("content-length", "0"), ("content-length", "400")], &hidden)),
        ("a line in a value", with(&[("x-line", &line)], &body)),
        ("a line in a name", with(&[(&in_name, "y")], &body)),
        ("a connection field", with(&[("connection", "content-length")], &body)),
        ("a request in the path", request("POST", &in_path, &[], &body)),
        ("a request in the method", request(&in_method, "/mcp", &[], &body)),
        ("a request in the body", with(&[], &hidden)),
    ]
}

#[test]
fn behind_nginx_that_speaks_http2_everybody_gets_his_own_answer() {
    let home = Home::sqlite(1);
    let server = Served::start(&home, &[]);
    let key = &home.keys[0].1;
    let Some(nginx) = Nginx::before(&server, &home) else { return };
    for (what, bytes) in downgraded(key) {
        let said = said(&nginx.http2, &bytes);
        let heads = frames(&said).iter().filter(|(kind, stream)| (*kind, *stream) == (HEADERS, 1)).count();
        assert!(heads <= 1, "{what}: answered twice");
        next_are_answered(&nginx, key, what);
    }
}
