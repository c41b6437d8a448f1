//! Writing through the real binary: one effect per idempotency key, near-duplicates told, versions kept.

use serde_json::json;

use crate::running::Running;

#[test]
fn the_same_key_gives_the_first_answer_again_and_other_arguments_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let arguments =
        json!({ "type": "task", "title": "Rotate the night shift's pager", "idempotency_key": "k-1" });
    let first = server.tool("pm33_create_work_item", arguments.clone());
    assert_eq!(first["structuredContent"]["action"], "created", "{first}");
    let again = server.tool("pm33_create_work_item", arguments);
    assert_eq!(first["structuredContent"], again["structuredContent"]);
    let other = json!({ "type": "task", "title": "Something else entirely", "idempotency_key": "k-1" });
    let refused = server.tool("pm33_create_work_item", other);
    assert_eq!(refused["isError"], true, "{refused}");
    let found = server.tool("pm33_query_backlog", json!({ "text": "night shift pager" }));
    assert_eq!(found["structuredContent"]["total"], 1, "{found}");
}

#[test]
fn near_duplicates_are_told_before_anything_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let title = "Refund part of an instant bank payment";
    let refused = server.tool("pm33_create_work_item", json!({ "type": "story", "title": title }));
    assert_eq!(refused["isError"], true, "{refused}");
    assert!(
        refused["content"][0]["text"].as_str().is_some_and(|text| text.contains("on_duplicate")),
        "{refused}"
    );
    let created = server
        .tool("pm33_create_work_item", json!({ "type": "story", "title": title, "on_duplicate": "create" }));
    assert_eq!(created["structuredContent"]["action"], "created", "{created}");
}

#[test]
fn a_stale_version_changes_nothing_and_history_keeps_each_status() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let moved = server
        .tool("pm33_update_work_item", json!({ "item": "HAR-1", "status": "blocked", "if_version": 1 }));
    assert_eq!(moved["structuredContent"]["changed"], json!(["status"]), "{moved}");
    let stale =
        server.tool("pm33_update_work_item", json!({ "item": "HAR-1", "status": "done", "if_version": 1 }));
    assert_eq!(stale["isError"], true, "{stale}");
    let item = server.call("resources/read", json!({ "uri": "pm33://item/harbor/HAR-1" })).json();
    let text = item["result"]["contents"][0]["text"].as_str().expect("text").to_owned();
    let whole: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(whole["item"]["status"], "blocked");
    assert_eq!(
        whole["history"].as_array().and_then(|all| all.last()).map(|last| &last["to"]),
        Some(&json!("blocked"))
    );
}

#[test]
fn bad_arguments_name_the_field_and_what_is_allowed() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    for (arguments, words) in [
        (json!({ "type": "story", "title": "x", "priorty": "high" }), "known fields"),
        (json!({ "type": "saga", "title": "x" }), "epic"),
        (json!({ "title": "no type" }), "type"),
        (json!({ "type": "story", "title": "A new thing", "team": "Nobody" }), "Checkout"),
    ] {
        let refused = server.tool("pm33_create_work_item", arguments.clone());
        assert_eq!(refused["isError"], true, "{arguments}");
        let text = refused["content"][0]["text"].as_str().unwrap_or_default();
        assert!(text.contains(words), "{arguments}: {text}");
    }
}

#[test]
fn every_result_fits_the_schema_that_its_tool_promises() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let tools = server.call("tools/list", json!({})).json();
    let schema_of = |name: &str| {
        let all = tools["result"]["tools"].as_array().expect("tools");
        all.iter().find(|tool| tool["name"] == name).expect(name)["outputSchema"].clone()
    };
    let calls = [
        ("pm33_query_backlog", json!({ "columns": "identity" })),
        ("pm33_query_backlog", json!({ "columns": "summary", "mode": "full" })),
        ("pm33_query_backlog", json!({ "columns": "full", "limit": 5 })),
        ("pm33_query_backlog", json!({ "text": "no such words anywhere" })),
        (
            "pm33_create_work_item",
            json!({ "type": "idea", "title": "Wholly new matter", "external": { "source": "x", "id": "1" } }),
        ),
        ("pm33_update_work_item", json!({ "item": "HAR-2", "priority": "P0", "dry_run": true })),
    ];
    for (name, arguments) in calls {
        let result = server.tool(name, arguments.clone());
        let validator = jsonschema::draft202012::new(&schema_of(name)).expect("a schema");
        let complaints: Vec<_> =
            validator.iter_errors(&result["structuredContent"]).map(|error| error.to_string()).collect();
        assert!(complaints.is_empty(), "{name} {arguments}: {complaints:?}");
    }
}

