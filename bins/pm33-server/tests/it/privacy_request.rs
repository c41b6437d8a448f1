//! Privacy requests through the tool, on the real server.

use serde_json::json;

use crate::running::Running;

#[test]
fn a_member_files_follows_and_takes_back_and_a_restriction_holds_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let tool = |arguments| server.tool("pm33_privacy_request", arguments);
    let dry = tool(json!({ "action": "file", "kind": "access", "dry_run": true }));
    assert_eq!(dry["structuredContent"]["action"], "dry_run", "{dry}");
    assert!(dry["structuredContent"]["requests"][0].get("id").is_none());
    let list = || tool(json!({ "action": "list" }))["structuredContent"]["requests"].clone();
    assert_eq!(list(), json!([]));
    let filed = tool(json!({ "action": "file", "kind": "access", "law": "gdpr", "details": "all of it" }));
    let one = filed["structuredContent"]["requests"][0].clone();
    assert_eq!((&one["state"], &one["identity"]), (&json!("verified"), &json!("own_key")), "{filed}");
    let again = tool(json!({ "action": "file", "kind": "access" }));
    let words = again["content"][0]["text"].as_str().unwrap_or_default();
    assert!(words.contains(one["id"].as_str().expect("an id")), "{again}");
    let deletion = tool(json!({ "action": "file", "kind": "deletion", "whose": "organisation" }));
    let deletion = &deletion["structuredContent"]["requests"][0];
    assert_eq!((&deletion["state"], &deletion["whose"]), (&json!("received"), &json!("organisation")));
    let restricted = tool(json!({ "action": "file", "kind": "restriction" }));
    assert!(
        restricted["structuredContent"]["next"].as_str().is_some_and(|next| next.contains("within a second"))
    );
    assert_eq!(list().as_array().map(Vec::len), Some(3));
    let back = tool(json!({ "action": "withdraw", "request": deletion["id"] }));
    assert_eq!(back["structuredContent"]["requests"][0]["state"], "withdrawn", "{back}");
    let twice = tool(json!({ "action": "withdraw", "request": deletion["id"] }));
    assert_eq!(twice["isError"], true, "{twice}");
    let foreign = tool(json!({ "action": "withdraw", "request": "01890000-0000-7000-8000-000000000000" }));
    assert_eq!(foreign["isError"], true, "{foreign}");
    // Reading goes on.
    assert_ne!(server.tool("pm33_query_backlog", json!({ "limit": 1 }))["isError"], true);
}
