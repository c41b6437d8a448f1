//! What users of such servers complain of, one test for each complaint that no other test is about; the whole table is in
//! docs/evaluation.md.

use serde_json::{Value, json};

use crate::{
    bounds::session,
    home::Home,
    running::Running,
    served::{Served, post_body},
};

/// Tokens that an answer may take of a model's context; a token has three characters or more in such texts.
const CONTEXT: usize = 25_000;

/// A tool's answer, which must be none of its refusals.
fn answer(server: &Running, tool: &str, arguments: Value) -> Value {
    let result = server.tool(tool, arguments);
    assert_ne!(result["isError"], true, "{tool}: {result}");
    result["structuredContent"].clone()
}

#[test]
fn a_session_that_was_opened_before_a_restart_goes_on_after_it() {
    let home = Home::sqlite(1);
    let key = &home.keys[0].1;
    let mut server = Served::start(&home, &[]);
    let id = session(&server, key);
    server.terminate();
    assert!(server.ended().success());
    let server = Served::start(&home, &[]);
    let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" }).to_string();
    let ask = |id: &str| {
        let legacy =
            [("mcp-protocol-version", ""), ("mcp-method", ""), ("mcp-name", ""), ("mcp-session-id", id)];
        server.raw(post_body(&legacy, key, "", "", &list).as_bytes()).status
    };
    assert_eq!((ask(&id), ask(&id.chars().rev().collect::<String>())), (200, 404));
}

#[test]
fn a_description_of_65_536_characters_and_a_title_with_dashes_and_signs_come_back_as_they_were() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let title = "Überweisung “sofort” — 即时转账 – and: back/forth? (50 %) 🚀";
    let description = "Größe 大き — ende. ".repeat(6_000).chars().take(65_536).collect::<String>();
    let made = answer(
        &server,
        "pm33_create_work_item",
        json!({ "type": "story", "title": title, "description": description }),
    );
    let found =
        answer(&server, "pm33_query_backlog", json!({ "ids": [made["item"]["key"]], "columns": "full" }));
    assert_eq!(
        (&found["items"][0]["title"], &found["items"][0]["description_chars"]),
        (&json!(title), &json!(65_536))
    );
    let uri = format!("pm33://item/harbor/{}", made["item"]["key"].as_str().expect("a key"));
    let read = server.call("resources/read", json!({ "uri": uri })).json();
    let whole: Value =
        serde_json::from_str(read["result"]["contents"][0]["text"].as_str().expect("text")).expect("JSON");
    assert!(whole["item"]["description"] == description, "it is as it was sent");
}

#[test]
fn objectives_dependencies_and_custom_fields_are_taken_with_the_item_in_one_call() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let made = answer(
        &server,
        "pm33_create_work_item",
        json!({
            "type": "feature", "title": "Payouts on the day of the sale", "custom_fields": { "region": "EU", "risk": 3 },
            "objectives": [{ "objective": "Close the books in one day", "weight": 0.5 }],
            "dependencies": [{ "on": "HAR-203", "lag_days": 2 }],
        }),
    );
    let found =
        answer(&server, "pm33_query_backlog", json!({ "ids": [made["item"]["key"]], "columns": "full" }));
    let item = &found["items"][0];
    assert_eq!(
        item["objectives"],
        json!([{ "objective": "Close the books in one day", "weight": 0.5 }]),
        "{item}"
    );
    assert_eq!(item["dependencies"], json!([{ "on": "HAR-203", "lag_days": 2 }]), "{item}");
    assert_eq!(item["custom_fields"]["region"], "EU", "{item}");
    assert_eq!(item["custom_fields"]["risk"].as_f64(), Some(3.0), "{item}");
}

#[test]
fn an_item_of_any_type_is_forecast_ranked_aligned_compared_and_written_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    for kind in ["idea", "feature", "epic", "story", "task", "bug", "improvement", "brief"] {
        let title = format!("Receipts by post as one {kind}");
        let made = json!({ "type": kind, "title": title, "team": "Checkout", "on_duplicate": "create" });
        let made = answer(&server, "pm33_create_work_item", made);
        let key = &made["item"]["key"];
        assert_eq!(made["item"]["type"], kind);
        if kind == "epic" {
            let part =
                json!({ "type": "story", "title": "Print the receipt", "team": "Checkout", "parent": key });
            answer(&server, "pm33_create_work_item", part);
        }
        let ranked = answer(&server, "pm33_optimize_priorities", json!({ "ids": [key] }));
        assert_eq!(ranked["items"][0]["key"], *key, "{ranked}");
        let forecast = answer(&server, "pm33_forecast_delivery", json!({ "ids": [key], "trials": 1_000 }));
        assert_eq!(forecast["forecast"]["question"], "when", "{kind}: {forecast}");
        let aligned = answer(&server, "pm33_score_alignment", json!({ "items": [key] }));
        assert_eq!(aligned["items"][0]["item"], *key, "{aligned}");
        let similar = answer(&server, "pm33_find_similar", json!({ "item": key, "least": 0.1 }));
        assert_eq!(similar["state"], "ok", "{kind}: {similar}");
        let written = json!({ "item": key, "template": "one_pager", "ask": false });
        let written = answer(&server, "pm33_generate_prd", written);
        assert_eq!(written["document"]["about"], *key, "{written}");
    }
}

