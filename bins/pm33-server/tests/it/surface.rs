//! What agents do all day beside single items, on the real server: batches, links, near-duplicates, strategy, teams, audit.

use serde_json::{Value, json};

use crate::running::Running;

fn total(server: &Running, text: &str) -> u64 {
    let found = server.tool("pm33_query_backlog", json!({ "text": text, "mode": "full" }));
    found["structuredContent"]["total"].as_u64().unwrap_or_else(|| panic!("{found}"))
}

fn text(result: &Value) -> &str {
    result["content"][0]["text"].as_str().unwrap_or_default()
}

#[test]
fn a_batch_files_an_epic_with_its_stories_and_a_replay_files_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let batch = json!({ "idempotency_key": "b-1", "entries": [
        { "name": "epic", "create": { "type": "epic", "title": "Zeppelin freight insurance" } },
        { "name": "first", "create": { "type": "story", "title": "Zeppelin quotes by weight", "parent": "@epic" } },
        { "create": { "type": "story", "title": "Claims for dropped zeppelin cargo", "parent": "@epic",
          "dependencies": [{ "on": "@first", "lag_days": 3 }] } },
        { "update": { "item": "@epic", "status": "planned" } },
    ] });
    let done = server.tool("pm33_batch_work_items", batch.clone());
    let actions: Vec<_> = done["structuredContent"]["results"]
        .as_array()
        .expect("results")
        .iter()
        .map(|one| &one["action"])
        .collect();
    assert_eq!(actions, ["created", "created", "created", "updated"], "{done}");
    let epic = &done["structuredContent"]["results"][0]["key"];
    let below = server.tool("pm33_query_backlog", json!({ "epic": epic, "columns": "full" }));
    assert_eq!(below["structuredContent"]["total"], 2, "{below}");
    let again = server.tool("pm33_batch_work_items", batch);
    assert_eq!(again["structuredContent"], done["structuredContent"]);
    assert_eq!(total(&server, "zeppelin"), 3);
}

#[test]
fn one_bad_entry_stops_the_whole_batch_or_only_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let entries = json!([
        { "create": { "type": "task", "title": "Quokka census form" } },
        { "update": { "item": "HAR-1", "if_version": 99, "priority": "low" } },
        { "create": { "type": "task", "title": "Wombat census form", "parent": "HAR-999999" } },
        { "create": { "type": "task", "title": "Numbat census tally", "dry_run": true } },
    ]);
    let refused = server.tool("pm33_batch_work_items", json!({ "entries": entries }));
    assert_eq!(refused["isError"], true, "{refused}");
    for entry in ["entry 1", "entry 2", "entry 3"] {
        assert!(text(&refused).contains(entry), "{refused}");
    }
    assert_eq!(total(&server, "census"), 0);
    let dry = server.tool("pm33_batch_work_items", json!({ "entries": [entries[0]], "dry_run": true }));
    assert_eq!(dry["structuredContent"]["succeeded"], 1, "{dry}");
    assert_eq!(total(&server, "census"), 0);
    let each = server.tool("pm33_batch_work_items", json!({ "entries": entries, "mode": "each" }));
    assert_eq!(
        (&each["structuredContent"]["succeeded"], &each["structuredContent"]["failed"]),
        (&json!(1), &json!(3)),
        "{each}"
    );
    assert_eq!(total(&server, "census"), 1);
    // A duplicate inside one batch is one too.
    let twice = json!([entries[0], entries[0]]);
    let refused = server.tool("pm33_batch_work_items", json!({ "entries": twice }));
    assert!(text(&refused).contains("similar items exist"), "{refused}");
}

