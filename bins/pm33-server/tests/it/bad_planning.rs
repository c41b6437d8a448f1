//! Planning on data that is not what planning would like: each question gets an answer that fits its schema, or words that
//! say what is missing and what to call next. Never a number that nobody can vouch for.

use pm33_product::{ItemType, NewItem};
use serde_json::{Value, json};

use crate::{
    desk::{Desk, Filling, after, ago, epic, finished, item, team, team_in, year},
    length::length,
};

/// Words that send on to a tool.
fn sends_on(words: &str) {
    assert!(words.contains("pm33_"), "no next call: {words}");
}

/// Every question of planning, each answered or refused with a next call; how many were answered.
fn all_questions(desk: &Desk) -> usize {
    let more = json!([{ "change": "add_epic", "epic": "NEW-1", "title": "One more", "points": 5 }]);
    let questions = [
        ("pm33_analyze_velocity", json!({})),
        ("pm33_forecast_delivery", json!({})),
        ("pm33_forecast_delivery", json!({ "until": "2028-02-29" })),
        ("pm33_save_forecast", json!({ "name": "x", "forecast": {}, "dry_run": true })),
        ("pm33_compare_forecasts", json!({})),
        ("pm33_optimize_priorities", json!({})),
        ("pm33_optimize_priorities", json!({ "method": "rice" })),
        ("pm33_optimize_priorities", json!({ "method": "technical_risk" })),
        ("pm33_optimize_priorities", json!({ "weights": { "size": 0, "risk_reduction": 10 } })),
        ("pm33_schedule_portfolio", json!({ "effort": 20 })),
        ("pm33_simulate_scenario", json!({ "changes": more, "effort": 20 })),
        ("pm33_apply_scenario", json!({ "changes": more, "dry_run": true })),
        ("pm33_competitive_threats", json!({})),
        ("pm33_strategic_context", json!({})),
    ];
    let mut answered = 0;
    for (tool, arguments) in questions {
        let result = desk.either(tool, &arguments);
        match result {
            Ok(_) => answered += 1,
            Err(words) => sends_on(&words),
        }
    }
    answered
}

impl Desk {
    /// An answer that fits its schema, or the words of a refusal.
    fn either(&self, tool: &str, arguments: &Value) -> Result<Value, String> {
        let result = self.call(tool, arguments);
        if result["isError"] == true {
            Err(self.refusal(tool, arguments))
        } else {
            Ok(self.answer(tool, arguments))
        }
    }
}

#[test]
fn a_workspace_without_anything() {
    let desk = Desk::with(Filling::default());
    assert_eq!(
        all_questions(&desk),
        4,
        "velocity, saved forecasts, threats and the bundle have empty answers"
    );
    let velocity = desk.answer("pm33_analyze_velocity", &json!({}));
    assert!(velocity["summary"].as_str().is_some_and(|words| words.contains("import")), "{velocity}");
    let forecast = desk.refusal("pm33_forecast_delivery", &json!({}));
    assert!(forecast.contains("no items yet") && forecast.contains("pm33_import_work_items"), "{forecast}");
    let schedule = desk.refusal("pm33_schedule_portfolio", &json!({}));
    assert!(schedule.contains("open epics with points"), "{schedule}");
    let changes = json!({ "changes": [{ "change": "set_capacity", "team": "Core", "points": 3 }] });
    sends_on(&desk.refusal("pm33_simulate_scenario", &changes));
}

#[test]
fn one_finished_item_is_no_history() {
    let core = team("Core", Some(10.0));
    let items = vec![finished("Alone", Some(core.id), ago(3)), item(ItemType::Story, "Open", Some(core.id))];
    let desk = Desk::with(Filling { teams: vec![core], items });
    all_questions(&desk);
    let words = desk.refusal("pm33_forecast_delivery", &json!({ "team": ["Core"] }));
    for part in ["Core", "on 1 day)", "fewer than 5 days", "W0-2", "pm33_import_work_items"] {
        assert!(words.contains(part), "{part}: {words}");
    }
    let report = desk.answer("pm33_analyze_velocity", &json!({}))["teams"][0]["report"].clone();
    assert_eq!(report["cycle_time"]["state"], "not_enough_data", "{report}");
    assert_eq!(report["velocity"]["points"]["state"], "not_enough_data", "{report}");
}

