//! The process ends by itself: when its input ends and at SIGINT and SIGTERM, whatever is open.

use serde_json::json;

use crate::process::Process;

fn listening(folder: &std::path::Path) -> Process {
    let mut process = Process::start(folder, &[]);
    // Clients hold a subscription open for their whole life.
    let id = process.send("subscriptions/listen", json!({ "notifications": { "toolsListChanged": true } }));
    let acknowledged = process.read();
    assert_eq!(acknowledged["method"], "notifications/subscriptions/acknowledged", "{acknowledged} {id}");
    process
}

#[test]
fn at_the_end_of_its_input() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut process = listening(folder.path());
    process.close();
    let ended = process.ended();
    assert!(ended.status.success(), "{}: {}", ended.status, ended.log);
}

#[test]
fn at_signals_with_its_input_open() {
    let folder = tempfile::tempdir().expect("a folder");
    for signal in ["INT", "TERM"] {
        let process = listening(folder.path());
        process.signal(signal);
        let ended = process.ended();
        assert!(ended.status.success(), "{signal}: {}: {}", ended.status, ended.log);
    }
}

#[test]
fn what_was_asked_before_the_end_is_answered() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut process = Process::start(folder.path(), &[]);
    let arguments = json!({ "type": "task", "title": "Lock up", "idempotency_key": "k" });
    let id = process.send("tools/call", json!({ "name": "pm33_create_work_item", "arguments": arguments }));
    process.close();
    let ended = process.ended();
    let answer = ended.lines.iter().find(|line| line.contains(&format!("\"id\":{id}"))).expect("an answer");
    assert!(answer.contains("PM-1"), "{answer}");
    let mut again = Process::start(folder.path(), &[]);
    let found = again.tool("pm33_query_backlog", &json!({ "ids": ["PM-1"] }));
    assert_eq!(found["structuredContent"]["total"], 1, "{found}");
}