#[test]
fn an_upsert_writes_every_field_that_was_given_and_no_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let external = json!({ "source": "jira", "id": "PROJ-7" });
    let first = json!({
        "type": "bug", "title": "Lift doors close on prams", "status": "done", "priority": "P0",
        "description": "Seen twice.", "labels": ["doors"], "external": external,
    });
    let created = server.tool("pm33_create_work_item", first);
    assert_eq!(created["structuredContent"]["action"], "created", "{created}");
    // The very values that a new item begins with are values here too.
    let again = json!({
        "type": "bug", "title": "Lift doors close on prams", "status": "to do", "priority": "none",
        "labels": [], "external": external,
    });
    let planned = server.tool("pm33_create_work_item", {
        let mut planned = again.clone();
        planned["dry_run"] = json!(true);
        planned
    });
    let updated = server.tool("pm33_create_work_item", again);
    for (answer, action) in [(&planned, "dry_run"), (&updated, "updated")] {
        let item = &answer["structuredContent"]["item"];
        assert_eq!(answer["structuredContent"]["action"], action, "{answer}");
        assert_eq!((&item["status"], &item["priority"]), (&json!("backlog"), &json!("none")), "{answer}");
        assert_eq!((&item["labels"], &item["description_chars"]), (&json!(null), &json!(11)), "{answer}");
    }
    let found = server.tool("pm33_query_backlog", json!({ "ids": ["jira:PROJ-7"] }));
    assert_eq!(found["structuredContent"]["total"], 1, "{found}");
}

#[test]
fn a_dry_run_tells_what_the_call_would_tell() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let refused = |tool: &str, arguments: serde_json::Value, words: &str| {
        for dry_run in [true, false] {
            let mut arguments = arguments.clone();
            arguments["dry_run"] = json!(dry_run);
            let answer = server.tool(tool, arguments);
            assert_eq!(answer["isError"], true, "{answer}");
            assert!(
                answer["content"][0]["text"].as_str().is_some_and(|text| text.contains(words)),
                "{answer}"
            );
        }
    };
    let circle = |item: &str, on: &str| json!({ "item": item, "dependencies": [{ "on": on }] });
    let linked = server.tool("pm33_update_work_item", circle("HAR-1", "HAR-2"));
    assert_eq!(linked["structuredContent"]["action"], "updated", "{linked}");
    refused("pm33_update_work_item", circle("HAR-2", "HAR-1"), "HAR-2 > HAR-1 > HAR-2");
    refused("pm33_update_work_item", json!({ "item": "HAR-3", "parent": "HAR-3" }), "circle");
    refused("pm33_update_work_item", json!({ "item": "HAR-3", "title": "x", "if_version": 99 }), "version");
    let twice = json!([{ "on": "HAR-5" }, { "on": "HAR-5", "lag_days": 2 }]);
    refused("pm33_update_work_item", json!({ "item": "HAR-3", "dependencies": twice }), "each item once");
    // Nothing is called changed that is not.
    let item = server.call("resources/read", json!({ "uri": "pm33://item/harbor/HAR-3" })).json();
    let text = item["result"]["contents"][0]["text"].as_str().expect("text");
    let whole: serde_json::Value = serde_json::from_str(text).expect("JSON");
    let same = json!({ "item": "HAR-3", "description": whole["item"]["description"], "dry_run": true });
    let same = server.tool("pm33_update_work_item", same);
    assert_eq!(same["structuredContent"]["changed"], json!([]), "{same}");
    let similar =
        json!({ "type": "story", "title": "Refund part of an instant bank payment", "dry_run": true });
    let similar = server.tool("pm33_create_work_item", similar);
    assert!(similar["structuredContent"]["note"].as_str().is_some_and(|note| note.contains("on_duplicate")));
    assert_ne!(similar["structuredContent"]["item"]["key"], "HAR-0", "{similar}");
}

