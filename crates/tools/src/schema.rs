//! Schemas of arguments and results, in words that every client's validator knows.

use schemars::{
    JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, transform::RecursiveTransform,
};
use serde_json::Value;

/// Formats that JSON Schema 2020-12 names and a tool of ours may use; others are Rust's own, which clients warn of.
const FORMATS: [&str; 6] = ["date", "date-time", "time", "uri", "email", "uuid"];

/// The schema of a tool's arguments.
pub(crate) fn of_input<T: JsonSchema>() -> Value {
    generate::<T>(SchemaSettings::draft2020_12())
}

/// The schema of a tool's result.
pub(crate) fn of_output<T: JsonSchema>() -> Value {
    generate::<T>(SchemaSettings::draft2020_12().for_serialize())
}

fn generate<T: JsonSchema>(settings: SchemaSettings) -> Value {
    let settings = settings
        .with(|settings| settings.inline_subschemas = true)
        .with_transform(RecursiveTransform(drop_unknown_format))
        .with_transform(RecursiveTransform(unwrap_words));
    SchemaGenerator::from(settings).into_root_schema_for::<T>().to_value()
}

fn drop_unknown_format(schema: &mut Schema) {
    let format = schema.get("format").and_then(Value::as_str);
    if format.is_some_and(|format| !FORMATS.contains(&format)) {
        schema.remove("format");
    }
}

/// Where a comment's line was broken says nothing to who reads a schema.
fn unwrap_words(schema: &mut Schema) {
    let words = schema.get("description").and_then(Value::as_str);
    if let Some(words) = words.filter(|words| words.contains('\n')) {
        let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
        schema.insert("description".to_owned(), line.into());
    }
}

#[cfg(test)]
mod tests {
    #[derive(serde::Serialize, schemars::JsonSchema)]
    struct Sample {
        count: u32,
        parts: Vec<f64>,
        id: uuid::Uuid,
    }

    #[test]
    fn only_formats_that_clients_know_are_named() {
        let schema = super::of_output::<Sample>();
        assert_eq!(schema["properties"]["id"]["format"], "uuid");
        let text = schema.to_string();
        assert!(!text.contains("uint32") && !text.contains("double"), "{text}");
        assert_eq!(schema["properties"]["count"]["minimum"], 0);
    }
}
