//! Issues of Jira's REST API as flat records: what lies under `fields` becomes columns, custom fields by their names.

mod document;

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::Fields;

/// Names of fields by id, as `expand=names` gives them.
pub(super) type Names = HashMap<String, String>;

/// Whether a record is an issue of the REST API.
pub(super) fn is_issue(fields: &Fields) -> bool {
    let has = |name: &str| fields.0.iter().any(|(column, _)| column == name);
    has("key") && fields.0.iter().any(|(column, value)| column == "fields" && value.is_object())
}

/// The issue as a flat record.
pub(super) fn flat(fields: Fields, names: &Names) -> Fields {
    let mut columns = Vec::new();
    for (column, value) in fields.0 {
        match value {
            Value::Object(map) if column == "fields" => {
                for (id, value) in map {
                    field(&id, value, names, &mut columns);
                }
            }
            value => columns.push((column, value)),
        }
    }
    Fields(columns)
}

fn field(id: &str, value: Value, names: &Names, columns: &mut Vec<(String, Value)>) {
    match id {
        "status" => {
            let category = value.pointer("/statusCategory/key").cloned();
            columns.push((id.to_owned(), named(value)));
            columns.push(("statusCategory".to_owned(), category.unwrap_or(Value::Null)));
        }
        "issuelinks" => links(value, columns),
        "comment" | "worklog" | "attachment" => columns.push((id.to_owned(), entries(value))),
        "parent" => columns.push((id.to_owned(), value.get("key").cloned().unwrap_or(value))),
        "issuetype" | "priority" | "resolution" | "project" => columns.push((id.to_owned(), named(value))),
        "assignee" | "reporter" | "creator" => {
            let name = value.get("displayName").or_else(|| value.get("name")).cloned();
            columns.push((id.to_owned(), name.unwrap_or(value)));
        }
        _ if is_sprints(&value) => columns.push(("Sprint".to_owned(), value)),
        _ if is_document(&value) => columns.push((name(id, names), Value::String(document::text(&value)))),
        _ => columns.push((name(id, names), value)),
    }
}

/// The name of a custom field, where it is known.
fn name(id: &str, names: &Names) -> String {
    let known = id.starts_with("customfield_").then(|| names.get(id)).flatten();
    let known = known.map(|name| pm33_text::clean(name.trim()).text.trim().to_owned());
    known.filter(|name| !name.is_empty()).unwrap_or_else(|| id.to_owned())
}

fn named(value: Value) -> Value {
    value.get("name").cloned().unwrap_or(value)
}

fn entries(value: Value) -> Value {
    for list in ["comments", "worklogs"] {
        if let Some(entries) = value.get(list) {
            return entries.clone();
        }
    }
    value
}

/// Links by their direction: what blocks this issue, what it blocks, and the rest by the words of the link.
fn links(value: Value, columns: &mut Vec<(String, Value)>) {
    let Value::Array(list) = value else {
        columns.push(("issuelinks".to_owned(), value));
        return;
    };
    let mut by_column: Map<String, Value> = Map::new();
    for link in &list {
        for (side, direction) in [("inwardIssue", "inward"), ("outwardIssue", "outward")] {
            let Some(key) = link.get(side).and_then(|issue| issue.get("key")).and_then(Value::as_str) else {
                continue;
            };
            let words = link.get("type").and_then(|kind| kind.get(direction)).and_then(Value::as_str);
            let words = words.unwrap_or("relates to").to_owned();
            let column =
                by_column.entry(format!("issuelinks.{words}")).or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(keys) = column {
                keys.push(Value::from(key));
            }
        }
    }
    if by_column.is_empty() {
        columns.push(("issuelinks".to_owned(), Value::Array(list)));
    }
    columns.extend(by_column);
}

/// Sprints are told by their shape, because the field has another id in every installation.
fn is_sprints(value: &Value) -> bool {
    let Some([first, ..]) = value.as_array().map(Vec::as_slice) else { return false };
    match first {
        Value::Object(map) => map.contains_key("name") && map.contains_key("state") && map.contains_key("id"),
        Value::String(text) => text.contains("Sprint@") && text.contains("[id="),
        _ => false,
    }
}

fn is_document(value: &Value) -> bool {
    value.get("type").and_then(Value::as_str) == Some("doc")
        && value.get("content").is_some_and(Value::is_array)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Names, flat, is_issue};
    use crate::source::Fields;

    #[test]
    fn fields_become_columns() {
        let issue = json!({ "id": "1", "key": "A-1", "fields": {
            "summary": "s", "status": { "name": "Doing", "statusCategory": { "key": "indeterminate" } },
            "customfield_7": 3, "customfield_8": [{ "id": 1, "name": "S 1", "state": "active" }], "customfield_9": null,
            "issuelinks": [{ "type": { "inward": "is blocked by", "outward": "blocks" }, "inwardIssue": { "key": "A-2" } }],
            "comment": { "comments": [{}, {}], "total": 2 }, "parent": { "id": "9", "key": "A-9" },
        } });
        let fields: Fields = serde_json::from_value(issue).unwrap_or_else(|_| Fields(Vec::new()));
        assert!(is_issue(&fields));
        let names = Names::from([("customfield_7".to_owned(), "Story Points".to_owned())]);
        let flat = flat(fields, &names);
        let get =
            |name: &str| flat.0.iter().find(|(column, _)| column == name).map(|(_, value)| value.clone());
        assert_eq!(get("status"), Some(json!("Doing")));
        assert_eq!(get("statusCategory"), Some(json!("indeterminate")));
        assert_eq!(get("Story Points"), Some(json!(3)));
        assert_eq!(get("issuelinks.is blocked by"), Some(json!(["A-2"])));
        assert_eq!(get("parent"), Some(json!("A-9")));
        assert_eq!(get("comment"), Some(json!([{}, {}])));
        assert!(get("Sprint").is_some() && get("customfield_9").is_some());
    }

    #[test]
    fn a_fields_name_hides_nothing() {
        let issue = json!({ "key": "A-1", "fields": { "customfield_7": 3, "customfield_8": 5 } });
        let fields: Fields = serde_json::from_value(issue).unwrap_or_else(|_| Fields(Vec::new()));
        let names = Names::from([
            ("customfield_7".to_owned(), " Story\u{202e} Po\u{e0041}ints ".to_owned()),
            ("customfield_8".to_owned(), "\u{e0041}".to_owned()),
        ]);
        let columns: Vec<_> = flat(fields, &names).0.into_iter().map(|(column, _)| column).collect();
        assert_eq!(columns, ["key", "Story Points", "customfield_8"]);
    }
}
