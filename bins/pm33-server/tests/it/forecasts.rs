//! Forecasts on the sample: what is left out is named, a saved one stays as it was, and two are taken apart by cause.

use serde_json::{Value, json};

use crate::running::Running;

fn answer(server: &Running, tool: &str, arguments: Value) -> Value {
    let result = server.tool(tool, arguments);
    assert_ne!(result["isError"], true, "{tool}: {result}");
    result["structuredContent"].clone()
}

fn refusal(server: &Running, tool: &str, arguments: Value) -> String {
    let result = server.tool(tool, arguments);
    assert_eq!(result["isError"], true, "{tool}: {result}");
    result["content"][0]["text"].as_str().expect("words").to_owned()
}

#[test]
fn without_arguments_everything_is_forecast_that_can_be_and_the_rest_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let all = answer(&server, "pm33_forecast_delivery", json!({}));
    let left = &all["left_out"][0];
    let key = left["keys"][0].as_str().expect("a key").to_owned();
    let summary = all["summary"].as_str().expect("words");
    assert!(summary.contains(&key) && summary.contains("without a team"), "{summary}");
    assert!(left["why"].as_str().is_some_and(|why| why.contains("pm33_update_work_item")), "{left}");
    assert_eq!(all["forecast"]["percentiles"].as_array().map(Vec::len), Some(4));
    // Asked about that very item, an answer about others would be none.
    let words = refusal(&server, "pm33_forecast_delivery", json!({ "ids": [key] }));
    assert!(words.contains(&key) && words.contains("pm33_update_work_item"), "{words}");
    // An epic named among ids stands for its work.
    let by_id = answer(&server, "pm33_forecast_delivery", json!({ "ids": ["HAR-1"] }));
    let by_epic = answer(&server, "pm33_forecast_delivery", json!({ "epic": "HAR-1" }));
    let remaining = |one: &Value| one["forecast"]["teams"][0]["remaining"].clone();
    assert_eq!(remaining(&by_id), remaining(&by_epic));
    assert!(remaining(&by_id).as_u64() > Some(1));
}

#[test]
fn a_saved_forecast_stays_and_what_moved_it_is_told_by_cause() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let none = answer(&server, "pm33_compare_forecasts", json!({}));
    assert!(none["summary"].as_str().is_some_and(|words| words.contains("pm33_save_forecast")), "{none}");
    let save = |name: &str| json!({ "name": name, "forecast": { "team": ["Checkout"] } });
    let dry = answer(
        &server,
        "pm33_save_forecast",
        json!({ "name": "Promise", "forecast": { "team": ["Checkout"] }, "dry_run": true }),
    );
    assert_eq!((&dry["action"], dry.get("id")), (&json!("dry_run"), None));
    let mut keyed = save("Promise");
    keyed["idempotency_key"] = json!("promise-1");
    let saved = answer(&server, "pm33_save_forecast", keyed.clone());
    assert_eq!(saved, answer(&server, "pm33_save_forecast", keyed), "a lost answer is given again");
    let taken = refusal(&server, "pm33_save_forecast", save("promise"));
    assert!(taken.contains("another name"), "{taken}");

    // Ten more items: the scope moves the date, nothing else does.
    let entries: Vec<_> = (0..10)
        .map(|number| {
            json!({ "create": { "type": "story", "title": format!("Sandbank {number} of a new shoal"),
                                "team": "Checkout", "on_duplicate": "create" } })
        })
        .collect();
    let added = server.tool("pm33_batch_work_items", json!({ "entries": entries }));
    assert_ne!(added["isError"], true, "{added}");
    let told = answer(&server, "pm33_compare_forecasts", json!({ "earlier": "Promise" }));
    let at_85 = &told["differences"][2];
    let part = |name: &str| at_85[name].as_i64().expect(name);
    assert!(part("scope") > 0, "{told}");
    assert_eq!(part("total"), part("elapsed_time") + part("scope") + part("rate") + part("model"));
    assert!(told["summary"].as_str().is_some_and(|words| words.contains("scope +")), "{told}");
    let kept = &told["forecasts"][0];
    assert_eq!(kept["percentiles"], saved["forecast"]["percentiles"], "the saved answer is as it was");
    assert_eq!((&kept["seed"], &kept["id"]), (&saved["forecast"]["seed"], &saved["id"]));
    assert_eq!(kept["outcome"]["happened"], "still_open");

    answer(&server, "pm33_save_forecast", save("Promise, after the shoal"));
    let both = json!({ "earlier": "Promise, after the shoal", "later": "Promise" });
    let told = answer(&server, "pm33_compare_forecasts", both);
    assert_eq!(told["forecasts"][0]["name"], "Promise", "the older one is taken first");
    let listed = answer(&server, "pm33_compare_forecasts", json!({}));
    let names: Vec<_> =
        listed["forecasts"].as_array().expect("a list").iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["Promise, after the shoal", "Promise"]);
    let unknown = refusal(&server, "pm33_compare_forecasts", json!({ "earlier": "Premise" }));
    assert!(unknown.contains("without arguments"), "{unknown}");
}

#[test]
fn a_forecast_whose_day_has_come_says_how_it_did() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let open =
        answer(&server, "pm33_query_backlog", json!({ "team": ["Checkout"], "type": ["story"], "limit": 2 }));
    let keys: Vec<_> =
        open["items"].as_array().expect("items").iter().map(|item| item["key"].clone()).collect();
    answer(&server, "pm33_save_forecast", json!({ "name": "Two stories", "forecast": { "ids": keys } }));
    for key in &keys {
        let done = server.tool("pm33_update_work_item", json!({ "item": key, "status": "done" }));
        assert_ne!(done["isError"], true, "{done}");
    }
    let told = answer(&server, "pm33_compare_forecasts", json!({}));
    let outcome = &told["forecasts"][0]["outcome"];
    assert!(outcome["happened"]["finished_on"].is_string(), "{told}");
    let held: Vec<_> =
        outcome["verdicts"].as_array().expect("verdicts").iter().map(|one| &one["held"]).collect();
    assert_eq!(held, [true, true, true, true], "finished on the first day");
    assert!(told["summary"].as_str().is_some_and(|words| words.contains("1 held")), "{told}");
}