#[test]
fn what_was_finished_at_an_unknown_time_is_told_and_counts_nowhere() {
    let core = team("Core", Some(10.0));
    let dated = (1..=140).step_by(7).map(|days| finished("Weekly", Some(core.id), ago(days)));
    let undated = (0..6).map(|_| {
        let begun = finished("Some day", Some(core.id), ago(90));
        NewItem { finished: None, started: Some(ago(90)), ..begun }
    });
    let items = dated.chain(undated).chain([item(ItemType::Story, "Open", Some(core.id))]).collect();
    let desk = Desk::with(Filling { teams: vec![core], items });
    let velocity = desk.answer("pm33_analyze_velocity", &json!({}));
    let report = &velocity["teams"][0]["report"];
    assert_eq!((&report["done_undated"], &report["work_in_progress"]["items"]), (&json!(6), &json!(0)));
    assert!(
        report["throughput"]["items"]["value"]["mean"].as_f64().is_some_and(|mean| mean < 1.1),
        "{report}"
    );
    let words = velocity["summary"].as_str().expect("words");
    assert!(words.contains("6 done items have no time of finish"), "{words}");
    let forecast = desk.answer("pm33_forecast_delivery", &json!({}));
    assert_eq!(forecast["forecast"]["teams"][0]["done_undated"], 6);
    let words = forecast["summary"].as_str().expect("words");
    assert!(words.contains("Core (6)") && words.contains("too late"), "{words}");
}

#[test]
fn many_teams_without_a_past_are_told_together() {
    let teams: Vec<_> = (0..24).map(|number| team(&format!("Team {number:02}"), Some(10.0))).collect();
    let items = teams.iter().map(|team| item(ItemType::Story, "Open", Some(team.id))).collect();
    let desk = Desk::with(Filling { teams, items });
    let words = desk.refusal("pm33_forecast_delivery", &json!({}));
    assert!(
        words.contains("Team 00 with 1 open item,") && words.contains("16 other teams with 16 open items"),
        "{words}"
    );
    assert_eq!(words.matches("fewer than 5 days").count(), 1, "{words}");
    let velocity = desk.answer("pm33_analyze_velocity", &json!({}));
    let words = velocity["summary"].as_str().expect("words");
    assert!(words.starts_with("Not enough data") && words.contains("and 16 other teams"), "{words}");
}

#[test]
fn velocity_shows_the_latest_weeks_and_more_of_a_named_team() {
    let core = team("Core", Some(10.0));
    let items = (1..=140).step_by(7).map(|days| finished("Weekly", Some(core.id), ago(days))).collect();
    let desk = Desk::with(Filling { teams: vec![core], items });
    let weeks = |arguments: Value| {
        let answer = desk.answer("pm33_analyze_velocity", &arguments);
        answer["teams"][0]["report"]["throughput"]["weeks"].as_array().map(Vec::len)
    };
    assert_eq!(weeks(json!({})), Some(12));
    assert_eq!(weeks(json!({ "latest": 2 })), Some(2));
    assert!(weeks(json!({ "team": "Core", "latest": 260 })) >= Some(19));
    let words = desk.refusal("pm33_analyze_velocity", &json!({ "latest": 13 }));
    assert!(words.contains("name a `team`"), "{words}");
}

#[test]
fn what_waits_for_itself_is_told_as_a_circle() {
    let core = team("Core", Some(10.0));
    let first = epic("First", 5.0, Some(core.id));
    let second = NewItem { dependencies: after(&first), ..epic("Second", 5.0, Some(core.id)) };
    let desk = Desk::with(Filling { teams: vec![core], items: vec![first, second] });
    let back = json!({ "item": "W0-1", "link": "depends_on", "to": "W0-2" });
    let words = desk.refusal("pm33_link_items", &back);
    assert!(words.contains("circle") && words.contains("W0-1") && words.contains("W0-2"), "{words}");
    let changes =
        json!({ "changes": [{ "change": "set_dependencies", "epic": "W0-1", "depends_on": ["W0-2"] }] });
    let words = desk.refusal("pm33_simulate_scenario", &changes);
    assert!(words.contains("circle") && words.contains("W0-2"), "{words}");
    sends_on(&words);
    all_questions(&desk);
}