#[test]
fn links_are_made_once_both_ways_where_they_have_no_order_and_taken_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let link =
        |arguments: Value| server.tool("pm33_link_items", arguments)["structuredContent"]["state"].clone();
    let related = json!({ "item": "HAR-2", "link": "related", "to": "HAR-5" });
    assert_eq!(link(related.clone()), "linked");
    assert_eq!(link(json!({ "item": "HAR-5", "link": "related", "to": "HAR-2" })), "unchanged");
    assert_eq!(
        link(json!({ "item": "HAR-5", "link": "related", "to": "HAR-2", "action": "remove" })),
        "removed"
    );
    assert_eq!(
        link(json!({ "item": "HAR-2", "link": "related", "to": "HAR-5", "action": "remove" })),
        "unchanged"
    );
    assert_eq!(
        link(json!({ "item": "HAR-2", "link": "depends_on", "to": "HAR-5", "lag_days": 4 })),
        "linked"
    );
    let circle =
        server.tool("pm33_link_items", json!({ "item": "HAR-5", "link": "depends_on", "to": "HAR-2" }));
    assert!(text(&circle).contains("circle"), "{circle}");
    assert_eq!(
        link(json!({ "item": "HAR-2", "link": "depends_on", "to": "HAR-5", "action": "remove" })),
        "removed"
    );
    let objective = "Close the books in one day";
    let served =
        server.tool("pm33_link_objective", json!({ "item": "HAR-5", "objective": objective, "weight": 0.4 }));
    let served = &served["structuredContent"]["objectives"];
    assert!(
        served.as_array().is_some_and(|all| all.contains(&json!({ "objective": objective, "weight": 0.4 }))),
        "{served}"
    );
    let wrong = server.tool("pm33_link_objective", json!({ "item": "HAR-5", "objective": "Nothing" }));
    assert!(text(&wrong).contains(objective), "{wrong}");
}

#[test]
fn the_strategy_is_written_and_told_with_the_state_of_each_part() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let objective = json!({ "title": "Refunds without a phone call", "period": "2027-Q1", "weight": 0.1,
        "key_results": [{ "title": "Refunds that need support", "baseline": 18, "target": 3, "unit": "%" }] });
    let made = server.tool("pm33_manage_objective", json!({ "objective": objective }));
    assert_eq!(made["structuredContent"]["objective"]["key_results"][0]["current"], 18.0, "{made}");
    let check_in = json!({ "objective": "refunds without a phone call", "key_result": "Refunds that need support",
        "value": 12, "note": "self-service is live" });
    let checked = server.tool("pm33_manage_objective", json!({ "check_in": check_in }));
    let key = &checked["structuredContent"]["objective"]["key_results"][0];
    assert_eq!(
        (&key["current"], &key["progress"], &key["check_ins"]),
        (&json!(12.0), &json!(0.4), &json!(1)),
        "{key}"
    );
    let signal = json!({ "kind": "launch", "note": "Instant refunds", "date": "2026-10-02", "source": "https://example.com/x", "strength": 0.6 });
    let rival = json!({ "competitor": "Northpay", "tier": 1, "signals": [signal],
        "capabilities": [{ "name": "Instant refunds", "theirs": "covered", "ours": "not", "items": ["HAR-2"] }] });
    let known = server.tool("pm33_manage_competitor", rival.clone());
    assert_eq!(known["structuredContent"]["action"], "created", "{known}");
    assert_eq!(server.tool("pm33_manage_competitor", rival)["structuredContent"]["action"], "unchanged");
    let context = server.tool("pm33_strategic_context", json!({}))["structuredContent"].clone();
    assert_eq!(context["objectives"]["state"], "ok", "{context}");
    let threats = context["competition"]["content"].as_array().expect("threats");
    let gap = threats.iter().find(|one| one["competitor"] == "Northpay").expect("the rival");
    assert_eq!((&gap["gaps"], &gap["seen"]), (&json!(["Instant refunds"]), &json!("2026-10-02")));
    let landscape =
        server.call("resources/read", json!({ "uri": "pm33://competitive/harbor/landscape" })).json();
    assert!(landscape.to_string().contains("Northpay"), "{landscape}");
    let strategy = server.call("resources/read", json!({ "uri": "pm33://strategy/harbor" })).json();
    assert!(strategy.to_string().contains("Refunds without a phone call"), "{strategy}");
}

