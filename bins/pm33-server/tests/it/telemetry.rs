//! Telemetry of the real server: traces and metrics at a collector, `/metrics`, logs; and no secret in any of them.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::Stdio,
};

use opentelemetry_proto::tonic::trace::v1::{Span, span::SpanKind};
use serde_json::{Value, json};

use crate::{collector::Collector, running::Running};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";
/// A word that only a client's arguments hold.
const PRIVATE: &str = "quillwort";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn attribute(span: &Span, key: &str) -> Option<String> {
    use opentelemetry_proto::tonic::common::v1::any_value::Value::StringValue;
    let found = span.attributes.iter().find(|one| one.key == key)?;
    match found.value.as_ref()?.value.as_ref()? {
        StringValue(text) => Some(text.clone()),
        other => Some(format!("{other:?}")),
    }
}

/// The secret characters of a key: without its environment, its id and its check digits.
fn secret_of(key: &str) -> &str {
    let last = key.rsplit('_').next().expect("a last part");
    &last[12..last.len() - 6]
}

/// A call with a word of its own in the arguments.
fn private_query() -> Value {
    json!({ "name": "pm33_query_backlog", "arguments": { "text": PRIVATE } })
}

#[test]
fn a_calls_span_carries_the_clients_trace_and_nothing_of_its_arguments() {
    let folder = tempfile::tempdir().expect("a folder");
    let collector = Collector::start();
    let headers = folder.path().join("collector-headers");
    std::fs::write(&headers, "x-collector-key: c0llector-s3cret\n").expect("written");
    let environment = [
        ("PM33_TELEMETRY_OTLP_ENDPOINT", collector.url.as_str()),
        ("PM33_TELEMETRY_OTLP_HEADERS_FILE", headers.to_str().expect("a path")),
        ("PM33_TELEMETRY_SERVICE_NAME", "pm33-test"),
        // Nothing is due before the end, so that the flush has all of it to send.
        ("PM33_TELEMETRY_EXPORT_SECONDS", "3600"),
        ("PM33_TELEMETRY_SAMPLE_RATIO", "0"),
        ("PM33_TELEMETRY_LOG_FILTER", "error"),
    ];
    let server = Running::start_with(folder.path(), &environment, Stdio::inherit());
    let key = server.key.clone();
    let traced = |span: &str| format!("00-{TRACE}-{span}-01");
    // By the header, by the metadata (which is nearer to the call), and refused.
    let by_header = format!("traceparent: {}\r\ntracestate: vendor=1\r\n", traced(PARENT));
    server.try_call_with(&key, "tools/call", private_query(), &by_header).expect("an answer");
    let mut params = json!({ "name": "pm33_create_work_item", "arguments": { "title": PRIVATE } });
    params["_meta"]["traceparent"] = json!(traced("1111111111111111"));
    server.try_call_with(&key, "tools/call", params, &by_header).expect("an answer");
    // The client has not decided, and the ratio says no.
    server.try_call(&key, "tools/list", json!({})).expect("an answer");
    server.stop();
    let exports = collector.received();
    let spans: Vec<&Span> = exports.iter().flat_map(|export| &export.spans).collect();
    assert_eq!(spans.len(), 2, "{spans:?}");
    for span in &spans {
        assert_eq!(hex(&span.trace_id), TRACE);
        assert_eq!(span.kind, SpanKind::Server as i32);
        assert_eq!(attribute(span, "mcp.method.name").as_deref(), Some("tools/call"));
        assert_eq!(attribute(span, "mcp.protocol.version").as_deref(), Some("2026-07-28"));
        assert!(span.end_time_unix_nano > span.start_time_unix_nano);
    }
    let named = |name: &str| *spans.iter().find(|span| span.name == name).expect(name);
    let query = named("tools/call pm33_query_backlog");
    assert_eq!(hex(&query.parent_span_id), PARENT);
    assert_eq!(query.trace_state, "vendor=1");
    assert_eq!(attribute(query, "gen_ai.tool.name").as_deref(), Some("pm33_query_backlog"));
    assert_eq!(attribute(query, "error.type"), None);
    let refused = named("tools/call pm33_create_work_item");
    assert_eq!(hex(&refused.parent_span_id), "1111111111111111");
    assert_eq!(attribute(refused, "error.type").as_deref(), Some("bad_arguments"));
    let names: Vec<&str> =
        exports.iter().flat_map(|export| &export.metrics).map(|metric| metric.name.as_str()).collect();
    for name in ["mcp.server.operation.duration", "pm33.writer.units", "pm33.connections", "pm33.build.info"]
    {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    let secret = secret_of(&key);
    for export in &exports {
        assert!(export.resource.contains("pm33-test"), "{}", export.resource);
        assert!(export.head.contains("x-collector-key: c0llector-s3cret"), "{}", export.head);
        assert!(
            export.head.to_lowercase().contains("content-type: application/x-protobuf"),
            "{}",
            export.head
        );
        let text = String::from_utf8_lossy(&export.body);
        assert!(!text.contains(PRIVATE) && !text.contains(secret) && !text.contains("harbor"), "{text}");
    }
}

#[test]
fn metrics_are_exported_at_their_interval() {
    let folder = tempfile::tempdir().expect("a folder");
    let collector = Collector::start();
    let environment = [
        ("PM33_TELEMETRY_OTLP_ENDPOINT", collector.url.as_str()),
        ("PM33_TELEMETRY_EXPORT_SECONDS", "1"),
        ("PM33_TELEMETRY_LOG_FILTER", "error"),
    ];
    let _server = Running::start_with(folder.path(), &environment, Stdio::inherit());
    let has = |name: &str| collector.next().metrics.iter().any(|metric| metric.name == name);
    assert!((0..5).any(|_| has("pm33.build.info")), "while the server runs");
}

/// A page of the metrics listener.
fn scrape(address: &str, path: &str) -> String {
    let mut socket = TcpStream::connect(address).expect("the metrics listener");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).expect("sent");
    let mut text = String::new();
    socket.read_to_string(&mut text).expect("an answer");
    text
}

