//! The program opens no outbound connection but to the configured provider: its system calls are watched while every tool
//! and resource is used.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::Stdio,
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    registry::{example, offered},
    running::Running,
    traced,
};

/// Answers every request with a refusal, as a provider may.
fn refuse_all(listener: &TcpListener) {
    for socket in listener.incoming().map_while(Result::ok) {
        let _ = answer(socket);
    }
}

fn answer(mut socket: TcpStream) -> std::io::Result<()> {
    socket.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut buffer = vec![0; 65_536];
    let _ = socket.read(&mut buffer)?;
    let body = r#"{"type":"error","error":{"type":"invalid_request_error","message":"no"}}"#;
    let head = format!(
        "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    socket.write_all(head.as_bytes())
}

fn use_everything(server: &Running) {
    for tool in offered().tools() {
        server.tool(tool.spec.name, Value::Object(example(tool)));
    }
    for list in ["resources/list", "prompts/list", "tools/list", "resources/templates/list"] {
        server.call(list, json!({}));
    }
    let listed = server.call("resources/list", json!({})).json()["result"]["resources"].clone();
    for resource in listed.as_array().expect("resources") {
        server.call("resources/read", json!({ "uri": resource["uri"] }));
    }
    // An item that is linked, so that there is something to judge.
    let context = server.tool("pm33_strategic_context", json!({}))["structuredContent"].clone();
    let objective = context["objectives"]["content"][0]["title"].clone();
    let linked = server.tool("pm33_link_objective", json!({ "item": "HAR-1", "objective": objective }));
    assert_ne!(linked["isError"], true, "{linked}");
    server.tool("pm33_score_alignment", json!({ "items": ["HAR-1"] }));
}

/// Connections that the server opened while it was used, one a line.
fn connections(folder: &Path, environment: &[(&str, &str)]) -> Vec<String> {
    let trace = folder.join("connects");
    let trace_path = trace.to_str().expect("a path");
    // The tracer is a grandchild, so the process that is started, and ended, is the server's own.
    let watched = ["strace", "-D", "-f", "-qq", "-e", "trace=connect", "-o", trace_path];
    let server = Running::start_under(&watched, &folder.join("data"), environment, Stdio::null());
    use_everything(&server);
    server.stop();
    let text = std::fs::read_to_string(&trace).expect("a trace");
    text.lines().filter(|line| line.contains("connect(")).map(str::to_owned).collect()
}

#[test]
fn nothing_is_connected_to_but_the_configured_provider() {
    if !traced::is_there() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let quiet = [("PM33_TELEMETRY_LOG_FILTER", "off")];
    assert_eq!(
        connections(&folder.path().join("without"), &quiet),
        [""; 0],
        "without a provider there is none"
    );

    let provider = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = provider.local_addr().expect("an address").port();
    std::thread::spawn(move || refuse_all(&provider));
    let url = format!("http://127.0.0.1:{port}");
    let environment = [
        ("PM33_TELEMETRY_LOG_FILTER", "off"),
        ("PM33_AI_PROVIDERS", "anthropic"),
        ("PM33_AI_ANTHROPIC_URL", &url),
        ("ANTHROPIC_API_KEY", "sk-test"),
    ];
    let opened = connections(&folder.path().join("with"), &environment);
    let is_provider =
        |line: &String| line.contains(&format!("htons({port})")) && line.contains("inet_addr(\"127.0.0.1\")");
    assert!(!opened.is_empty(), "the provider was asked");
    assert!(opened.iter().all(is_provider), "{opened:#?}");
}
