//! A list's text is its structured content, byte by byte, whatever its items are called and however often it was asked for;
//! and it shows what is, not what was.

use serde_json::{Value, json, value::RawValue};

use crate::house::{House, Key, Process};

const TITLES: &[&str] = &[
    r#"Say "yes" to \ and / in ","items":[ names"#,
    "Tabs\tand 'quotes' <b>&amp;</b>",
    "Größe ändern 🚀 “so”",
    r#"{"items":[1,2]}"#,
];

/// The items of a list, after its text was compared with its structure.
async fn list(process: &Process, key: &Key, arguments: Value) -> Vec<Value> {
    let answer = process.tool(key, "pm33_query_backlog", arguments).await;
    let whole: serde_json::Map<String, Value> = serde_json::from_str(&answer.body).unwrap();
    let result: std::collections::BTreeMap<String, &RawValue> = {
        let body: std::collections::BTreeMap<String, &RawValue> = serde_json::from_str(&answer.body).unwrap();
        serde_json::from_str(body["result"].get()).unwrap()
    };
    let text = whole["result"]["content"][0]["text"].as_str().unwrap();
    assert_eq!(text, result["structuredContent"].get());
    serde_json::from_str::<Value>(text).unwrap()["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn text_and_structure_of_a_list_are_the_same_and_new() {
    let house = House::new();
    let process = house.process().await;
    let home = process.settle("acme").await;
    let key = process.key(&home).await;
    let make = async |name: &str, arguments: Value| process.tool(&key, name, arguments).await.result();
    let team = make("pm33_manage_team", json!({ "team": "Re\"d" })).await;
    assert_eq!(team["action"], "created", "{team}");
    for title in TITLES {
        let item = json!({ "type": "task", "title": title, "team": "Re\"d", "labels": ["a\"b"] });
        let _: Value = make("pm33_create_work_item", item).await;
    }
    let columns = ["identity", "summary", "full"];
    for columns in columns {
        let arguments = json!({ "columns": columns, "sort": "key" });
        let first = list(&process, &key, arguments.clone()).await;
        assert_eq!(list(&process, &key, arguments).await, first);
        let titles: Vec<_> = first.iter().map(|item| item["title"].as_str().unwrap()).collect();
        assert_eq!(titles, TITLES);
    }
    let one = list(&process, &key, json!({ "ids": ["PAY-1"] })).await;
    let all = || json!({ "sort": "key" });
    assert_eq!(list(&process, &key, all()).await[0], one[0], "alone and among others");
    make("pm33_update_work_item", json!({ "item": "PAY-2", "title": "Another \"title\"" })).await;
    let after = list(&process, &key, all()).await;
    assert_eq!(after[1]["title"], "Another \"title\"");
    assert_eq!(after[0], one[0]);
    make("pm33_manage_team", json!({ "team": "Re\"d", "name": "Blue" })).await;
    let renamed = list(&process, &key, all()).await;
    assert!(renamed.iter().all(|item| item["team"] == "Blue"), "{renamed:?}");
}

#[tokio::test]
async fn a_long_list_is_cut_and_goes_on_with_what_is_left() {
    let house = House::new();
    let process = house.process().await;
    let home = process.settle("acme").await;
    let key = process.key(&home).await;
    let items: Vec<_> = (0..200)
        .map(|number| json!({ "create": { "type": "task", "title": format!("{number} {}", "long ".repeat(90)) } }))
        .collect();
    for some in items.chunks(50) {
        let made = process.tool(&key, "pm33_batch_work_items", json!({ "entries": some })).await.result();
        assert_eq!(made["failed"], 0, "{made}");
    }
    let mut seen = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let mut arguments = json!({ "limit": 200, "sort": "key" });
        if !cursor.is_null() {
            arguments["cursor"] = cursor;
        }
        let page = process.tool(&key, "pm33_query_backlog", arguments).await;
        assert!(page.body.len() < 140_000, "{}", page.body.len());
        let page = page.result();
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["key"].clone()));
        cursor = page["next_cursor"].clone();
        if cursor.is_null() {
            break;
        }
        assert!(page["note"].as_str().unwrap().contains("fit into one answer"));
    }
    assert_eq!(seen, (1..=200).map(|number| json!(format!("PAY-{number}"))).collect::<Vec<_>>());
}
