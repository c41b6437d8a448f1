//! First use makes one local tenant in one file; later uses find it again.

use serde_json::{Value, json};

use crate::process::Process;

fn workspaces(process: &mut Process) -> Value {
    let read = process.ask("resources/read", json!({ "uri": "pm33://workspaces" }));
    let text = read["result"]["contents"][0]["text"].as_str().expect("a text");
    serde_json::from_str::<Value>(text).expect("JSON")["workspaces"].clone()
}

#[test]
fn an_empty_workspace_is_made_and_found_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("not/there/yet");
    let mut first = Process::start(&data, &[]);
    let made = workspaces(&mut first);
    assert_eq!(made[0]["slug"], "main", "{made}");
    assert_eq!(made.as_array().map(Vec::len), Some(1));
    let created = first.tool("pm33_create_work_item", &json!({ "type": "idea", "title": "Sell by the sea" }));
    assert_eq!(created["structuredContent"]["item"]["key"], "PM-1", "{created}");
    first.close();
    assert!(first.ended().status.success());
    let mut names: Vec<_> = std::fs::read_dir(&data)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .filter(|name| !name.ends_with("-wal") && !name.ends_with("-shm"))
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["pm33.db", "secrets.toml"]);

    let mut again = Process::start(&data, &[]);
    assert_eq!(workspaces(&mut again), made);
    let found = again.tool("pm33_query_backlog", &json!({ "ids": ["PM-1"] }));
    assert_eq!(found["structuredContent"]["items"][0]["title"], "Sell by the sea", "{found}");
}

#[test]
fn the_sample_is_offered_on_first_use_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut empty = Process::start(folder.path(), &[]);
    assert_eq!(workspaces(&mut empty)[0]["slug"], "main");
    empty.close();
    empty.ended();
    let mut asked = Process::start(folder.path(), &["--demo"]);
    assert_eq!(workspaces(&mut asked)[0]["slug"], "main", "what is there is kept");
}

#[test]
fn settings_that_do_not_hold_are_told_with_their_source() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("pm33.toml");
    std::fs::write(&file, "[server]\nline_bites = 5\n").expect("written");
    let path = file.to_str().expect("a path");
    let ended = Process::start(folder.path(), &["--config", path]).ended();
    assert!(!ended.status.success());
    assert!(ended.lines.is_empty(), "stdout is for MCP alone: {:?}", ended.lines);
    for word in ["server.line_bites", path, "body_bytes"] {
        assert!(ended.log.contains(word), "{word}: {}", ended.log);
    }
}
