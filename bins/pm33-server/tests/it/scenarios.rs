//! Scenarios on the sample: nothing is written by asking, all or nothing by applying, and only what was confirmed.

use serde_json::{Value, json};

use crate::running::{Running, answer, refusal};

/// Today's plan, without its time.
fn plan(server: &Running) -> Value {
    let mut plan = answer(server, "pm33_schedule_portfolio", &json!({}));
    plan.as_object_mut().expect("a plan").remove("as_of");
    plan
}

#[test]
fn losing_half_a_team_is_later_and_nothing_is_written_until_it_is_confirmed() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let before = plan(&server);
    let changes = json!([{ "change": "set_capacity", "team": "checkout", "points": 3.5 }]);
    let told = answer(&server, "pm33_simulate_scenario", &json!({ "changes": changes }));
    let moved: Vec<_> = told["epics"]
        .as_array()
        .expect("epics")
        .iter()
        .filter(|one| one["days"]["mean"].as_f64() > Some(1.0))
        .collect();
    // Checkout's two, and the one that waits for one of them.
    assert_eq!(moved.len(), 3, "{told}");
    assert!(moved.iter().all(|one| one["days"]["low"].as_f64() > Some(0.0)), "later in every trial: {told}");
    assert!(told["worse"].as_array().is_some_and(|worse| !worse.is_empty()), "{told}");
    assert_eq!(plan(&server), before, "asking changes nothing");

    let apply = |changes: &Value, confirm: &Value| json!({ "changes": changes, "confirm": confirm });
    let words = refusal(&server, "pm33_apply_scenario", &json!({ "changes": changes }));
    assert!(words.contains("confirm") && words.contains("pm33_simulate_scenario"), "{words}");
    let other = json!([{ "change": "set_capacity", "team": "checkout", "points": 0.5 }]);
    let words = refusal(&server, "pm33_apply_scenario", &apply(&other, &told["confirm"]));
    assert!(words.contains("exactly these changes"), "{words}");
    let dry = answer(&server, "pm33_apply_scenario", &json!({ "changes": changes, "dry_run": true }));
    assert_eq!((&dry["action"], &dry["items"]), (&json!("dry_run"), &json!([])));
    assert_eq!(plan(&server), before, "refused and dry calls change nothing");

    let mut keyed = apply(&changes, &told["confirm"]);
    keyed["idempotency_key"] = json!("half-1");
    let applied = answer(&server, "pm33_apply_scenario", &keyed);
    assert_eq!(applied["action"], "applied");
    assert_eq!(applied, answer(&server, "pm33_apply_scenario", &keyed), "a lost answer is given again");
    let after = plan(&server);
    assert_eq!(after["end"], told["scenario_end"], "the plan is the simulated one");
    let words = refusal(&server, "pm33_apply_scenario", &apply(&changes, &told["confirm"]));
    assert!(words.contains("changed since") && words.contains("simulate"), "{words}");
    let audit = answer(&server, "pm33_query_audit_log", &json!({ "target": "pm33_apply_scenario" }));
    assert_eq!(
        audit["rows"].as_array().map(Vec::len),
        Some(6),
        "every call has its row, the refused too: {audit}"
    );
}

#[test]
fn a_change_and_its_reverse_are_no_change() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let changes = json!([
        { "change": "set_capacity", "team": "Checkout", "points": 2 },
        { "change": "reprioritise", "epic": "HAR-1", "priority": "low" },
        { "change": "add_epic", "epic": "NEW-1", "title": "Passing thought", "points": 40, "depends_on": ["HAR-1"] },
        { "change": "remove_epic", "epic": "NEW-1" },
        { "change": "reprioritise", "epic": "HAR-1", "priority": "critical" },
        { "change": "set_capacity", "team": "Checkout", "points": 7.5 },
    ]);
    let told = answer(&server, "pm33_simulate_scenario", &json!({ "changes": changes }));
    assert_eq!(told["end"], told["scenario_end"]);
    let still = |one: &Value| ["mean", "low", "high"].iter().all(|part| one[part] == 0.0);
    assert!(
        ["end_days", "value_by_date", "objectives_by_date"].iter().all(|part| still(&told[part])),
        "{told}"
    );
    assert!(told["epics"].as_array().expect("epics").iter().all(|one| still(&one["days"])), "{told}");
    assert_eq!(told["worse"], json!([]));
    assert!(told["summary"].as_str().is_some_and(|words| words.contains("Nothing gets worse")), "{told}");
}