#[test]
fn filters_take_the_words_that_writes_take() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let total = |arguments: serde_json::Value| {
        let answer = server.tool("pm33_query_backlog", arguments);
        answer["structuredContent"]["total"].as_u64().unwrap_or_else(|| panic!("{answer}"))
    };
    let high = total(json!({ "priority": ["high"] }));
    assert!(high > 0);
    assert_eq!(total(json!({ "priority": ["P1"] })), high);
    assert_eq!(
        total(json!({ "status": ["closed"], "mode": "full" })),
        total(json!({ "status": ["done"], "mode": "full" }))
    );
    assert_eq!(total(json!({ "type": ["defect"] })), total(json!({ "type": ["bug"] })));
}

#[test]
fn a_cursor_belongs_to_its_arguments_its_place_and_its_owner() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let list = |arguments: serde_json::Value| server.tool("pm33_query_backlog", arguments);
    let first = list(json!({ "mode": "full", "limit": 2 }));
    let cursor = first["structuredContent"]["next_cursor"].as_str().expect("more than one page").to_owned();
    // The size of a page may change on the way.
    let next = list(json!({ "mode": "full", "limit": 3, "cursor": cursor }));
    assert_eq!(next["structuredContent"]["items"].as_array().map(Vec::len), Some(3), "{next}");
    for other in [
        json!({ "limit": 2 }),
        json!({ "mode": "full", "type": ["bug"] }),
        json!({ "mode": "full", "status": ["done"] }),
        json!({ "mode": "full", "priority": ["low"] }),
        json!({ "mode": "full", "team": ["Checkout"] }),
        json!({ "mode": "full", "label": ["x"] }),
        json!({ "mode": "full", "text": "payment" }),
        json!({ "mode": "full", "sort": "due" }),
        json!({ "mode": "full", "updated_since": "2020-01-01T00:00:00Z" }),
    ] {
        let mut arguments = other.clone();
        arguments["cursor"] = json!(cursor);
        let refused = list(arguments);
        assert_eq!(refused["isError"], true, "{other}: {refused}");
        assert!(
            refused["content"][0]["text"].as_str().is_some_and(|text| text.contains("cursor")),
            "{refused}"
        );
        assert_ne!(list(other)["isError"], true, "the arguments are good without it");
    }
}

#[test]
fn an_imported_item_is_found_by_its_key_in_the_tracker() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let make = |source: &str, id: &str| {
        let external = json!({ "source": source, "id": id });
        let item = json!({ "type": "task", "title": format!("{id} of {source}"), "external": external,
            "on_duplicate": "create" });
        let made = server.tool("pm33_create_work_item", item);
        assert_eq!(made["structuredContent"]["action"], "created", "{made}");
    };
    make("jira", "SHOP-2");
    make("jira", "SHOP-3");
    make("linear", "SHOP-3");
    make("jira", "HAR-1");
    let found = |id: &str| {
        let answer = server.tool("pm33_query_backlog", json!({ "ids": [id], "columns": "identity" }));
        let items = answer["structuredContent"]["items"].as_array().cloned().unwrap_or_default();
        let mut titles: Vec<_> =
            items.iter().filter_map(|item| item["title"].as_str().map(str::to_owned)).collect();
        titles.sort();
        titles
    };
    assert_eq!(found("SHOP-2"), ["SHOP-2 of jira"]);
    assert_eq!(found("SHOP-3"), ["SHOP-3 of jira", "SHOP-3 of linear"], "two trackers have it");
    assert_eq!(found("linear:SHOP-3"), ["SHOP-3 of linear"]);
    assert_eq!(found("jira:HAR-1"), ["HAR-1 of jira"]);
    assert_ne!(found("HAR-1"), ["HAR-1 of jira"], "the workspace's own key goes before");
    assert!(found("SHOP").is_empty());
}
