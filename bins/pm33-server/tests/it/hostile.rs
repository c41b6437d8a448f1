//! Bad input against the real server, one row per case: the right status, a JSON-RPC error in words, no panic, nothing
//! written, and the server goes on.

use std::{
    io::{BufReader, Write},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    home::Home,
    served::{Answer, Served, message, post_body, read_answer},
};

/// A case: what it is, the request, its status, its code (`None`: a tool's result with `isError`), and the identifier of
/// its answer.
struct Case {
    what: &'static str,
    request: Vec<u8>,
    status: u16,
    code: Option<i64>,
    id: Option<Value>,
}

const PARSE: i64 = -32_700;
const INVALID: i64 = -32_600;
const NO_METHOD: i64 = -32_601;
const PARAMS: i64 = -32_602;
const HEADERS: i64 = -32_020;
const CAPABILITY_OR_VERSION: i64 = -32_022;
const TRANSPORT: i64 = 40_000;
const NO_KEY: i64 = 40_100;
const SESSION: i64 = 40_400;

/// A case of bytes in a good request for `server/discover`.
fn body(key: &str, what: &'static str, body: &str, code: i64, id: Option<i64>) -> Case {
    let request = post_body(&[], key, "server/discover", "", body).into_bytes();
    Case { what, request, status: 400, code: Some(code), id: id.map(Value::from) }
}

/// A case of a good message with other header fields.
fn fields(key: &str, what: &'static str, changes: &[(&str, &str)], status: u16, code: i64) -> Case {
    let request = post_body(changes, key, "server/discover", "", &message("server/discover", json!({})));
    // The identifier is read only after the transport's own checks.
    let id = (code == HEADERS || code == CAPABILITY_OR_VERSION).then(|| json!(1));
    Case { what, request: request.into_bytes(), status, code: Some(code), id }
}

/// A case of a call that arrives whole.
fn call(key: &str, what: &'static str, method: &str, params: Value, status: u16, code: Option<i64>) -> Case {
    let name =
        params.get("name").or_else(|| params.get("uri")).and_then(Value::as_str).unwrap_or("").to_owned();
    let request = post_body(&[], key, method, &name, &message(method, params)).into_bytes();
    Case { what, request, status, code, id: Some(json!(1)) }
}

