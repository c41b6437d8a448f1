//! Stage: arguments are cleaned and checked against the tool's schema; every complaint names the field and a fix.

use jsonschema::{ValidationError, error::ValidationErrorKind};
use pm33_text::clean_json;
use pm33_tools::ToolEntry;
use serde_json::Value;

use crate::request::Request;

/// Complaints told at once.
const COMPLAINTS: usize = 8;

/// The cleaned, valid arguments; or words for the model.
pub(crate) fn validate(tool: &ToolEntry, raw: &str, request: &mut Request) -> Result<Value, String> {
    let mut arguments: Value = serde_json::from_str(raw)
        .map_err(|_| "arguments must be a JSON object without doubled keys".to_owned())?;
    request.record.removed = clean_json(&mut arguments).total();
    if tool.validator().is_valid(&arguments) {
        return Ok(arguments);
    }
    let mut complaints: Vec<String> = tool
        .validator()
        .iter_errors(&arguments)
        .take(COMPLAINTS)
        .map(|error| {
            let path = error.instance_path().to_string();
            let field = path.trim_start_matches('/').replace('/', ".");
            let words = shorten(&words(&error));
            if field.is_empty() { words } else { format!("{field}: {words}") }
        })
        .collect();
    if complaints.iter().any(|words| words.contains("dditional properties")) {
        complaints.push(format!("known fields: {}", known(tool.input_schema.get())));
    }
    Err(format!(
        "The arguments of {} do not fit; nothing was done. {}",
        tool.spec.name,
        complaints.join("; ")
    ))
}

/// What is wrong; for a closed vocabulary with every word that is allowed.
fn words(error: &ValidationError<'_>) -> String {
    let allowed = allowed(error);
    if allowed.is_empty() {
        return error.to_string();
    }
    format!("{} is not allowed; use one of {}", error.instance(), allowed.join(", "))
}

/// The words of a closed vocabulary, whether it is written as `enum` or as alternatives of one word each.
fn allowed(error: &ValidationError<'_>) -> Vec<String> {
    match error.kind() {
        ValidationErrorKind::Enum { options } => {
            options.as_array().into_iter().flatten().map(ToString::to_string).collect()
        }
        ValidationErrorKind::Constant { expected_value } => vec![expected_value.to_string()],
        ValidationErrorKind::OneOfNotValid { context } | ValidationErrorKind::AnyOf { context } => {
            context.iter().flatten().flat_map(allowed).collect()
        }
        _ => Vec::new(),
    }
}

/// Long values are not repeated whole.
fn shorten(words: &str) -> String {
    if words.chars().count() <= 300 {
        return words.to_owned();
    }
    let head: String = words.chars().take(120).collect();
    let tail: Vec<char> = words.chars().rev().take(120).collect();
    format!("{head} … {}", tail.into_iter().rev().collect::<String>())
}

fn known(schema: &str) -> String {
    let schema: Value = serde_json::from_str(schema).unwrap_or_default();
    let fields = schema.get("properties").and_then(Value::as_object);
    fields.map(|all| all.keys().cloned().collect::<Vec<_>>().join(", ")).unwrap_or_default()
}
