//! Two processes on one file, as two IDE windows are: even the first use may be of both at once.

use serde_json::json;

use crate::process::Process;

const EACH: usize = 15;

#[test]
fn two_that_start_at_once_on_nothing_become_one_tenant_and_lose_no_write() {
    let folder = tempfile::tempdir().expect("a folder");
    let both = [Process::start(folder.path(), &[]), Process::start(folder.path(), &[])];
    let keys: Vec<String> = std::thread::scope(|scope| {
        let write = |(who, mut process): (usize, Process)| {
            scope.spawn(move || {
                let mut keys = Vec::new();
                for number in 0..EACH {
                    let title = format!("Window {who} writes {number}");
                    let arguments = json!({ "type": "task", "title": title, "on_duplicate": "create" });
                    let created = process.tool("pm33_create_work_item", &arguments);
                    let key = created["structuredContent"]["item"]["key"].as_str();
                    keys.push(key.unwrap_or_else(|| panic!("{created}")).to_owned());
                }
                let asked = json!({ "freshness": "newest", "columns": "identity", "limit": 200 });
                let seen = process.tool("pm33_query_backlog", &asked);
                let total = seen["structuredContent"]["total"].as_u64().expect("a total");
                assert!(total >= keys.len() as u64, "its own writes at least: {total}");
                process.close();
                assert!(process.ended().status.success());
                keys
            })
        };
        let running: Vec<_> = both.into_iter().enumerate().map(write).collect();
        running.into_iter().flat_map(|one| one.join().expect("it wrote")).collect()
    });
    let mut distinct = keys.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), 2 * EACH, "{keys:?}");
    let mut later = Process::start(folder.path(), &[]);
    let all = later.tool("pm33_query_backlog", &json!({ "columns": "identity", "limit": 200 }));
    assert_eq!(all["structuredContent"]["total"], 2 * EACH, "{all}");
    let read = later.ask("resources/read", json!({ "uri": "pm33://workspaces" }));
    let text = read["result"]["contents"][0]["text"].as_str().expect("a text");
    assert_eq!(text.matches("\"slug\"").count(), 1, "{text}");
}

#[test]
fn a_write_of_one_is_seen_by_the_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut writer = Process::start(folder.path(), &[]);
    writer.tool("pm33_create_work_item", &json!({ "type": "task", "title": "Hang the sign" }));
    let mut reader = Process::start(folder.path(), &[]);
    let total = |process: &mut Process| {
        let asked = json!({ "freshness": "newest" });
        process.tool("pm33_query_backlog", &asked)["structuredContent"]["total"].clone()
    };
    assert_eq!(total(&mut reader), 1);
    writer.tool("pm33_create_work_item", &json!({ "type": "task", "title": "Paint the door" }));
    assert_eq!(total(&mut reader), 2);
}
