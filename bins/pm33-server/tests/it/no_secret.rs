//! No key, good or bad, and no secret of the deployment comes out of a server that logs everything: not in its logs, its
//! telemetry, its answers, its database or its audit log, wherever in a request the key stood.

use std::{
    io::{Read, Write},
    path::Path,
};

use pm33_auth::{KeyEnvironment, mint};
use pm33_tenancy::{AuditFilter, AuditLog};
use pm33_testkit::forged::{check_digits, wrong_secret};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::{
    collector::Collector,
    home::Home,
    served::{Served, message, post, post_body},
};

/// Digits of a key's public half.
const ID: usize = 12;
/// Its check digits.
const CHECK: usize = 6;

/// The secret digits of a key.
fn secret(key: &str) -> &str {
    let last = key.rsplit('_').next().unwrap_or_default();
    &last[ID..last.len() - CHECK]
}

/// The parts of a text that may be nowhere: cut in two, so that a shortened one is found as well.
fn parts(text: &str) -> [&str; 2] {
    [&text[..text.len() / 2], &text[text.len() / 2..]]
}

fn holds(bytes: &[u8], part: &str) -> bool {
    bytes.windows(part.len()).any(|window| window == part.as_bytes())
}

/// Every place of a request that a key may be put in by mistake.
fn requests(good: &str, key: &str) -> Vec<(&'static str, String)> {
    let tool = |name: &str, arguments: serde_json::Value| {
        post(&[], good, "tools/call", name, json!({ "name": name, "arguments": arguments }))
    };
    let list = |changes: &[(&str, &str)]| post(changes, good, "tools/list", "", json!({}));
    let query = format!("POST /mcp?api_key={key} HTTP/1.1");
    let path = format!("POST /mcp/{key} HTTP/1.1");
    vec![
        ("bearer", list(&[("authorization", &format!("Bearer {key}"))])),
        ("bare", list(&[("authorization", key)])),
        ("basic", list(&[("authorization", &format!("Basic {key}"))])),
        ("x-api-key", list(&[("authorization", ""), ("x-api-key", key)])),
        ("both", list(&[("x-api-key", key)])),
        ("query string", list(&[]).replacen("POST /mcp HTTP/1.1", &query, 1)),
        ("path", list(&[]).replacen("POST /mcp HTTP/1.1", &path, 1)),
        ("session", list(&[("mcp-session-id", key)])),
        ("name header", list(&[("mcp-name", key)])),
        ("request id header", list(&[("x-request-id", key)])),
        ("trace header", list(&[("traceparent", key), ("tracestate", &format!("vendor={key}"))])),
        ("origin", list(&[("origin", &format!("https://{key}.example"))])),
        ("host", list(&[("host", key)])),
        ("version", list(&[("mcp-protocol-version", key)])),
        ("text", tool("pm33_query_backlog", json!({ "text": key }))),
        ("cursor", tool("pm33_query_backlog", json!({ "cursor": key }))),
        ("id", tool("pm33_query_backlog", json!({ "ids": [key] }))),
        ("workspace", tool("pm33_query_backlog", json!({ "workspace": key }))),
        ("wrong type", tool("pm33_query_backlog", json!({ "limit": key }))),
        ("unknown argument", tool("pm33_query_backlog", json!({ "api_key": key }))),
        ("status", tool("pm33_query_backlog", json!({ "status": [key] }))),
        ("tool", tool(key, json!({}))),
        ("method", post(&[], good, key, "", json!({}))),
        ("resource", post(&[], good, "resources/read", key, json!({ "uri": key }))),
        ("prompt", post(&[], good, "prompts/get", key, json!({ "name": key }))),
        ("no JSON", post_body(&[], good, "tools/list", "", &format!("{{\"key\":{key}"))),
        ("no request", post_body(&[], good, "tools/list", "", &json!({ "key": key }).to_string())),
        (
            "metadata",
            post_body(
                &[],
                good,
                "tools/list",
                "",
                &message("tools/list", json!({})).replace("2026-07-28", key),
            ),
        ),
    ]
}

/// A frame of HTTP/2.
fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(payload.len()).expect("a short frame").to_be_bytes();
    let mut frame = vec![0, high, low, kind, flags, 0, 0, 0, stream];
    frame.extend_from_slice(payload);
    frame
}

