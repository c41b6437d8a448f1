//! The registry as the matrices walk it: a new tool is in every one of them without further work.

use std::sync::Arc;

use pm33_app::catalogue;
use pm33_tools::{Catalogue, ToolEntry};
use serde_json::{Map, Value};

/// What the product offers.
pub(crate) fn offered() -> Catalogue {
    let all = catalogue().expect("the catalogue");
    assert!(!all.tools().is_empty() && !all.prompts().is_empty(), "there is something to walk");
    all
}

/// A tool's arguments of a useful call.
pub(crate) fn example(tool: &Arc<ToolEntry>) -> Map<String, Value> {
    serde_json::from_str(tool.example).unwrap_or_else(|error| panic!("{}: {error}", tool.spec.name))
}

/// A tool's input schema.
pub(crate) fn input(tool: &Arc<ToolEntry>) -> Value {
    serde_json::from_str(tool.input_schema.get()).expect("a schema")
}

/// The properties of a schema.
pub(crate) fn properties(schema: &Value) -> &Map<String, Value> {
    schema["properties"].as_object().expect("properties")
}
