//! stdout carries MCP alone; whatever there is to say otherwise goes to stderr.

use serde_json::{Value, json};

use crate::process::Process;

#[test]
fn the_log_goes_to_stderr_and_every_line_of_stdout_is_a_message() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut process = Process::start_with(folder.path(), &["--demo"], "debug");
    process.write("this is no JSON");
    process.write("");
    let found = process.tool("pm33_query_backlog", &json!({ "text": "no such word anywhere" }));
    assert_eq!(found["structuredContent"]["state"], "empty", "{found}");
    process.tool("pm33_query_backlog", &json!({ "sort": "loudest" }));
    process.ask("no/such/method", json!({}));
    process.close();
    let ended = process.ended();
    assert!(ended.status.success());
    for line in &ended.lines {
        let message: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert_eq!(message["jsonrpc"], "2.0", "{line}");
    }
    assert_eq!(ended.lines.len(), 3, "one answer each, none for what is no message: {:?}", ended.lines);
    assert!(!ended.log.is_empty(), "at level debug something is logged");
    let secrets = std::fs::read_to_string(folder.path().join("secrets.toml")).expect("secrets");
    for line in secrets.lines().filter_map(|line| line.split_once(" = \"")) {
        let secret = line.1.trim_end_matches('"');
        assert!(secret.len() < 20 || !ended.log.contains(secret), "a secret was logged");
    }
}

#[test]
fn both_eras_may_come_in_any_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut process = Process::start(folder.path(), &["--demo"]);
    let discovered = process.ask("server/discover", json!({}));
    assert_eq!(discovered["result"]["supportedVersions"], json!(["2026-07-28"]), "{discovered}");
    let client = json!({ "name": "t", "version": "1" });
    let params = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client });
    process
        .write(&json!({ "jsonrpc": "2.0", "id": "i", "method": "initialize", "params": params }).to_string());
    let opened = process.read();
    assert_eq!(opened["result"]["protocolVersion"], "2025-06-18", "{opened}");
    process.write(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
    process.write(r#"{"jsonrpc":"2.0","id":"l","method":"tools/list"}"#);
    let listed = process.read();
    assert!(listed["result"]["tools"].is_array() && listed["result"].get("ttlMs").is_none(), "{listed}");
    let modern = process.ask("tools/list", json!({}));
    assert_eq!(modern["result"]["cacheScope"], "private");
}