#[test]
fn what_is_in_progress_closes_a_circle_too_and_else_waits_for_nothing() {
    let core = team("Core", Some(10.0));
    let begun = NewItem { status: pm33_product::Status::InProgress, ..epic("Begun", 5.0, Some(core.id)) };
    let waits = NewItem { dependencies: after(&begun), ..epic("Waits", 5.0, Some(core.id)) };
    let free = epic("Free", 5.0, Some(core.id));
    let desk = Desk::with(Filling { teams: vec![core], items: vec![begun, waits, free] });
    let on = |key: &str| json!({ "changes": [{ "change": "set_dependencies", "epic": "W0-1", "depends_on": [key] }], "effort": 20 });
    let words = desk.refusal("pm33_simulate_scenario", &on("W0-2"));
    assert!(words.contains("in a circle: W0-1 → W0-2"), "{words}");
    sends_on(&words);
    let told = desk.answer("pm33_simulate_scenario", &on("W0-3"));
    let words = told["summary"].as_str().expect("words");
    assert!(words.contains("W0-1 is in progress and goes on whatever it waits for"), "{words}");
}

#[test]
fn the_bundle_counts_the_epics_that_it_does_not_show() {
    let core = team("Core", Some(10.0));
    let begun = |number: usize| NewItem {
        status: pm33_product::Status::InProgress,
        ..epic(&format!("Begun {number}"), 5.0, Some(core.id))
    };
    let items = (0..12).map(begun).collect();
    let desk = Desk::with(Filling { teams: vec![core.clone()], items });
    let told = desk.answer("pm33_strategic_context", &json!({}));
    let epics = &told["epics_in_progress"];
    assert_eq!((epics["content"].as_array().map(Vec::len), &epics["total"]), (Some(10), &json!(12)));
    assert!(
        told["summary"].as_str().is_some_and(|words| words.contains("12 epics are in progress")),
        "{told}"
    );
}

#[test]
fn a_plan_starts_within_ten_years() {
    let core = team("Core", Some(10.0));
    let items = vec![epic("Some", 5.0, Some(core.id))];
    let desk = Desk::with(Filling { teams: vec![core], items });
    let changes = json!([{ "change": "set_capacity", "team": "Core", "points": 3 }]);
    for start in ["9999-12-01", "0001-01-01"] {
        let asked = json!({ "start": start, "effort": 20 });
        let words = desk.refusal("pm33_schedule_portfolio", &asked);
        assert!(words.contains("more than 10 years"), "{words}");
        let asked = json!({ "start": start, "changes": changes, "effort": 20 });
        let words = desk.refusal("pm33_simulate_scenario", &asked);
        assert!(words.contains("more than 10 years"), "{words}");
    }
}

#[test]
fn pages_of_a_scenario_and_of_threats_follow_each_other() {
    let core = team("Core", Some(10.0));
    let items = vec![epic("First", 5.0, Some(core.id)), epic("Second", 5.0, Some(core.id))];
    let desk = Desk::with(Filling { teams: vec![core], items });
    let changes = json!([{ "change": "set_capacity", "team": "Core", "points": 3 }]);
    let page = |skip| {
        let asked = json!({ "changes": changes, "effort": 20, "limit": 1, "skip": skip });
        let told = desk.answer("pm33_simulate_scenario", &asked);
        let keys: Vec<_> =
            told["epics"].as_array().expect("epics").iter().map(|one| one["key"].clone()).collect();
        (keys, told["next_skip"].clone())
    };
    let (first, second) = (page(0), page(1));
    assert_eq!((first.0.len(), first.1, second.0.len(), second.1), (1, json!(1), 1, Value::Null));
    assert_ne!(first.0, second.0);
    assert_eq!(page(1_000_000), (vec![], Value::Null));
    for (name, strength) in [("Near", 0.9), ("Far", 0.2)] {
        let today = json!({ "kind": "launch", "note": "Seen", "date": ago(1).to_string()[..10], "source": "https://example.com/x", "strength": strength });
        desk.answer(
            "pm33_manage_competitor",
            &json!({ "competitor": name, "tier": 1, "signals": [today],
            "capabilities": [{ "name": "Refunds", "theirs": "covered", "ours": "partly" }] }),
        );
    }
    let threats = desk.answer("pm33_competitive_threats", &json!({ "limit": 1, "skip": 1 }));
    assert_eq!((&threats["threats"][0]["name"], &threats["next_skip"]), (&json!("Far"), &Value::Null));
    assert!(
        threats["summary"].as_str().is_some_and(|words| words.starts_with("Near is the greatest")),
        "{threats}"
    );
    assert_eq!(desk.answer("pm33_competitive_threats", &json!({ "limit": 1 }))["next_skip"], 1);
}

