//! What is sent is valid by the published schema of the revision that it is sent in, and readable by its full type.

use std::collections::BTreeMap;

use jsonschema::Validator;
use pm33_protocol::{
    Era, Incoming, MODERN_FIELDS, Revision, decode, methods, project,
    schema::{
        elicitation::ElicitParams,
        input::InputRequiredResult,
        lifecycle::{DiscoverResult, InitializeResult},
        prompts::{CompleteResult, GetPromptResult, ListPromptsResult},
        resources::{ListResourceTemplatesResult, ListResourcesResult, ReadResourceResult},
        sampling::CreateMessageParams,
        shapes::EmptyResult,
        subscriptions::ListenResult,
        tools::{CallToolResult, ListToolsResult},
    },
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    data,
    sent::{Sent, errors, notifications, requests, results, results_of_era},
};

/// The definitions of one revision.
struct Definitions {
    whole: Value,
    keyword: &'static str,
    compiled: BTreeMap<&'static str, Validator>,
}

impl Definitions {
    fn of(revision: Revision) -> Option<Self> {
        let whole = data::json(&data::folder(revision.as_str())?.join("schema.json"));
        let keyword = if whole.get("$defs").is_some() { "$defs" } else { "definitions" };
        Some(Self { whole, keyword, compiled: BTreeMap::new() })
    }

    fn problems(&mut self, definition: &'static str, value: &Value) -> Vec<String> {
        let Self { whole, keyword, compiled } = self;
        let validator = compiled.entry(definition).or_insert_with(|| {
            assert!(whole[*keyword].get(definition).is_some(), "the schema defines no {definition}");
            let reference = json!([{ "$ref": format!("#/{keyword}/{definition}") }]);
            let schema =
                json!({ "$schema": whole["$schema"], *keyword: whole[*keyword], "allOf": reference });
            jsonschema::validator_for(&schema).unwrap()
        });
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
    }
}

fn tree(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

#[test]
fn results_are_valid_in_every_revision() {
    for revision in Revision::ALL {
        let Some(mut definitions) = Definitions::of(*revision) else { return };
        for Sent { definition, bytes } in results(*revision).into_iter().chain(results_of_era(*revision)) {
            let message = tree(&bytes);
            assert_eq!(
                definitions.problems(definition, &message["result"]),
                [""; 0],
                "{revision} {definition}"
            );
            assert_eq!(definitions.problems("JSONRPCMessage", &message), [""; 0], "{revision} {definition}");
        }
    }
}

#[test]
fn everything_else_is_valid_in_every_revision() {
    for revision in Revision::ALL {
        let Some(mut definitions) = Definitions::of(*revision) else { return };
        let sent = [requests(*revision), notifications(*revision), errors(*revision)];
        for Sent { definition, bytes } in sent.into_iter().flatten() {
            let message = tree(&bytes);
            assert_eq!(definitions.problems(definition, &message), [""; 0], "{revision} {definition}");
            assert_eq!(definitions.problems("JSONRPCMessage", &message), [""; 0], "{revision} {definition}");
        }
    }
}

#[test]
fn the_schemas_refuse_what_is_wrong() {
    for revision in Revision::ALL {
        let Some(mut definitions) = Definitions::of(*revision) else { return };
        for wrong in [
            json!({ "resultType": "complete" }),
            json!({ "resultType": "complete", "content": [{ "type": "text" }] }),
        ] {
            assert_ne!(definitions.problems("CallToolResult", &wrong), [""; 0], "{revision} {wrong}");
        }
        let without_type = json!({ "content": [] });
        let is_refused = !definitions.problems("CallToolResult", &without_type).is_empty();
        assert_eq!(is_refused, revision.era() == Era::Modern, "{revision}");
    }
}

#[test]
fn legacy_results_leave_nothing_to_take_away() {
    for revision in Revision::ALL {
        for Sent { definition, bytes } in results(*revision) {
            let result = tree(&bytes)["result"].as_object().unwrap().clone();
            let mut projected = result.clone();
            project(&mut projected, *revision);
            assert_eq!(projected, result, "{revision} {definition}");
            let has_modern = MODERN_FIELDS.iter().any(|field| result.contains_key(*field));
            assert_eq!(has_modern, revision.era() == Era::Modern, "{revision} {definition}");
        }
    }
}

#[test]
fn modern_results_projected_are_the_legacy_ones() {
    for (modern, legacy) in results(Revision::V2026_07_28).iter().zip(results(Revision::V2025_11_25)) {
        let mut projected = tree(&modern.bytes)["result"].as_object().unwrap().clone();
        project(&mut projected, Revision::V2025_11_25);
        assert_eq!(Value::Object(projected), tree(&legacy.bytes)["result"], "{}", modern.definition);
    }
}

fn through<T: DeserializeOwned + Serialize>(value: &Value) -> Value {
    serde_json::to_value(serde_json::from_str::<T>(&value.to_string()).unwrap()).unwrap()
}

#[test]
fn full_types_lose_nothing_that_is_sent() {
    for revision in Revision::ALL {
        for Sent { definition, bytes } in results(*revision).into_iter().chain(results_of_era(*revision)) {
            let result = &tree(&bytes)["result"];
            let back = match definition {
                "CallToolResult" => through::<CallToolResult>(result),
                "CompleteResult" => through::<CompleteResult>(result),
                "DiscoverResult" => through::<DiscoverResult>(result),
                "EmptyResult" => through::<EmptyResult>(result),
                "GetPromptResult" => through::<GetPromptResult>(result),
                "InitializeResult" => through::<InitializeResult>(result),
                "InputRequiredResult" => through::<InputRequiredResult>(result),
                "ListPromptsResult" => through::<ListPromptsResult>(result),
                "ListResourceTemplatesResult" => through::<ListResourceTemplatesResult>(result),
                "ListResourcesResult" => through::<ListResourcesResult>(result),
                "ListToolsResult" => through::<ListToolsResult>(result),
                "ReadResourceResult" => through::<ReadResourceResult>(result),
                "SubscriptionsListenResult" => through::<ListenResult>(result),
                other => panic!("{other} has no full type here"),
            };
            assert_eq!(&back, result, "{revision} {definition}");
        }
        for Sent { bytes, .. } in requests(*revision) {
            let Ok(Incoming::Request { method, params: Some(params), .. }) = decode(&bytes, 64) else {
                panic!("not a request");
            };
            let params = serde_json::from_str(params.get()).unwrap();
            let back = match &*method {
                methods::ELICIT => through::<ElicitParams>(&params),
                methods::SAMPLE => through::<CreateMessageParams>(&params),
                _ => through::<EmptyResult>(&params),
            };
            assert_eq!(back, params, "{revision} {method}");
        }
    }
}

#[test]
fn structured_null_is_kept() {
    let with_null = json!({ "resultType": "complete", "content": [], "structuredContent": null });
    assert_eq!(through::<CallToolResult>(&with_null), with_null);
}
