//! What is asked by a name that is nearly right, or by a person: the answer says what would be.

use serde_json::{Value, json};

use crate::running::{Running, answer, refusal};

#[test]
fn items_are_found_by_who_does_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    for (title, assignee) in [("One", "Änn Berg"), ("Two", "änn berg"), ("Three", "Änn"), ("Four", "bea")]
    {
        answer(
            &server,
            "pm33_create_work_item",
            &json!({ "type": "story", "title": format!("Zebra {title}"), "assignee": assignee }),
        );
    }
    let titles = |arguments: Value| {
        let found = answer(&server, "pm33_query_backlog", &arguments);
        let items = found["items"].as_array().expect("items").clone();
        let mut titles: Vec<_> =
            items.iter().map(|item| item["title"].as_str().expect("a title").to_owned()).collect();
        titles.sort_unstable();
        titles
    };
    assert_eq!(titles(json!({ "assignee": ["ÄNN BERG"] })), ["Zebra One", "Zebra Two"]);
    assert_eq!(titles(json!({ "assignee": ["änn", "BEA"] })), ["Zebra Four", "Zebra Three"]);
    assert_eq!(titles(json!({ "assignee": ["bea"], "text": "zebra" })), ["Zebra Four"]);
    assert!(titles(json!({ "assignee": ["nobody"] })).is_empty());
    let asked = json!({ "assignee": ["änn berg"], "limit": 1 });
    let page = answer(&server, "pm33_query_backlog", &asked);
    assert_eq!(page["total"], 2, "{page}");
    let cursor = &page["next_cursor"];
    let next = json!({ "assignee": ["änn berg"], "limit": 1, "cursor": cursor });
    assert_eq!(answer(&server, "pm33_query_backlog", &next)["items"].as_array().map(Vec::len), Some(1));
    let other = json!({ "assignee": ["bea"], "limit": 1, "cursor": cursor });
    assert!(refusal(&server, "pm33_query_backlog", &other).contains("does not belong to these arguments"));
}

#[test]
fn a_target_that_no_row_has_is_answered_with_what_targets_look_like() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    answer(&server, "pm33_query_backlog", &json!({}));
    let none = answer(&server, "pm33_query_audit_log", &json!({ "target": "query_backlog" }));
    let note = none["note"].as_str().expect("a note");
    assert!(note.contains("\"query_backlog\"") && note.contains("pm33_query_backlog"), "{note}");
    let found = answer(&server, "pm33_query_audit_log", &json!({ "target": "pm33_query_backlog" }));
    assert!(found["state"] == "ok" && found.get("note").is_none(), "{found}");
}

#[test]
fn an_import_names_the_argument_that_is_wrong_and_tells_links_before_it_writes() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let wrong = json!({ "text": "No,What\n1,a\n", "mapping": "titel = 1" });
    let words = refusal(&server, "pm33_import_work_items", &wrong);
    assert!(words.contains("mapping: ") && !words.contains("text: "), "{words}");
    let text = "Issue key,Summary,Parent key\nA-1,a,A-2\nA-2,b,A-9\n";
    let dry = answer(&server, "pm33_import_work_items", &json!({ "text": text }));
    let links = &dry["unresolved_links"];
    assert_eq!((links.as_array().map(Vec::len), &links[0]["target"]), (Some(1), &json!("A-9")), "{dry}");
}
