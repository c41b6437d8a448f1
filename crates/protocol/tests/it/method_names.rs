//! Methods are known in exactly the revisions whose schemas name them.

use std::collections::BTreeSet;

use pm33_protocol::{Revision, methods};
use serde_json::Value;

use crate::data;

/// Every method that a schema names.
fn named(schema: &Value, found: &mut BTreeSet<String>) {
    if let Some(method) = schema.pointer("/properties/method/const").and_then(Value::as_str) {
        found.insert(method.to_owned());
    }
    match schema {
        Value::Object(fields) => fields.values().for_each(|value| named(value, found)),
        Value::Array(items) => items.iter().for_each(|value| named(value, found)),
        _ => {}
    }
}

#[test]
fn revisions_know_the_methods_that_their_schemas_name() {
    let mut by_revision = Vec::new();
    for revision in Revision::ALL {
        let Some(folder) = data::folder(revision.as_str()) else { return };
        let mut found = BTreeSet::new();
        named(&data::json(&folder.join("schema.json")), &mut found);
        assert!(found.len() > 15, "{revision}: {found:?}");
        by_revision.push((*revision, found));
    }
    let all: BTreeSet<_> = by_revision.iter().flat_map(|(_, found)| found).collect();
    // The tasks of 2026-07-28 are an extension with a schema of its own.
    for method in all
        .into_iter()
        .filter(|method| ![methods::TASKS_GET, methods::TASKS_CANCEL].contains(&method.as_str()))
    {
        let in_schemas: Vec<_> = by_revision
            .iter()
            .filter(|(_, found)| found.contains(method))
            .map(|(revision, _)| *revision)
            .collect();
        assert_eq!(methods::revisions(method), in_schemas, "{method}");
    }
}

#[test]
fn foreign_methods_belong_to_no_revision() {
    for method in ["", "Tools/List", "tools/list ", "rpc.discover"] {
        assert_eq!(methods::revisions(method), [], "{method}");
    }
}
