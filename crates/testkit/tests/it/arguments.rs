//! No number that a caller may send is too large for what is done with it.

use serde_json::{Value, json};

use crate::house::House;

/// Paths of the integers in a schema that have no upper bound.
fn unbounded(schema: &Value, path: &str, found: &mut Vec<String>) {
    match schema {
        Value::Object(fields) => {
            let is_integer = match &fields.get("type") {
                Some(Value::String(kind)) => kind == "integer",
                Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "integer"),
                _ => false,
            };
            let is_bounded = ["maximum", "exclusiveMaximum", "enum", "const"];
            if is_integer && !is_bounded.iter().any(|word| fields.contains_key(*word)) {
                found.push(path.to_owned());
            }
            for (name, inner) in fields {
                unbounded(inner, &format!("{path}/{name}"), found);
            }
        }
        Value::Array(all) => {
            for (place, inner) in all.iter().enumerate() {
                unbounded(inner, &format!("{path}/{place}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn every_integer_that_a_tool_takes_has_a_maximum() {
    let mut found = Vec::new();
    for tool in pm33_app::catalogue().unwrap().tools() {
        let schema = serde_json::from_str(tool.input_schema.get()).unwrap();
        unbounded(&schema, tool.spec.name, &mut found);
    }
    assert_eq!(found, Vec::<String>::new());
}

#[tokio::test]
async fn a_document_list_that_begins_beyond_all_numbers_is_refused_by_its_field() {
    let house = House::new();
    let process = house.process().await;
    let home = process.settle("acme").await;
    let key = process.key(&home).await;
    for skip in [9_223_372_036_854_775_808_u64, u64::MAX, 1_000_001] {
        let words = process.tool(&key, "pm33_get_document", json!({ "skip": skip })).await.refusal();
        assert!(words.contains("skip") && words.contains("1000000"), "{words}");
    }
    let last = process.tool(&key, "pm33_get_document", json!({ "skip": 1_000_000 })).await.result();
    assert_eq!(last["state"], "empty");
}

#[tokio::test]
async fn a_version_that_no_document_can_have_is_an_error_of_the_caller() {
    let house = House::new();
    let process = house.process().await;
    let home = process.settle("acme").await;
    let key = process.key(&home).await;
    let markdown = "# Pay faster\n\n## Problem\n\nIt is slow.\n";
    let made = process.tool(&key, "pm33_edit_document", json!({ "markdown": markdown })).await.result();
    let id = made["document"]["id"].as_str().unwrap_or_else(|| panic!("{made}"));
    for (tool, field) in [
        ("pm33_get_document", "version"),
        ("pm33_get_document", "since_version"),
        ("pm33_lint_document", "version"),
    ] {
        for version in [2_147_483_647_u32, 2_147_483_648, u32::MAX] {
            let arguments = json!({ "document": id, field: version });
            let words = process.tool(&key, tool, arguments).await.refusal();
            assert!(words.contains("version"), "{tool} {field}: {words}");
        }
    }
}