#[test]
fn a_skill_that_nobody_has_is_named() {
    let core = team("Core", Some(10.0));
    let odd = NewItem { skills: vec!["cobol".to_owned()], ..epic("Mainframe", 5.0, None) };
    let desk = Desk::with(Filling { teams: vec![core], items: vec![odd] });
    let words = desk.refusal("pm33_schedule_portfolio", &json!({}));
    for part in ["W0-1", "cobol", "pm33_manage_team", "pm33_update_work_item"] {
        assert!(words.contains(part), "{part}: {words}");
    }
    all_questions(&desk);
}

#[test]
fn dates_that_have_passed_are_late_or_refused() {
    let core = team("Core", Some(10.0));
    let late = NewItem { due: Some(jiff::civil::date(2020, 2, 29)), ..epic("Late", 10.0, Some(core.id)) };
    let mut items = year(core.id);
    items.push(late);
    items.push(item(ItemType::Story, "Open", Some(core.id)));
    let desk = Desk::with(Filling { teams: vec![core], items });
    let plan = desk.answer("pm33_schedule_portfolio", &json!({ "effort": 20 }));
    let one = &plan["epics"][0];
    assert!(one["days_late"].as_u64() > Some(2_000), "{plan}");
    assert!(one["impossible_by_weeks"].as_f64().is_some_and(|weeks| weeks > 290.0), "{plan}");
    assert!(plan["summary"].as_str().is_some_and(|words| words.contains("1 is late")), "{plan}");
    let words = desk.refusal("pm33_forecast_delivery", &json!({ "target_date": "2020-02-29" }));
    assert!(words.contains("missed already"), "{words}");
    let words = desk.refusal("pm33_forecast_delivery", &json!({ "until": "2020-02-29" }));
    assert!(words.contains("later day"), "{words}");
    let words = desk.refusal(
        "pm33_simulate_scenario",
        &json!({ "by": "2020-02-29", "changes": [{ "change": "set_due", "epic": "W0-181" }] }),
    );
    assert!(words.contains("later day"), "{words}");
    let ranked = desk.answer("pm33_optimize_priorities", &json!({ "ids": ["W0-181"] }));
    assert_eq!(
        (&ranked["items"][0]["tier"], &ranked["items"][0]["tier_reason"]),
        (&json!("P1"), &json!("deadline_floor"))
    );
    all_questions(&desk);
}