#[test]
fn thirty_calls_at_once_are_all_answered() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let made: Vec<Value> = std::thread::scope(|scope| {
        let server = &server;
        let call = |number: u32| {
            let title = format!("Part {number} of the crowd");
            let arguments =
                json!({ "type": "task", "title": title, "on_duplicate": "create", "labels": ["crowd"] });
            scope.spawn(move || answer(server, "pm33_create_work_item", arguments))
        };
        let calls: Vec<_> = (0..30).map(call).collect();
        calls.into_iter().map(|call| call.join().expect("an answer")).collect()
    });
    let mut keys: Vec<_> = made.iter().filter_map(|one| one["item"]["key"].as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 30, "each has a key of its own");
    assert_eq!(answer(&server, "pm33_query_backlog", json!({ "label": ["crowd"] }))["total"], 30);
}

#[test]
fn a_large_critical_item_keeps_a_high_tier_and_shows_its_shares_and_that_it_should_be_split() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let scoring = json!({ "business_value": 1, "time_criticality": 1, "risk_reduction": 1 });
    let change = json!({ "item": "HAR-710", "priority": "critical", "story_points": 13, "scoring": scoring });
    answer(&server, "pm33_update_work_item", change);
    let ranked = answer(&server, "pm33_optimize_priorities", json!({ "limit": 200 }));
    let items = ranked["items"].as_array().expect("items");
    let item = items.iter().find(|item| item["key"] == "HAR-710").expect("the item");
    assert!(item["rank"].as_u64() > Some(30), "by its score alone it is far down: {item}");
    assert_eq!((&item["tier"], &item["tier_reason"]), (&json!("P1"), &json!("critical_floor")), "{item}");
    let shares = item["shares"].as_array().expect("shares");
    assert!(
        (shares.iter().filter_map(|one| one["share"].as_f64()).sum::<f64>() - 1.0).abs() < 1e-5,
        "{item}"
    );
    let mut split = ranked["split"].as_array().expect("advice").iter();
    assert!(split.any(|one| one["key"] == "HAR-710" && one["size"] == 13.0), "{}", ranked["split"]);
}

#[test]
fn an_answer_fits_a_models_context_and_says_how_to_get_the_rest() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let many: Vec<Value> = (0..100)
        .map(|number| {
            let description = "All that is known of it, at some length. ".repeat(1_500);
            let title = format!("Case {number} {}", "with a long title ".repeat(20));
            json!({ "create": { "type": "task", "title": title, "description": description, "on_duplicate": "create" } })
        })
        .collect();
    for entries in many.chunks(10) {
        answer(&server, "pm33_batch_work_items", json!({ "entries": entries }));
    }
    for (tool, arguments) in [
        ("pm33_query_backlog", json!({})),
        ("pm33_query_backlog", json!({ "sort": "created", "columns": "full" })),
        ("pm33_strategic_context", json!({})),
        ("pm33_competitive_threats", json!({})),
        ("pm33_optimize_priorities", json!({})),
        ("pm33_schedule_portfolio", json!({})),
        ("pm33_analyze_velocity", json!({})),
        ("pm33_forecast_delivery", json!({})),
        ("pm33_query_audit_log", json!({})),
    ] {
        let result = server.tool(tool, arguments);
        let text = result["content"][0]["text"].as_str().expect("text");
        assert!(text.chars().count() / 3 < CONTEXT, "{tool} takes {} characters", text.chars().count());
    }
    let first = answer(&server, "pm33_query_backlog", json!({ "text": "case" }));
    let shown = first["items"].as_array().expect("items").len() as u64;
    assert!(first["total"] == 100 && shown < 100, "{shown} of {}", first["total"]);
    let rest =
        answer(&server, "pm33_query_backlog", json!({ "text": "case", "cursor": first["next_cursor"] }));
    assert_ne!(rest["items"][0]["key"], first["items"][0]["key"]);
}

#[test]
fn the_same_question_gets_the_same_ranks_and_dates_from_another_process_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let ask = |server: &Running| -> Vec<Value> {
        [
            ("pm33_optimize_priorities", json!({})),
            ("pm33_schedule_portfolio", json!({ "start": "2031-01-06" })),
            ("pm33_forecast_delivery", json!({ "epic": "HAR-1" })),
        ]
        .map(|(tool, arguments)| {
            let mut told = answer(server, tool, arguments);
            told["as_of"] = json!(null);
            if told["forecast"].is_object() {
                told["forecast"]["as_of"] = json!(null);
            }
            told
        })
        .to_vec()
    };
    let server = Running::start(folder.path());
    let first = ask(&server);
    assert_eq!(first, ask(&server));
    server.stop();
    assert_eq!(first, ask(&Running::start(folder.path())));
}
