//! Bad arguments, for every tool and field in the registry: a wrong type, an unknown field and a missing one are told as
//! a result that names the field, and nothing is written.

use pm33_tools::ToolEntry;
use serde_json::{Map, Value, json};

use crate::{
    registry::{example, input, offered, properties},
    running::Running,
};

/// A value that the field's schema does not allow.
fn wrong(schema: &Value) -> Option<Value> {
    let validator = jsonschema::draft202012::new(schema).expect("a schema");
    let candidates =
        [json!(true), json!(-7.5), json!("\u{1f6a2} no such word"), json!({ "no": "such" }), json!([[]])];
    candidates.into_iter().find(|value| !validator.is_valid(value))
}

/// The words of a refusal that the model can act on.
fn refusal(server: &Running, tool: &ToolEntry, arguments: &Map<String, Value>) -> String {
    let name = tool.spec.name;
    let answer = server.call("tools/call", json!({ "name": name, "arguments": arguments }));
    assert_eq!(answer.status, 200, "{name}: {}", answer.body);
    let result = answer.json()["result"].clone();
    assert_eq!(result["isError"], true, "{name} {arguments:?}: {result}");
    assert!(result.get("structuredContent").is_none(), "{name}: a refusal is no result: {result}");
    result["content"][0]["text"].as_str().expect("words").to_owned()
}

fn items(server: &Running) -> Value {
    let all = server.tool("pm33_query_backlog", json!({ "mode": "full", "columns": "identity", "limit": 1 }));
    all["structuredContent"]["total"].clone()
}

#[test]
fn every_tool_names_the_field_that_is_wrong_and_writes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let before = items(&server);
    for tool in offered().tools() {
        let name = tool.spec.name;
        let schema = input(tool);
        // Without its dry run, so that a wrong value that slips through is seen to have written.
        let mut good = example(tool);
        good.remove("dry_run");
        for (field, of_field) in properties(&schema) {
            let bad = wrong(of_field).unwrap_or_else(|| panic!("{name}.{field} takes anything"));
            let mut arguments = good.clone();
            arguments.insert(field.clone(), bad);
            let words = refusal(&server, tool, &arguments);
            assert!(words.contains(field.as_str()), "{name}.{field}: {words}");
        }
        let mut arguments = good.clone();
        arguments.insert("no_such_field".to_owned(), json!(1));
        let words = refusal(&server, tool, &arguments);
        assert!(words.contains("no_such_field") && words.contains("known fields"), "{name}: {words}");
        for (field, _) in properties(&schema) {
            assert!(words.contains(field.as_str()), "{name}: {field} is among the known fields: {words}");
        }
        for field in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let mut arguments = good.clone();
            arguments.remove(field);
            let words = refusal(&server, tool, &arguments);
            assert!(words.contains(field) && words.contains("required"), "{name}.{field}: {words}");
        }
    }
    assert_eq!(before, items(&server), "nothing was written");
}

#[test]
fn an_unknown_field_is_answered_with_those_of_its_object_and_a_format_with_an_example() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let words = |tool: &str, arguments: Value| {
        let result = server.tool(tool, arguments);
        assert_eq!(result["isError"], true, "{result}");
        result["content"][0]["text"].as_str().expect("words").to_owned()
    };
    let scoring = json!({ "item": "HAR-1", "scoring": { "business_value": 8, "size": 4 } });
    let told = words("pm33_update_work_item", scoring);
    assert!(told.contains("job_size") && !told.contains("workspace"), "{told}");
    let entry = json!({ "entries": [{ "create": { "type": "task", "title": "x", "titel": "y" } }] });
    let told = words("pm33_batch_work_items", entry);
    assert!(told.contains("story_points") && !told.contains("entries,"), "{told}");
    let told = words("pm33_update_work_item", json!({ "item": "HAR-1", "due_date": "31/12/2026" }));
    assert!(told.contains("2026-12-31"), "{told}");
    let told = words("pm33_query_backlog", json!({ "updated_since": "yesterday" }));
    assert!(told.contains("2026-12-31T09:00:00Z"), "{told}");
}