#[test]
fn sizes_of_nothing_and_numbers_out_of_all_bounds() {
    let core = team("Core", Some(10.0));
    let mut items = year(core.id);
    items.push(epic("Nothing", 0.0, Some(core.id)));
    items.push(NewItem { points: Some(0.0), ..item(ItemType::Story, "No size", Some(core.id)) });
    let desk = Desk::with(Filling { teams: vec![core], items });
    let words = desk.refusal("pm33_schedule_portfolio", &json!({}));
    assert!(words.contains("0 open epics with points"), "{words}");
    sends_on(&words);
    let ranked = desk.answer("pm33_optimize_priorities", &json!({}));
    for one in ranked["items"].as_array().expect("items") {
        assert!(one["missing"].as_array().is_some_and(|missing| missing.contains(&json!("size"))), "{one}");
        assert!(one.get("tier").is_none() && one["placed"] == false, "{one}");
    }
    let created = json!({ "type": "epic", "title": "Sized", "story_points": 8, "team": "Core" });
    desk.answer("pm33_create_work_item", &created);
    for points in [json!(-5), json!(1e308), json!(-1e308)] {
        let item = json!({ "type": "epic", "title": "Odd", "story_points": points });
        assert!(desk.refusal("pm33_create_work_item", &item).contains("story_points"));
        let resize = json!({ "changes": [{ "change": "resize_epic", "epic": "W0-183", "points": points }] });
        assert!(desk.refusal("pm33_simulate_scenario", &resize).contains("points"));
        let capacity = json!({ "team": "Core", "capacity_per_week": points });
        assert!(desk.refusal("pm33_manage_team", &capacity).contains("capacity_per_week"));
    }
    let largest = json!({ "changes": [{ "change": "resize_epic", "epic": "W0-183", "points": 1_000_000 }] });
    let words = desk.refusal("pm33_simulate_scenario", &largest);
    assert!(words.contains("twenty years"), "{words}");
    sends_on(&words);
    let least = json!({ "changes": [{ "change": "set_capacity", "team": "Core", "points": 0 }] });
    sends_on(&desk.refusal("pm33_simulate_scenario", &least));
    for (field, value) in
        [("trials", json!(1_000_000_000)), ("trials", json!(-1)), ("target_items", json!(-1))]
    {
        assert!(desk.refusal("pm33_forecast_delivery", &json!({ field: value })).contains(field));
    }
    let far = desk.refusal("pm33_forecast_delivery", &json!({ "until": "9999-12-31" }));
    assert!(far.contains("earlier day"), "{far}");
    let many = json!({ "until": "2027-06-30", "target_items": 1_000_000 });
    let many = desk.answer("pm33_forecast_delivery", &many);
    assert_eq!(many["forecast"]["target"]["chance"], 0.0);
    let beyond = json!({ "skip": 1_000_000_000_000_u64 });
    assert!(desk.refusal("pm33_optimize_priorities", &beyond).contains("skip"));
    let page = json!({ "skip": 1_000_000 });
    assert_eq!(desk.answer("pm33_optimize_priorities", &page)["items"], json!([]));
    for weights in [json!({ "size": -1 }), json!({ "size": 1e9 }), json!({ "reach": 1 })] {
        let words = desk.refusal("pm33_optimize_priorities", &json!({ "weights": weights }));
        assert!(words.contains("weights"), "{words}");
    }
    let nobody = desk.refusal("pm33_schedule_portfolio", &json!({ "label": ["nobody's"] }));
    assert!(nobody.contains("no open epic") && nobody.contains("pm33_query_backlog"), "{nobody}");
    all_questions(&desk);
}

#[test]
fn more_epics_than_one_plan_takes_are_refused_with_how_to_plan_a_part() {
    let (core, web) = (team("Core", Some(10_000.0)), team("Web", Some(10.0)));
    let first = epic("First", 3.0, Some(core.id));
    let last = NewItem { dependencies: after(&first), ..epic("Last", 3.0, Some(web.id)) };
    let mut items = vec![first, last];
    items.extend((0..5_000).map(|number| epic(&format!("Epic {number}"), 1.0, Some(core.id))));
    let desk = Desk::with(Filling { teams: vec![core, web], items });
    let words = desk.refusal("pm33_schedule_portfolio", &json!({}));
    for part in ["5002 open epics", "5000", "`team`", "`objective`", "pm33_schedule_portfolio"] {
        assert!(words.contains(part), "{part}: {words}");
    }
    let plan = desk.answer("pm33_schedule_portfolio", &json!({ "team": ["Web"], "effort": 20 }));
    let keys: Vec<_> = plan["epics"].as_array().expect("epics").iter().map(|one| &one["key"]).collect();
    assert_eq!(keys, ["W0-1", "W0-2"], "with what it waits for");
}

#[test]
fn a_team_without_capacity_takes_nothing() {
    let (core, idle) = (team("Core", Some(10.0)), team("Idle", None));
    let items = vec![epic("Theirs", 5.0, Some(idle.id)), epic("Anybody's", 5.0, None)];
    let desk = Desk::with(Filling { teams: vec![core, idle], items });
    let words = desk.refusal("pm33_schedule_portfolio", &json!({}));
    for part in ["W0-1", "Idle", "pm33_manage_team"] {
        assert!(words.contains(part), "{part}: {words}");
    }
    let fixed = json!({ "team": "Idle", "capacity_per_week": 5 });
    desk.answer("pm33_manage_team", &fixed);
    let plan = desk.answer("pm33_schedule_portfolio", &json!({ "effort": 20 }));
    assert_eq!(plan["total"], 2);
    all_questions(&desk);
}

