//! Every answer to a key in its last fourteen days says when it ends.

use std::{
    io::{BufReader, Write},
    time::Duration,
};

use serde_json::json;

use crate::{
    home::Home,
    served::{Answer, Served, post, post_body, read_answer},
};

const DAY: Duration = Duration::from_hours(24);

/// The header of one answer, also of one whose body is a stream.
fn told(server: &Served, request: &str) -> (u16, Option<String>, Answer) {
    let mut socket = server.connect().expect("a connection");
    socket.write_all(request.as_bytes()).expect("sent");
    let answer = read_answer(&mut BufReader::new(socket)).expect("an answer");
    (answer.status, answer.header("pm33-key-expires").map(str::to_owned), answer)
}

#[test]
fn answers_to_a_key_of_the_last_fourteen_days_say_when_it_ends() {
    let home = Home::sqlite(1);
    let tenant = home.keys[0].0;
    let near = home.key(tenant, DAY * 14, None);
    let far = home.key(tenant, DAY * 14 + Duration::from_hours(1), None);
    // Rotation ends a key before its life does.
    let rotated = home.key(tenant, DAY * 90, Some(DAY));
    let server = Served::start(&home, &[]);
    for ((key, ends), tells) in [(near, true), (far, false), (rotated, true)] {
        let expected = tells.then(|| ends.to_string());
        let listen = json!({ "notifications": { "toolsListChanged": true } });
        let unknown = json!({ "name": "pm33_nothing", "arguments": {} });
        for (what, request, status) in [
            ("an answer", post(&[], &key, "tools/list", "", json!({})), 200),
            ("a stream", post(&[], &key, "subscriptions/listen", "", listen), 200),
            ("an error", post(&[], &key, "tools/nothing", "", json!({})), 404),
            ("a bad call", post(&[], &key, "tools/call", "pm33_nothing", unknown), 200),
        ] {
            let (got, header, answer) = told(&server, &request);
            assert_eq!((got, header), (status, expected.clone()), "{what}: {answer:?}");
        }
        let client = json!({ "name": "probe", "version": "1" });
        let params = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client });
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params }).to_string();
        let legacy = [("mcp-protocol-version", ""), ("mcp-method", ""), ("mcp-name", "")];
        let (status, header, opened) = told(&server, &post_body(&legacy, &key, "", "", &body));
        assert_eq!((status, header), (200, expected.clone()), "{opened:?}");
        let session = opened.header("mcp-session-id").expect("a session");
        for verb in ["GET", "DELETE"] {
            let request = format!(
                "{verb} /mcp HTTP/1.1\r\nHost: localhost\r\nx-api-key: {key}\r\nAccept: application/json, \
                 text/event-stream\r\nMcp-Session-Id: {session}\r\n\r\n"
            );
            let (status, header, answer) = told(&server, &request);
            assert!(status < 300, "{verb}: {answer:?}");
            assert_eq!(header, expected, "{verb}: {answer:?}");
        }
    }
    // Whoever did not prove a key hears nothing of any.
    let (status, header, _) = told(&server, &post(&[], "pm33_live_nothing", "tools/list", "", json!({})));
    assert_eq!((status, header), (401, None));
}
