//! What was answered stays when the process is killed, although nothing was synced for a read.

use serde_json::json;

use crate::process::Process;

#[test]
fn what_was_answered_is_in_the_log_of_the_process_after_a_killed_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut killed = Process::start(folder.path(), &[]);
    let mut last = String::new();
    for number in 0..20 {
        let title = format!("Survive the end of a process {number}");
        let made = killed.tool(
            "pm33_create_work_item",
            &json!({ "type": "task", "title": title, "on_duplicate": "create" }),
        );
        last = made["structuredContent"]["item"]["key"].as_str().expect("a key").to_owned();
        killed.tool("pm33_query_backlog", &json!({ "ids": [last] }));
    }
    killed.signal("KILL");
    drop(killed);

    let mut next = Process::start(folder.path(), &[]);
    let found = next.tool("pm33_query_backlog", &json!({ "ids": [last] }));
    assert_eq!(found["structuredContent"]["items"][0]["key"], last.as_str(), "{found}");
    let told = next.tool("pm33_query_audit_log", &json!({ "limit": 100, "chain": "check" }));
    let content = &told["structuredContent"];
    assert_eq!(content["chain"]["holds"], true, "{told}");
    let of = |tool: &str| {
        let rows = content["rows"].as_array().into_iter().flatten();
        rows.filter(|row| row["target"] == tool).count()
    };
    assert_eq!((of("pm33_create_work_item"), of("pm33_query_backlog")), (20, 21), "{told}");
}
