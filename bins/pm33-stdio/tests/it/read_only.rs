//! `--read-only`: tools that write are neither listed nor served.

use serde_json::json;

use crate::process::Process;

#[test]
fn write_tools_are_not_listed_and_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut full = Process::start(folder.path(), &[]);
    let names = |process: &mut Process| -> Vec<(String, bool)> {
        let listed = process.ask("tools/list", json!({}));
        let tools = listed["result"]["tools"].as_array().expect("tools").clone();
        let one = |tool: &serde_json::Value| {
            let name = tool["name"].as_str().expect("a name").to_owned();
            (name, tool["annotations"]["readOnlyHint"] == true)
        };
        tools.iter().map(one).collect()
    };
    let all = names(&mut full);
    full.close();
    full.ended();
    let mut bound = Process::start(folder.path(), &["--read-only"]);
    // It reads, but it asks a model, which is paid for.
    let spends = "pm33_score_alignment";
    let reading: Vec<_> = all.iter().filter(|(name, reads)| *reads && name != spends).cloned().collect();
    assert!(reading.len() < all.len() && !reading.is_empty(), "{all:?}");
    assert_eq!(names(&mut bound), reading);
    for (name, _) in all.iter().filter(|(_, reads)| !reads) {
        let arguments = json!({ "type": "task", "title": "Not to be written" });
        let answer = bound.ask("tools/call", json!({ "name": name, "arguments": arguments }));
        let told = answer["error"]["message"].as_str().expect("a refusal");
        assert!(told.contains("lacks a scope") && told.contains(":write"), "{name}: {answer}");
    }
    let answer = bound.ask("tools/call", json!({ "name": spends, "arguments": {} }));
    let told = answer["error"]["message"].as_str().expect("a refusal");
    assert!(told.contains("ai:generate"), "{answer}");
    let found = bound.tool("pm33_query_backlog", &json!({ "mode": "full" }));
    assert_eq!(found["structuredContent"]["total"], 0, "{found}");
}
