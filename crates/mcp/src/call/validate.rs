//! Stage: arguments are checked against the tool's schema; every complaint names the field and a fix.

use jsonschema::{ValidationError, error::ValidationErrorKind};
use pm33_tools::ToolEntry;
use serde_json::Value;

/// Complaints told at once.
const COMPLAINTS: usize = 8;
/// Values in arguments of which all complaints are looked for. A complaint holds a copy of its value and its place, so that
/// a million bad words of a body within its bound would take half a gigabyte: of more values the first complaint is told.
const VALUES: usize = 20_000;

/// The valid arguments; or words for the model. They are clean already.
pub(crate) fn validate(tool: &ToolEntry, raw: &str) -> Result<Value, String> {
    let mut arguments: Value = serde_json::from_str(raw)
        .map_err(|_| "arguments must be a JSON object without doubled keys".to_owned())?;
    let is_valid = |arguments: &Value| tool.validator().is_valid(arguments);
    if is_valid(&arguments) {
        return Ok(arguments);
    }
    let is_small = values(&arguments) <= VALUES;
    if is_small && fold_words(tool, &mut arguments) && is_valid(&arguments) {
        return Ok(arguments);
    }
    let schema: Value = serde_json::from_str(tool.input_schema.get()).unwrap_or_default();
    let told = |error: &ValidationError<'_>| complaint(error, &schema);
    let complaints: Vec<String> = if is_small {
        tool.validator().iter_errors(&arguments).take(COMPLAINTS).map(|error| told(&error)).collect()
    } else {
        tool.validator().validate(&arguments).err().iter().map(told).collect()
    };
    Err(format!(
        "The arguments of {} do not fit; nothing was done. {}",
        tool.spec.name,
        complaints.join("; ")
    ))
}

/// How many values there are in one.
fn values(value: &Value) -> usize {
    1 + match value {
        Value::Array(all) => all.iter().map(values).sum(),
        Value::Object(all) => all.values().map(values).sum(),
        _ => 0,
    }
}

/// Where something is wrong, and what.
fn complaint(error: &ValidationError<'_>, schema: &Value) -> String {
    let path = error.instance_path().to_string();
    let field = path.trim_start_matches('/').replace('/', ".");
    let words = words(error, schema);
    if field.is_empty() { words } else { format!("{field}: {words}") }
}

/// Words of closed vocabularies as people and trackers write them, `In Progress` for `in_progress`, become the words of
/// the schema; whether there were any.
fn fold_words(tool: &ToolEntry, arguments: &mut Value) -> bool {
    let plain = |word: &str| word.trim().to_lowercase().replace([' ', '-'], "_");
    let mut folded = Vec::new();
    for error in tool.validator().iter_errors(arguments) {
        let Some(given) = error.instance().as_str() else { continue };
        let is_given = |word: &Value| word.as_str().is_some_and(|word| plain(word) == plain(given));
        if let Some(word) = allowed(&error).into_iter().find(is_given) {
            folded.push((error.instance_path().to_string(), word));
        }
    }
    let any = !folded.is_empty();
    for (path, word) in folded {
        if let Some(place) = arguments.pointer_mut(&path) {
            *place = word;
        }
    }
    any
}

/// What is wrong; for a closed vocabulary with every word that is allowed, for an unknown field with those that its object
/// has, for a format with an example.
fn words(error: &ValidationError<'_>, schema: &Value) -> String {
    // That a field may be left out is known without a word.
    let allowed: Vec<_> =
        allowed(error).iter().filter(|word| !word.is_null()).map(ToString::to_string).collect();
    if allowed.is_empty() {
        let said = shorten(&error.to_string());
        return match error.kind() {
            ValidationErrorKind::AdditionalProperties { .. } => {
                format!("{said}; known fields: {}", known(schema, &error.instance_path().to_string()))
            }
            ValidationErrorKind::Format { format } => match example(format) {
                Some(example) => format!("{said}; write it as in {example}"),
                None => said,
            },
            _ => said,
        };
    }
    let given = shorten(&error.instance().to_string());
    format!("{given} is not allowed; use one of {}", allowed.join(", "))
}

/// The words of a closed vocabulary, whether it is written as `enum` or as alternatives of one word each.
fn allowed(error: &ValidationError<'_>) -> Vec<Value> {
    match error.kind() {
        ValidationErrorKind::Enum { options } => options.as_array().cloned().unwrap_or_default(),
        ValidationErrorKind::Constant { expected_value } => vec![(**expected_value).clone()],
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

/// A value of a format.
fn example(format: &str) -> Option<&'static str> {
    match format {
        "date" => Some("2026-12-31"),
        "date-time" => Some("2026-12-31T09:00:00Z"),
        _ => None,
    }
}

/// The fields of the object at a place of the arguments.
fn known(schema: &Value, place: &str) -> String {
    let object = place.split('/').skip(1).try_fold(schema, step);
    let fields = object.and_then(|object| object.get("properties")).and_then(Value::as_object);
    fields.map(|all| all.keys().cloned().collect::<Vec<_>>().join(", ")).unwrap_or_default()
}

/// The schema of a field or of an element. Schemas are written out whole, without references.
fn step<'a>(schema: &'a Value, name: &str) -> Option<&'a Value> {
    let of_field = schema.get("properties").and_then(|all| all.get(name));
    let of_element = || schema.get("items").filter(|_| name.parse::<usize>().is_ok());
    let in_alternatives = || {
        let alternatives =
            ["anyOf", "oneOf", "allOf"].into_iter().filter_map(|word| schema.get(word)?.as_array());
        alternatives.flatten().find_map(|one| step(one, name))
    };
    of_field.or_else(of_element).or_else(in_alternatives)
}
