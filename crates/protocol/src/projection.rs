//! What a result may carry for a peer of a revision: the one place that says which fields are kept from legacy peers.
//!
//! Hot answers are built right by leaving the optional fields of [`crate::wire`] empty; [`project`] does the same to a
//! finished result, and is what tests hold such answers against.

use serde_json::{Map, Value};

use crate::{Era, Revision, SERVER_INFO};

/// Fields of results that only modern peers know.
pub const MODERN_FIELDS: [&str; 3] = ["resultType", "ttlMs", "cacheScope"];

/// Takes away from a result what its reader's revision does not know: the fields above and the server's name in the
/// metadata, structured content and output schemas that are not objects, and, before 2025-11-25, icons and execution
/// hints of list entries. A modern result stays as it is.
pub fn project(result: &mut Map<String, Value>, revision: Revision) {
    if revision.era() == Era::Modern {
        return;
    }
    for field in MODERN_FIELDS {
        result.shift_remove(field);
    }
    if let Some(Value::Object(meta)) = result.get_mut("_meta") {
        meta.shift_remove(SERVER_INFO);
        if meta.is_empty() {
            result.shift_remove("_meta");
        }
    }
    if result.get("structuredContent").is_some_and(|value| !value.is_object()) {
        result.shift_remove("structuredContent");
    }
    for list in ["tools", "resources", "resourceTemplates", "prompts"] {
        let Some(Value::Array(entries)) = result.get_mut(list) else { continue };
        for entry in entries.iter_mut().filter_map(Value::as_object_mut) {
            project_entry(entry, revision);
        }
    }
}

fn project_entry(entry: &mut Map<String, Value>, revision: Revision) {
    let is_object_schema = |schema: &Value| schema.get("type").is_some_and(|kind| kind == "object");
    if entry.get("outputSchema").is_some_and(|schema| !is_object_schema(schema)) {
        entry.shift_remove("outputSchema");
    }
    if revision < Revision::V2025_11_25 {
        entry.shift_remove("icons");
        entry.shift_remove("execution");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn legacy_peers_get_only_what_they_know() {
        let full = json!({
            "resultType": "complete", "ttlMs": 1, "cacheScope": "private", "nextCursor": "n",
            "_meta": { SERVER_INFO: { "name": "s", "version": "1" } },
            "tools": [{ "name": "t", "icons": [], "execution": {}, "outputSchema": { "type": "array" } }],
        });
        let projected = |revision| {
            let mut map = full.as_object().cloned().unwrap_or_default();
            project(&mut map, revision);
            Value::Object(map)
        };
        assert_eq!(projected(Revision::V2026_07_28), full);
        let with_icons =
            json!({ "nextCursor": "n", "tools": [{ "name": "t", "icons": [], "execution": {} }] });
        assert_eq!(projected(Revision::V2025_11_25), with_icons);
        assert_eq!(
            projected(Revision::V2025_06_18),
            json!({ "nextCursor": "n", "tools": [{ "name": "t" }] })
        );
    }

    #[test]
    fn structured_content_stays_when_it_is_an_object() {
        for (content, stays) in
            [(json!({}), true), (json!([]), false), (json!(null), false), (json!("x"), false)]
        {
            let mut map = Map::from_iter([("structuredContent".to_owned(), content)]);
            project(&mut map, Revision::V2025_11_25);
            assert_eq!(map.contains_key("structuredContent"), stays);
        }
    }
}