#[test]
fn an_empty_workspace_is_told_as_empty_with_the_next_step() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let made = server.tool(
        "pm33_manage_team",
        json!({ "team": "Night shift", "capacity_per_week": 5,
        "calendar": { "time_zone": "Europe/Nowhere", "weekdays": ["monday"] } }),
    );
    assert!(text(&made).contains("calendar.time_zone"), "{made}");
    let calendar = json!({ "time_zone": "Asia/Tokyo", "weekdays": ["monday", "friday"], "holidays": ["2026-12-31"],
        "absences": [{ "from": "2026-12-01", "to": "2026-12-02", "share": 0.5 }] });
    let sprint =
        json!({ "name": "Night 1", "start": "2026-12-01", "end": "2026-12-14", "committed": ["HAR-2"] });
    let made = server
        .tool("pm33_manage_team", json!({ "team": "Night shift", "calendar": calendar, "sprint": sprint }));
    let content = &made["structuredContent"];
    assert_eq!((&content["action"], &content["team"]["calendar"]), (&json!("created"), &calendar), "{made}");
    assert_eq!(content["sprint"]["committed"], json!(["HAR-2"]));
    assert_eq!(content["sprint"]["action"], "created", "{made}");
    let cleared = server.tool("pm33_manage_team", json!({ "team": "night SHIFT", "calendar": null }));
    assert_eq!(cleared["structuredContent"]["action"], "updated", "{cleared}");
    assert!(cleared["structuredContent"]["team"].get("calendar").is_none(), "{cleared}");
}

#[test]
fn a_team_and_its_sprint_each_tell_what_was_or_would_be_done() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    server.tool("pm33_manage_team", json!({ "team": "Night shift", "capacity_per_week": 5 }));
    let sprint = json!({ "name": "Night 1", "start": "2026-12-01", "end": "2026-12-14" });
    let told = |team: &str, dry_run: bool| {
        let sent = json!({ "team": team, "sprint": sprint, "dry_run": dry_run });
        let content = server.tool("pm33_manage_team", sent)["structuredContent"].clone();
        let of = |one: &Value| (one["action"].clone(), one["would_be"].clone());
        [of(&content), of(&content["sprint"])]
    };
    let dry = |word: &str| (json!("dry_run"), json!(word));
    let done = |word: &str| (json!(word), Value::Null);
    assert_eq!(told("Nihgt shift", true), [dry("created"), dry("created")]);
    assert_eq!(told("Night shift", true), [dry("unchanged"), dry("created")]);
    assert_eq!(told("Night shift", false), [done("unchanged"), done("created")]);
    assert_eq!(told("Night shift", false), [done("unchanged"), done("unchanged")]);
}

#[test]
fn the_audit_log_tells_every_call_and_that_its_chain_holds() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    server.tool("pm33_query_backlog", json!({ "limit": 1 }));
    server.tool("pm33_update_work_item", json!({ "item": "HAR-999999", "priority": "low" }));
    let failed = server.tool("pm33_query_audit_log", json!({ "outcome": "failed", "chain": "check" }));
    let content = &failed["structuredContent"];
    assert_eq!(content["chain"]["holds"], true, "{failed}");
    let rows = content["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 1, "{failed}");
    assert_eq!(rows[0]["target"], "pm33_update_work_item");
    let first = server.tool("pm33_query_audit_log", json!({ "limit": 2 }))["structuredContent"].clone();
    let second = server.tool("pm33_query_audit_log", json!({ "limit": 2, "below": first["next_below"] }));
    let number = |page: &Value, index: usize| page["rows"][index]["number"].as_u64().expect("a number");
    assert_eq!(number(&first, 1) - 1, number(&second["structuredContent"], 0), "{first} {second}");
    let by_call = json!({ "correlation": rows[0]["correlation"] });
    let one = server.tool("pm33_query_audit_log", by_call);
    assert_eq!(one["structuredContent"]["rows"].as_array().map(Vec::len), Some(1), "{one}");
}

#[test]
fn similar_items_are_found_by_text_and_by_item() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let title = server.tool("pm33_query_backlog", json!({ "ids": ["HAR-2"] }));
    let title = &title["structuredContent"]["items"][0]["title"];
    let by_text = server.tool("pm33_find_similar", json!({ "text": title }));
    assert_eq!(by_text["structuredContent"]["items"][0]["key"], "HAR-2", "{by_text}");
    assert_eq!(by_text["structuredContent"]["items"][0]["score"], 1.0);
    let by_item = server.tool("pm33_find_similar", json!({ "item": "HAR-2" }));
    let items = by_item["structuredContent"]["items"].as_array().expect("items");
    assert!(items.iter().all(|one| one["key"] != "HAR-2"), "{by_item}");
    let neither = server.tool("pm33_find_similar", json!({}));
    assert_eq!(neither["isError"], true);
}