/// Sends a key in the header of an HTTP/2 request, whose library logs on its own, and waits for the answer.
fn ask_by_http2(server: &Served, key: &str) {
    const SETTINGS: u8 = 4;
    const HEADERS: u8 = 1;
    const END_OF_STREAM_AND_HEADER: u8 = 5;
    let bearer = format!("Bearer {key}");
    let mut header = Vec::new();
    for (name, value) in [
        (":method", "GET"),
        (":scheme", "http"),
        (":path", "/mcp"),
        (":authority", "localhost"),
        ("authorization", bearer.as_str()),
        ("x-api-key", key),
        ("accept", "text/event-stream"),
    ] {
        // Literal, without an index and without compression.
        header.push(0);
        for text in [name, value] {
            header.push(u8::try_from(text.len()).expect("a short text"));
            header.extend_from_slice(text.as_bytes());
        }
    }
    let mut sent = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    sent.extend(frame(SETTINGS, 0, 0, &[]));
    sent.extend(frame(HEADERS, END_OF_STREAM_AND_HEADER, 1, &header));
    let mut socket = server.connect().expect("a connection");
    socket.write_all(&sent).expect("sent");
    loop {
        let mut head = [0; 9];
        socket.read_exact(&mut head).expect("a frame");
        let mut payload = vec![0; usize::from(head[1]) * 256 + usize::from(head[2])];
        socket.read_exact(&mut payload).expect("its payload");
        if head[3] == HEADERS {
            break;
        }
    }
}

/// Files of a folder, those of its folders too.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn no_secret_comes_out_wherever_it_was_put() {
    let home = Home::sqlite(1);
    let (tenant, good) = home.keys[0].clone();
    let (unknown, other) = (mint(KeyEnvironment::Test).0, mint(KeyEnvironment::Test).0);
    let unknown = unknown.expose_secret().to_owned();
    assert!(
        unknown.ends_with(&check_digits(&unknown[..unknown.len() - CHECK])),
        "the check digits are right"
    );
    let wrong = wrong_secret(&good, other.expose_secret());
    // The good one, with a slip at its end.
    let malformed = format!("{}!", &good[..good.len() - 1]);
    let collector = Collector::start();
    let mut server = Served::start(
        &home,
        &[
            ("PM33_TELEMETRY_LOG_FILTER", "trace"),
            ("PM33_TELEMETRY_OTLP_ENDPOINT", &collector.url),
            ("PM33_TELEMETRY_SAMPLE_RATIO", "1"),
        ],
    );
    let secrets = [secret(&good), secret(&unknown), secret(&wrong)];
    for key in [&good, &unknown, &wrong, &malformed] {
        for (place, request) in requests(&good, key) {
            let answer = server.raw(request.as_bytes());
            let text = format!("{answer:?}");
            for part in secrets.iter().flat_map(|secret| parts(secret)) {
                assert!(!text.contains(part), "{place}: {text}");
            }
        }
    }
    for key in [&good, &unknown, &wrong] {
        ask_by_http2(&server, key);
    }
    server.terminate();
    assert!(server.ended().success());

    let log = std::fs::read(home.file("log")).expect("the log");
    let told = String::from_utf8_lossy(&log);
    for word in ["TRACE", "pm33::security", "tools/call"] {
        assert!(told.contains(word), "the log says little: no {word}");
    }
    let mut places = vec![("log".to_owned(), log.clone())];
    let exports = collector.received();
    assert!(!exports.is_empty());
    places.extend(exports.into_iter().map(|export| ("telemetry".to_owned(), export.body)));
    let rows = home.look(async |foundation| {
        let filter = AuditFilter { limit: 100_000, ..AuditFilter::default() };
        let read = foundation.store.session(tenant).rows(tenant, &filter).await.expect("rows");
        read.rows.into_iter().map(|(_, row)| format!("{row:?}")).collect::<Vec<_>>()
    });
    assert!(rows.len() > 50, "{}", rows.len());
    places.extend(rows.into_iter().map(|row| ("audit".to_owned(), row.into_bytes())));
    let is_own = |path: &std::path::PathBuf| path.file_name().is_some_and(|name| name != "secrets.toml");
    let kept: Vec<_> = files(home.data()).into_iter().filter(is_own).collect();
    assert!(kept.iter().any(|path| path.ends_with("pm33.db")), "{kept:?}");
    places.extend(kept.iter().map(|path| (path.display().to_string(), std::fs::read(path).expect("a file"))));
    let deployment = std::fs::read_to_string(home.data().join("secrets.toml")).expect("secrets");
    let deployment: Vec<_> = deployment.split('"').filter(|word| word.len() == 64).collect();
    assert!(deployment.len() >= 3, "pepper, audit key, key of handles");
    let searched = secrets.iter().chain(&deployment).flat_map(|secret| parts(secret));
    for part in searched {
        for (place, bytes) in &places {
            assert!(!holds(bytes, part), "{part} is in {place}");
        }
    }
}