#[test]
fn an_epic_without_children_has_no_date_from_history() {
    let core = team("Core", Some(10.0));
    let mut items = year(core.id);
    items.push(epic("Hollow", 5.0, Some(core.id)));
    let desk = Desk::with(Filling { teams: vec![core], items });
    let words = desk.refusal("pm33_forecast_delivery", &json!({ "epic": "W0-181" }));
    assert!(words.contains("no children yet") && words.contains("break an epic down"), "{words}");
    sends_on(&words);
    assert_eq!(desk.answer("pm33_schedule_portfolio", &json!({ "effort": 20 }))["total"], 1);
    all_questions(&desk);
}

#[test]
fn leap_days_and_changed_clocks_are_days_like_others() {
    let teams = vec![
        team_in("Berlin", "Europe/Berlin"),
        team_in("York", "America/New_York"),
        team_in("Apia", "Pacific/Apia"),
    ];
    let mut items = Vec::new();
    for team in &teams {
        // Over both changes of the clock of the last year, at every hour of the day.
        items.extend((0..360).map(|number| {
            let at = pm33_tenancy::Timestamp::from_micros(
                ago(1 + number).micros() - number * 3_600_000_000 % 86_400_000_000,
            );
            finished(&format!("Done {number}"), Some(team.id), at)
        }));
        items.push(item(ItemType::Story, "Open", Some(team.id)));
        items.push(NewItem { due: Some(jiff::civil::date(2028, 2, 29)), ..epic("Leap", 8.0, Some(team.id)) });
    }
    let desk = Desk::with(Filling { teams, items });
    assert_eq!(all_questions(&desk), 14);
    let plan = desk.answer("pm33_schedule_portfolio", &json!({ "start": "2028-02-28", "effort": 20 }));
    assert!(
        plan["epics"].as_array().expect("epics").iter().all(|one| one["start"] == "2028-02-28"),
        "{plan}"
    );
    let away = json!({ "start": "2028-02-28", "changes": [
        { "change": "add_absence", "team": "Berlin", "from": "2028-02-29", "to": "2028-03-26" },
        { "change": "hire", "team": "York", "from": "2028-02-29", "points": 5, "ramp_weeks": 4 },
    ] });
    let told = desk.answer("pm33_simulate_scenario", &away);
    let later = told["epics"]
        .as_array()
        .expect("epics")
        .iter()
        .filter(|one| one["days"]["mean"].as_f64() > Some(20.0))
        .count();
    assert_eq!(later, 1, "{told}");
    for day in ["2027-02-29", "2028-02-30", "29.02.2028"] {
        assert!(desk.refusal("pm33_forecast_delivery", &json!({ "until": day })).contains("until"), "{day}");
    }
}

/// Items of the largest workspace: with all the time of a long run as many as are promised.
fn largest() -> usize {
    length(10_000, 100_000)
}

#[test]
fn a_hundred_thousand_items_are_planned() {
    let largest = largest();
    let core = team("Core", Some(1_000.0));
    let mut items = year(core.id);
    items.push(epic("Everything", 1.0, Some(core.id)));
    let all = items[180].id;
    let open = (items.len()..largest).map(|number| NewItem {
        points: Some(1.0),
        parent: (number % (largest / 100) == 0).then_some(all),
        ..item(ItemType::Story, &format!("Grain {number}"), Some(core.id))
    });
    items.extend(open);
    let desk = Desk::with(Filling { teams: vec![core], items });
    let ranked = desk.answer("pm33_optimize_priorities", &json!({ "limit": 1 }));
    assert_eq!(ranked["total"], largest - 180);
    let forecast = desk.answer("pm33_forecast_delivery", &json!({ "epic": "W0-181" }));
    assert_eq!(
        forecast["forecast"]["teams"][0]["remaining"],
        (181..largest).filter(|number| number % (largest / 100) == 0).count()
    );
    // All of it is beyond ten years: no date is made up for that.
    let beyond = desk.answer("pm33_forecast_delivery", &json!({}));
    assert!(
        beyond["summary"].as_str().is_some_and(|words| words.contains("unfinished in ten years")),
        "{beyond}"
    );
    assert_eq!(desk.answer("pm33_schedule_portfolio", &json!({ "effort": 20 }))["total"], 1);
    all_questions(&desk);
}