#[test]
fn a_scenario_is_written_whole_or_not_at_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let due = || {
        let found = answer(&server, "pm33_query_backlog", &json!({ "ids": ["HAR-1"], "columns": "full" }));
        found["items"][0]["due_date"].clone()
    };
    // The second cannot be written: the epic's size is that of its items.
    let changes = json!([
        { "change": "set_due", "epic": "HAR-1", "due_date": "2031-03-31" },
        { "change": "resize_epic", "epic": "HAR-1", "points": 99 },
    ]);
    let told = answer(&server, "pm33_simulate_scenario", &json!({ "changes": changes }));
    assert_eq!(told["cannot_be_written"].as_array().map(Vec::len), Some(1), "{told}");
    let words =
        refusal(&server, "pm33_apply_scenario", &json!({ "changes": changes, "confirm": told["confirm"] }));
    assert!(words.contains("change 2") && words.contains("nothing was written"), "{words}");
    assert_ne!(due(), "2031-03-31");

    let changes = json!([
        { "change": "add_epic", "epic": "NEW-1", "title": "Invoices by post", "points": 13, "team": "Ledger",
          "priority": "low", "depends_on": ["HAR-1"], "lag_days": 5 },
        { "change": "add_epic", "epic": "NEW-2", "title": "Stamps", "points": 3, "depends_on": ["NEW-1"] },
        { "change": "set_due", "epic": "HAR-1", "due_date": "2031-03-31" },
        { "change": "hire", "team": "Ledger", "from": "2031-01-01", "points": 3, "ramp_weeks": 8 },
    ]);
    let told = answer(&server, "pm33_simulate_scenario", &json!({ "changes": changes }));
    let applied =
        answer(&server, "pm33_apply_scenario", &json!({ "changes": changes, "confirm": told["confirm"] }));
    assert_eq!(applied["items"].as_array().map(Vec::len), Some(3), "{applied}");
    assert_eq!(due(), "2031-03-31");
    let stamps = &applied["items"][1];
    let found = answer(&server, "pm33_query_backlog", &json!({ "ids": [stamps], "columns": "full" }));
    assert_eq!(found["items"][0]["dependencies"][0]["on"], applied["items"][0], "{found}");
    let plan = plan(&server);
    assert_eq!(plan["total"], 13, "{plan}");
    assert_eq!(plan["end"], told["scenario_end"], "what was simulated is what is there now");
}

#[test]
fn changes_that_make_no_sense_are_named_by_their_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    for (change, parts) in [
        (json!({ "change": "set_capacity", "points": 3 }), vec!["change 2 (set_capacity)", "needs team"]),
        (json!({ "change": "hire" }), vec!["change 2 (hire): it needs team, from, points"]),
        (
            json!({ "change": "remove_epic", "epic": "HAR-9999" }),
            vec!["change 2", "no epic HAR-9999", "HAR-1"],
        ),
        (
            json!({ "change": "set_capacity", "team": "Nobody", "points": 3 }),
            vec!["change 2", "Nobody", "Checkout"],
        ),
        (
            json!({ "change": "add_epic", "epic": "har-1", "title": "Twice", "points": 3 }),
            vec!["change 2", "there already"],
        ),
        (
            json!({ "change": "add_absence", "team": "Ledger", "from": "2027-02-02", "to": "2027-02-01" }),
            vec!["before from"],
        ),
        (
            json!({ "change": "set_dependencies", "epic": "HAR-1", "depends_on": ["HAR-1"] }),
            vec!["wait for itself"],
        ),
    ] {
        let changes = json!({ "changes": [{ "change": "set_due", "epic": "HAR-1" }, change] });
        let words = refusal(&server, "pm33_simulate_scenario", &changes);
        for part in parts {
            assert!(words.contains(part), "{part}: {words}");
        }
    }
}
