//! Every refusal that the transport owns: its status, header fields and JSON-RPC body, in the promised order.

use http::{Method, StatusCode};
use pm33_transport::{SideAnswer, SideRoutes};
use std::sync::Arc;

use crate::{
    harness::start,
    raw::{DISCOVER, Wire, ask, post, request},
};

const NOBODY: (&str, &str) = ("authorization", "");
const LEGACY: (&str, &str) = ("mcp-protocol-version", "2025-11-25");

/// Header lines that differ from the good ones.
type Lines = &'static [(&'static str, &'static str)];

#[tokio::test]
async fn each_defect_has_its_status() {
    let running = start(|_| {}).await;
    let rows: &[(&str, Lines, &str, u16)] = &[
        ("no credential", &[("authorization", "")], DISCOVER, 401),
        ("another scheme", &[("authorization", "Basic dTpw")], DISCOVER, 401),
        ("an unknown key", &[("authorization", "Bearer no")], DISCOVER, 401),
        ("a revoked key", &[("authorization", "Bearer revoked")], DISCOVER, 401),
        ("two different keys", &[("x-api-key", "other")], DISCOVER, 400),
        ("a busy verifier", &[("authorization", "Bearer busy")], DISCOVER, 503),
        ("not JSON by type", &[("content-type", "text/plain")], DISCOVER, 415),
        ("no type", &[("content-type", "")], DISCOVER, 415),
        ("compressed", &[("content-encoding", "gzip")], DISCOVER, 415),
        ("nothing acceptable", &[("accept", "text/html")], DISCOVER, 406),
        ("no host", &[("host", "")], DISCOVER, 400),
        ("not JSON", &[], "{\"jsonrpc\":", 400),
        ("empty", &[], "", 400),
        ("a batch", &[], "[]", 400),
        ("no object", &[], "7", 400),
        ("half a pair of surrogates", &[], "{\"jsonrpc\":\"2.0\",\"id\":\"\\ud800\",\"method\":\"x\"}", 400),
        ("not a number", &[], "{\"jsonrpc\":\"2.0\",\"id\":NaN,\"method\":\"x\"}", 400),
    ];
    for (what, changes, body, status) in rows {
        let answer = ask(running.address, &post(changes, body)).await;
        assert_eq!(answer.status, *status, "{what}: {answer:?}");
        assert_eq!(answer.header("content-type"), Some("application/json"), "{what}");
        assert!(answer.header("x-request-id").is_some_and(|id| id.len() == 36), "{what}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{what}");
        assert_eq!(answer.header("server"), None, "{what}");
        answer.code();
    }
}

#[tokio::test]
async fn a_good_request_is_served_by_either_header() {
    let running = start(|_| {}).await;
    for changes in [
        &[][..],
        &[("authorization", ""), ("x-api-key", "good")],
        &[("x-api-key", "good")],
        &[("content-type", "application/json; charset=utf-8")],
        &[("accept", "application/json")],
        &[("accept", "")],
    ] {
        let answer = ask(running.address, &post(changes, DISCOVER)).await;
        assert_eq!(answer.status, 200, "{changes:?} {answer:?}");
        assert_eq!(answer.json()["result"]["supportedVersions"][0], "2026-07-28");
    }
}

#[tokio::test]
async fn a_client_that_takes_only_events_gets_one() {
    let running = start(|_| {}).await;
    let answer = ask(running.address, &post(&[("accept", "text/event-stream")], DISCOVER)).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/event-stream")));
    assert_eq!(answer.header("x-accel-buffering"), Some("no"));
    let text = String::from_utf8(answer.body).unwrap();
    assert!(text.starts_with("event: message\ndata: {") && text.ends_with("}\n\n"), "{text}");
}

#[tokio::test]
async fn a_notification_is_accepted_without_a_body() {
    let running = start(|_| {}).await;
    let cancel = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#;
    let answer = ask(running.address, &post(&[("mcp-method", "")], cancel)).await;
    assert_eq!((answer.status, answer.body.len()), (202, 0));
}

#[tokio::test]
async fn an_unauthorised_person_is_told_what_to_do() {
    let running = start(|options| options.key_help = "Ask Support for one.".to_owned()).await;
    let answer = ask(running.address, &post(&[("authorization", "")], DISCOVER)).await;
    assert_eq!(answer.header("www-authenticate"), Some("Bearer scope=\"mcp:enabled\""));
    let message = answer.json()["error"]["message"].to_string();
    assert!(message.contains("Authorization: Bearer") && message.contains("Ask Support"), "{message}");
    let answer = ask(running.address, &post(&[("authorization", "Bearer no")], DISCOVER)).await;
    let challenge = "Bearer error=\"invalid_token\", scope=\"mcp:enabled\"";
    assert_eq!(answer.header("www-authenticate"), Some(challenge));
    let answer = ask(running.address, &post(&[("authorization", "Bearer busy")], DISCOVER)).await;
    assert_eq!(answer.header("retry-after"), Some("2"));
}