/// Bytes that are no JSON, or JSON that is no message.
fn messages(key: &str) -> Vec<Case> {
    let row = |what, text: &str, code, id| body(key, what, text, code, id);
    let good = message("server/discover", json!({}));
    let with_params =
        |params: &str| format!(r#"{{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{params}}}"#);
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let million = (0..1_000_000 / 12).fold(String::new(), |text, number| text + &format!("\"k{number}\":0,"));
    vec![
        row("no JSON", "hello", PARSE, None),
        row("nothing", "", PARSE, None),
        row("cut short", &good[..good.len() - 1], PARSE, None),
        row("two messages", &format!("{good}{good}"), PARSE, None),
        row("not a number", &with_params(r#"{"x":NaN}"#), PARSE, None),
        row("infinity", &with_params(r#"{"x":-Infinity}"#), PARSE, None),
        row("10^5 levels", &with_params(&format!(r#"{{"x":{deep}}}"#)), INVALID, Some(1)),
        row("10^5 levels, no message", &deep, PARSE, None),
        row("a lone surrogate", &with_params(r#"{"x":"\ud800"}"#), INVALID, Some(1)),
        row("a lone surrogate as id", r#"{"jsonrpc":"2.0","id":"\ud800","method":"a"}"#, PARSE, None),
        row("a megabyte of keys", &format!("{{{million}\"z\":0}}"), INVALID, None),
        row("a message key twice", r#"{"jsonrpc":"2.0","id":1,"method":"a","method":"b"}"#, INVALID, Some(1)),
        row("two ids", r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"a"}"#, INVALID, None),
        row("a batch", &format!("[{good},{good}]"), INVALID, None),
        row("an empty batch", "[]", INVALID, None),
        row("a posted response", r#"{"jsonrpc":"2.0","id":1,"result":{}}"#, INVALID, None),
        row("a posted error", r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"m"}}"#, INVALID, None),
        row("id null", r#"{"jsonrpc":"2.0","id":null,"method":"server/discover"}"#, INVALID, None),
        row("id a fraction", r#"{"jsonrpc":"2.0","id":1.5,"method":"server/discover"}"#, INVALID, None),
        row("id 2^63", r#"{"jsonrpc":"2.0","id":9223372036854775808,"method":"server/discover"}"#, INVALID, None),
        row("id an object", r#"{"jsonrpc":"2.0","id":{},"method":"server/discover"}"#, INVALID, None),
        row("version 1.0", r#"{"jsonrpc":"1.0","id":1,"method":"server/discover"}"#, INVALID, Some(1)),
        row("no version", r#"{"id":1,"method":"server/discover"}"#, INVALID, Some(1)),
        row("no method", r#"{"jsonrpc":"2.0","id":1}"#, INVALID, Some(1)),
        row("method a number", r#"{"jsonrpc":"2.0","id":1,"method":1}"#, INVALID, Some(1)),
        row("params a list", &with_params("[]"), INVALID, Some(1)),
        row("a text", "\"x\"", INVALID, None),
        row("null", "null", INVALID, None),
        row("no _meta", &with_params("{}"), PARAMS, Some(1)),
        row("_meta a text", &with_params(r#"{"_meta":"x"}"#), PARAMS, Some(1)),
        row(
            "capabilities a list",
            &with_params(r#"{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":[]}}"#),
            PARAMS,
            Some(1),
        ),
        row(
            "an unknown log level",
            &good.replace("\"io.modelcontextprotocol/clientCapabilities\"", "\"io.modelcontextprotocol/logLevel\":\"loud\",\"io.modelcontextprotocol/clientCapabilities\""),
            PARAMS,
            Some(1),
        ),
    ]
}

/// Headers that are missing, doubled, wrong or do not fit the body.
fn headers(key: &str) -> Vec<Case> {
    let row = |what, changes: &[(&str, &str)], status, code| fields(key, what, changes, status, code);
    let other = message("tools/call", json!({ "name": "pm33_query_backlog" }));
    let mut rows = vec![
        row("no key", &[("authorization", "")], 401, NO_KEY),
        row("a key that is none", &[("authorization", "Bearer pm33_live_x")], 401, NO_KEY),
        row("another scheme", &[("authorization", "Basic eDp5")], 401, NO_KEY),
        row("two keys", &[("authorization", "Bearer a"), ("x-api-key", "b")], 400, TRANSPORT),
        row("a foreign origin", &[("origin", "http://evil.example")], 403, TRANSPORT),
        row("a foreign host", &[("host", "evil.example")], 403, TRANSPORT),
        row("a text", &[("content-type", "text/plain")], 415, TRANSPORT),
        row("no type", &[("content-type", "")], 415, TRANSPORT),
        row("a form", &[("content-type", "application/x-www-form-urlencoded")], 415, TRANSPORT),
        row("compressed", &[("content-encoding", "gzip")], 415, TRANSPORT),
        row("nothing we send is accepted", &[("accept", "text/html")], 406, TRANSPORT),
        row("no method header", &[("mcp-method", "")], 400, HEADERS),
        row("another method", &[("mcp-method", "tools/list")], 400, HEADERS),
        row("the method in capitals", &[("mcp-method", "SERVER/DISCOVER")], 400, HEADERS),
        row(
            "two method headers",
            &[("mcp-method", "server/discover"), ("Mcp-Method", "server/discover")],
            400,
            HEADERS,
        ),
        row("the revision of sessions", &[("mcp-protocol-version", "2025-11-25")], 400, HEADERS),
        row("a large field", &[("x-large", &"x".repeat(40_000))], 431, TRANSPORT),
        row("a malformed field", &[("x odd", "y")], 400, TRANSPORT),
        row("a length that is none", &[("content-length", "ten")], 400, TRANSPORT),
        row("too long by its word", &[("content-length", "2097153")], 413, TRANSPORT),
        row("length and coding", &[("transfer-encoding", "chunked")], 400, TRANSPORT),
    ];
    let many: Vec<(String, &str)> = (0..100).map(|number| (format!("x-{number}"), "y")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    rows.push(row("a hundred fields", &many, 431, TRANSPORT));
    for (what, name) in [
        ("no tool's name", ""),
        ("another tool's name", "pm33_create_work_item"),
        ("a badly coded name", "=?base64?!!?="),
        ("a badly padded name", "=?base64?cG0?="),
    ] {
        let request = post_body(&[], key, "tools/call", name, &other).into_bytes();
        rows.push(Case { what, request, status: 400, code: Some(HEADERS), id: Some(json!(1)) });
    }
    let future = message("server/discover", json!({})).replace("2026-07-28", "2099-01-01");
    let request = post_body(&[("mcp-protocol-version", "2099-01-01")], key, "server/discover", "", &future);
    rows.push(Case {
        what: "a revision to come",
        request: request.into_bytes(),
        status: 400,
        code: Some(CAPABILITY_OR_VERSION),
        id: Some(json!(1)),
    });
    rows
}

/// Requests that are no request for the endpoint, or none at all.
fn lines(key: &str) -> Vec<Case> {
    let good = post_body(&[], key, "server/discover", "", &message("server/discover", json!({})));
    let row = |what, request: String, status, code| Case {
        what,
        request: request.into_bytes(),
        status,
        code: Some(code),
        id: None,
    };
    let legacy = [("mcp-protocol-version", "2025-11-25"), ("mcp-method", ""), ("mcp-name", "")];
    let listing = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    let with_session = |session| {
        let changes = [legacy[0], legacy[1], legacy[2], ("mcp-session-id", session)];
        post_body(&changes, key, "", "", listing)
    };
    let mut missing = row("a session is missing", with_session(""), 400, SESSION);
    let mut unknown = row("a session is unknown", with_session(&"0".repeat(64)), 404, SESSION);
    (missing.id, unknown.id) = (Some(json!(1)), Some(json!(1)));
    let deep = good.replacen("content-length: ", "transfer-encoding: chunked\r\nx: ", 1);
    let (head, _) = deep.split_once("\r\n\r\n").expect("a head");
    vec![
        missing,
        unknown,
        row("another path", good.replacen("/mcp", "/other", 1), 404, TRANSPORT),
        row("GET without sessions", good.replacen("POST", "GET", 1), 405, TRANSPORT),
        row("DELETE without sessions", good.replacen("POST", "DELETE", 1), 405, TRANSPORT),
        row("another verb", good.replacen("POST", "PUT", 1), 405, TRANSPORT),
        row("no HTTP", "hello world\r\n\r\n".to_owned(), 400, TRANSPORT),
        row("an odd version", good.replacen("HTTP/1.1", "HTTP/9.9", 1), 400, TRANSPORT),
        row("a control character", good.replacen("host: ", "x: a\0b\r\nhost: ", 1), 400, TRANSPORT),
        row("a broken chunk", format!("{head}\r\n\r\nzz\r\n"), 400, TRANSPORT),
        row(
            "chunks beyond the bound",
            format!("{head}\r\n\r\n200001\r\n{}", "x".repeat(0x0020_0001)),
            413,
            TRANSPORT,
        ),
    ]
}

/// Whole requests for what is not there or must not be.
fn calls(key: &str) -> Vec<Case> {
    let row = |what, method: &str, params, status, code| call(key, what, method, params, status, code);
    let tool = |what, name: &str, arguments: Value| {
        row(what, "tools/call", json!({ "name": name, "arguments": arguments }), 200, None)
    };
    let create = "pm33_create_work_item";
    let nested = (0..50).fold(json!(1), |inner, _| json!([inner]));
    vec![
        row("an unknown method", "no/such", json!({}), 404, Some(NO_METHOD)),
        row("a method of sessions", "initialize", json!({}), 404, Some(NO_METHOD)),
        row("another one", "logging/setLevel", json!({ "level": "info" }), 404, Some(NO_METHOD)),
        row("an unknown tool", "tools/call", json!({ "name": "no_such" }), 200, Some(PARAMS)),
        row("a tool without a name", "tools/call", json!({}), 400, Some(HEADERS)),
        row("an unknown prompt", "prompts/get", json!({ "name": "no_such" }), 200, Some(PARAMS)),
        row("an unknown resource", "resources/read", json!({ "uri": "pm33://no/such" }), 200, Some(PARAMS)),
        row("a cursor that is none", "tools/list", json!({ "cursor": "AAAA" }), 200, Some(PARAMS)),
        row("a cursor of another kind", "tools/list", json!({ "cursor": 7 }), 200, Some(PARAMS)),
        row(
            "a request state that is none",
            "tools/call",
            json!({ "name": "pm33_query_backlog", "requestState": "AAAA" }),
            200,
            Some(PARAMS),
        ),
        tool("arguments are missing", create, json!({})),
        tool("arguments are a list", create, json!([1])),
        tool("a number for a text", create, json!({ "type": "task", "title": 7 })),
        tool("an unknown field", create, json!({ "type": "task", "title": "x", "colour": "red" })),
        tool("a word that is not allowed", create, json!({ "type": "saga", "title": "x" })),
        tool("a title of a megabyte", create, json!({ "type": "task", "title": "x".repeat(900_000) })),
        tool("a title of nothing", create, json!({ "type": "task", "title": "\u{200b}\u{0}" })),
        tool("a number beyond all", create, json!({ "type": "task", "title": "x", "story_points": 1e300 })),
        tool("nested arguments", create, json!({ "type": "task", "title": "x", "labels": nested })),
        tool("another tenant's field", "pm33_query_backlog", json!({ "tenant": "x" })),
        tool("a cursor of ours that is none", "pm33_query_backlog", json!({ "cursor": "AAAA" })),
        tool("an unknown item", "pm33_update_work_item", json!({ "item": "ZZZ-1", "title": "x" })),
    ]
}

fn check(case: &Case, answer: &Answer) {
    let (what, body) = (case.what, answer.json());
    assert_eq!(answer.status, case.status, "{what}: {answer:?}");
    assert_eq!(body["jsonrpc"], "2.0", "{what}: {answer:?}");
    assert_eq!(body.get("id"), case.id.as_ref(), "{what}: {answer:?}");
    let words = if let Some(code) = case.code {
        assert_eq!(body["error"]["code"], code, "{what}: {answer:?}");
        &body["error"]["message"]
    } else {
        assert_eq!(body["result"]["isError"], true, "{what}: {answer:?}");
        &body["result"]["content"][0]["text"]
    };
    assert!(words.as_str().is_some_and(|words| words.len() > 10), "{what}: no words: {answer:?}");
    for leak in ["panick", "src/", "sqlx", "SELECT", "/rustc/"] {
        assert!(!answer.body.contains(leak), "{what}: tells of its inside: {answer:?}");
    }
    match case.status {
        401 => assert!(answer.header("www-authenticate").is_some(), "{what}"),
        405 => assert!(answer.header("allow").is_some(), "{what}"),
        _ => {}
    }
}

#[test]
fn every_bad_input_is_told_so_and_changes_nothing() {
    let home = Home::sqlite(1);
    let server = Served::start(&home, &[]);
    let key = home.keys[0].1.as_str();
    let mut longest = (Duration::ZERO, "");
    let cases: Vec<_> = [messages(key), headers(key), lines(key), calls(key)].into_iter().flatten().collect();
    for case in &cases {
        let begun = Instant::now();
        let answer = server.raw(&case.request);
        longest = longest.max((begun.elapsed(), case.what));
        check(case, &answer);
    }
    eprintln!("{} cases, the longest {:?} ({})", cases.len(), longest.0, longest.1);
    let mut socket = server.connect().expect("a connection");
    let all = server.tool(&mut socket, key, "pm33_query_backlog", &json!({ "columns": "identity" }));
    assert_eq!(
        all.expect("an answer").json()["result"]["structuredContent"]["total"],
        0,
        "something was written"
    );
    drop(server);
    let log = std::fs::read_to_string(home.file("log")).expect("a log");
    assert!(!log.contains("panicked"), "{log}");
    home.look(async |foundation: &pm33_app::Foundation| {
        let (tenant, _) = home.keys[0];
        let log = foundation.store.session(tenant);
        let (_, breaks) = pm33_tenancy::AuditLog::verify(&log, tenant).await.expect("a verdict");
        assert!(breaks.is_empty(), "{breaks:?}");
    });
}

#[test]
fn a_compressed_bomb_is_not_unpacked_and_a_large_body_is_not_waited_for() {
    let home = Home::sqlite(1);
    let server = Served::start(&home, &[]);
    let key = &home.keys[0].1;
    for (changes, status) in [
        // Only the headers come: an answer shows that nothing is read on.
        (&[("content-length", "900000"), ("content-encoding", "gzip")][..], 415),
        (&[("content-length", "99999999999")], 413),
        (&[("content-length", "99999999999"), ("expect", "100-continue")], 413),
    ] {
        let request = post_body(changes, key, "server/discover", "", "");
        let mut socket = server.connect().expect("a connection");
        socket.write_all(request.as_bytes()).expect("sent");
        let answer = read_answer(&mut BufReader::new(socket)).expect("an answer");
        assert_eq!(answer.status, status, "{answer:?}");
        assert!(answer.json()["error"]["message"].is_string());
    }
}

#[test]
fn rate_limits_and_missing_scopes_are_told_with_what_to_do() {
    let home = Home::sqlite(1);
    let server = Served::start(&home, &[("PM33_LIMITS_CALLS_PER_MINUTE_KEY", "3")]);
    let request = post_body(&[], &home.keys[0].1, "tools/list", "", &message("tools/list", json!({})));
    for _ in 0..3 {
        assert_eq!(server.raw(request.as_bytes()).status, 200);
    }
    let refused = server.raw(request.as_bytes());
    assert_eq!(refused.status, 429, "{refused:?}");
    let wait: u64 = refused.header("retry-after").and_then(|text| text.parse().ok()).expect("a wait");
    let error = &refused.json()["error"];
    assert!((1..=62).contains(&wait) && error["data"]["retryAfterMs"].is_u64(), "{refused:?}");
    assert_eq!(error["code"], 42_900);
}