/// The value of a sample whose name and labels all occur in its line.
fn sample(page: &str, parts: &[&str]) -> Option<f64> {
    let line =
        page.lines().find(|line| !line.starts_with('#') && parts.iter().all(|part| line.contains(part)))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[test]
fn prometheus_reads_calls_refusals_limits_and_the_writer() {
    let folder = tempfile::tempdir().expect("a folder");
    // A port that was free a moment ago.
    let address =
        TcpListener::bind("127.0.0.1:0").and_then(|one| one.local_addr()).expect("a port").to_string();
    let environment = [
        ("PM33_SERVER_METRICS_LISTEN", address.as_str()),
        ("PM33_LIMITS_CALLS_PER_MINUTE_KEY", "4"),
        ("PM33_TELEMETRY_LOG_FILTER", "error"),
    ];
    let server = Running::start_with(folder.path(), &environment, Stdio::inherit());
    for _ in 0..3 {
        server.call("tools/call", private_query());
    }
    let made_up = format!("no/such/{PRIVATE}");
    server.call(&made_up, json!({}));
    server.call("tools/call", json!({ "name": PRIVATE, "arguments": {} }));
    for _ in 0..2 {
        assert_eq!(server.call("tools/list", json!({})).status, 429);
    }
    assert_eq!(server.try_call("nonsense", "tools/list", json!({})).map(|one| one.status), Some(401));
    let page = scrape(&address, "/metrics");
    let calls =
        ["mcp_server_operation_duration_seconds_count", "pm33_query_backlog", "pm33_outcome=\"done\""];
    assert_eq!(sample(&page, &calls), Some(3.0), "{page}");
    let limited = ["operation_duration_seconds_count", "tools/list", "error_type=\"rate_limited\""];
    assert_eq!(sample(&page, &limited), Some(2.0), "{page}");
    assert_eq!(sample(&page, &["pm33_limit_denials_total", "scope=\"key\""]), Some(2.0), "{page}");
    assert_eq!(sample(&page, &["pm33_auth_refusals_total", "reason=\"malformed\""]), Some(1.0), "{page}");
    assert_eq!(sample(&page, &["pm33_build_info", env!("CARGO_PKG_VERSION")]), Some(1.0), "{page}");
    let groups = sample(&page, &["pm33_writer_groups_total"]).expect("groups");
    let units = sample(&page, &["pm33_writer_units_total"]).expect("units");
    assert!(groups >= 1.0 && units >= groups, "{page}");
    for gauge in ["connections", "streams", "listens", "sessions", "calls_running", "writer_queued"] {
        assert!(sample(&page, &[&format!("pm33_{gauge}")]).is_some(), "{gauge}: {page}");
    }
    assert!(!page.contains(PRIVATE), "what a client sends is no label: {page}");
    assert!(scrape(&address, "/other").starts_with("HTTP/1.1 404"));
}

#[test]
fn logs_at_debug_have_correlation_ids_and_no_secret() {
    let folder = tempfile::tempdir().expect("a folder");
    let environment = [("PM33_TELEMETRY_LOG_FORMAT", "json"), ("PM33_TELEMETRY_LOG_FILTER", "debug")];
    let path = folder.path().join("log");
    let log = std::fs::File::create(&path).expect("a file for the log");
    let server = Running::start_with(folder.path(), &environment, Stdio::from(log));
    let key = server.key.clone();
    let correlation = "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0001";
    let named = format!("x-request-id: {correlation}\r\n");
    server.try_call_with(&key, "tools/call", private_query(), &named).expect("an answer");
    let arguments = json!({ "type": "task", "title": PRIVATE, "on_duplicate": "create" });
    server.tool("pm33_create_work_item", arguments);
    let mut changed = key.clone();
    changed.replace_range(key.len() - 12..key.len() - 8, "zzzz");
    assert_eq!(server.try_call(&changed, "tools/list", json!({})).map(|one| one.status), Some(401));
    server.stop();
    let text = std::fs::read_to_string(&path).expect("the log");
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}")))
        .collect();
    let answered = lines.iter().find(|line| line["fields"]["correlation"] == correlation);
    assert_eq!(
        answered.map(|line| &line["fields"]["mcp.tool"]),
        Some(&json!("pm33_query_backlog")),
        "{text}"
    );
    assert!(lines.iter().any(|line| line["target"] == "pm33::security"), "{text}");
    let secret = secret_of(&key);
    for word in [key.as_str(), secret, &secret[..8], &changed[key.len() - 24..], PRIVATE] {
        assert!(!text.contains(word), "{word} is in the log");
    }
    let secrets = std::fs::read_to_string(folder.path().join("secrets.toml")).expect("secrets");
    for word in secrets.split('"').filter(|word| word.len() == 64) {
        assert!(!text.contains(word), "a secret of the deployment is in the log");
    }
}