#[tokio::test]
async fn verbs_and_paths_come_first() {
    let running = start(|_| {}).await;
    let rows: &[(&str, &str, Lines, u16, Option<&str>)] = &[
        ("PUT", "/mcp", &[NOBODY], 405, Some("POST, GET, DELETE")),
        ("OPTIONS", "/mcp", &[NOBODY], 405, Some("POST, GET, DELETE")),
        ("GET", "/mcp", &[NOBODY], 405, Some("POST")),
        ("DELETE", "/mcp", &[NOBODY], 405, Some("POST")),
        ("GET", "/mcp", &[NOBODY, LEGACY], 401, None),
        ("GET", "/mcp", &[LEGACY], 400, None),
        ("DELETE", "/mcp", &[LEGACY], 400, None),
        ("GET", "/mcp", &[LEGACY, ("accept", "application/json")], 406, None),
        ("GET", "/mcp", &[LEGACY, ("mcp-session-id", "nobody's")], 404, None),
        ("DELETE", "/mcp", &[LEGACY, ("mcp-session-id", "nobody's")], 404, None),
        ("POST", "/", &[NOBODY], 404, None),
        ("POST", "/mcp/", &[NOBODY], 404, None),
        ("GET", "/.well-known/oauth-protected-resource/mcp", &[NOBODY], 404, None),
        ("GET", "/.well-known/oauth-authorization-server", &[NOBODY], 404, None),
        ("POST", "/register", &[NOBODY], 404, None),
        ("GET", "/healthz", &[NOBODY], 404, None),
    ];
    for (verb, path, changes, status, allow) in rows {
        let answer = ask(running.address, &request(verb, path, changes, "")).await;
        assert_eq!(answer.status, *status, "{verb} {path} {changes:?} {answer:?}");
        assert_eq!(answer.header("allow"), *allow, "{verb} {path}");
        answer.code();
    }
}

#[tokio::test]
async fn the_identifier_of_a_call_is_the_clients_where_it_is_one() {
    let running = start(|_| {}).await;
    let own = "0190b0a0-0000-7000-8000-00000000abcd";
    let trace = ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    for (changes, expected) in [
        (&[("x-request-id", own)][..], Some(own)),
        (&[("x-request-id", own), trace], Some(own)),
        (&[trace], Some("4bf92f35-77b3-4da6-a3ce-929d0e0e4736")),
        (&[("x-request-id", "not one"), trace], Some("4bf92f35-77b3-4da6-a3ce-929d0e0e4736")),
        (&[("x-request-id", "../../etc")], None),
    ] {
        let answer = ask(running.address, &post(changes, DISCOVER)).await;
        let told = answer.header("x-request-id").unwrap();
        match expected {
            Some(expected) => assert_eq!(told, expected),
            None => assert!(told.len() == 36 && !told.contains("etc"), "{told}"),
        }
    }
}

struct Health;

impl SideRoutes for Health {
    fn route(&self, method: &Method, path: &str, _: &str) -> Option<SideAnswer> {
        (path == "/healthz" && method == Method::GET).then(|| SideAnswer {
            status: StatusCode::SERVICE_UNAVAILABLE,
            content_type: "text/plain",
            body: "draining".into(),
        })
    }
}

#[tokio::test]
async fn other_paths_are_the_applications() {
    let running = start(|options| options.side = Some(Arc::new(Health))).await;
    let mut wire = Wire::connect(running.address).await;
    wire.send(&request("GET", "/healthz", &[("authorization", "")], "")).await;
    let answer = wire.answer().await;
    assert_eq!((answer.status, answer.body.as_slice()), (503, &b"draining"[..]));
    wire.send(&request("GET", "/other", &[("authorization", "")], "")).await;
    assert_eq!(wire.answer().await.status, 404);
}

#[tokio::test]
async fn a_session_lives_from_initialize_to_delete() {
    let running = start(|_| {}).await;
    let legacy = ("mcp-protocol-version", "");
    let method = ("mcp-method", "");
    let initialize = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}"#;
    let opened = ask(running.address, &post(&[legacy, method], initialize)).await;
    let session = opened.header("mcp-session-id").unwrap().to_owned();
    let named = ("mcp-session-id", session.as_str());
    let mut stream = Wire::connect(running.address).await;
    stream.send(&request("GET", "/mcp", &[legacy, method, named], "")).await;
    let head = stream.until(b"\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("text/event-stream"), "{head}");
    let ping = r#"{"jsonrpc":"2.0","id":2,"method":"ping"}"#;
    assert_eq!(ask(running.address, &post(&[legacy, method, named], ping)).await.status, 200);
    let ended = ask(running.address, &request("DELETE", "/mcp", &[legacy, method, named], "")).await;
    assert_eq!((ended.status, ended.body.len()), (204, 0));
    assert_eq!(ask(running.address, &post(&[legacy, method, named], ping)).await.status, 404);
}
