//! Any JSON value as a custom field.

use std::collections::BTreeSet;

use pm33_product::CustomValue;
use serde_json::{Map, Value};

use crate::list;

/// Longest custom field, in characters.
const LENGTH_MAX: usize = 10_000;
/// Most parts of an object that is kept by its name.
const PARTS_MAX: usize = 20;
/// What names an object, best first: a person, a milestone, a label.
const NAMES: [&str; 3] = ["login", "title", "name"];

/// What a column says that its field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Whatever the value is.
    Any,
    /// A number, as a text.
    Number,
    /// A list in one text.
    List,
}

/// A value that is kept, and the names of those of its parts that are not.
pub(crate) struct Kept {
    pub(crate) value: CustomValue,
    pub(crate) lost: BTreeSet<String>,
}

/// The custom field for a value: numbers and texts as they are, named objects by their name, lists of these as lists,
/// anything else as JSON text. `None` when it is too long.
pub(crate) fn value(value: &Value, kind: Kind) -> Option<Kept> {
    let mut parts = BTreeSet::new();
    let value = match value {
        Value::Number(number) => match number.as_f64().filter(|number| number.is_finite()) {
            Some(number) => CustomValue::Number(number),
            None => CustomValue::Text(number.to_string()),
        },
        Value::Array(list) if list.iter().all(|one| word(one).is_some()) => {
            for one in list {
                note_lost(one, &mut parts);
            }
            CustomValue::List(list.iter().filter_map(word).collect())
        }
        Value::Object(map) if name(map).is_some() => {
            note_lost(value, &mut parts);
            CustomValue::Text(word(value)?)
        }
        Value::String(text) => match (kind, text.trim().parse::<f64>()) {
            (Kind::Number, Ok(number)) if number.is_finite() => CustomValue::Number(number),
            (Kind::List, _) => CustomValue::List(list::split(text, ";")),
            _ => CustomValue::Text(text.clone()),
        },
        other => CustomValue::Text(other.to_string()),
    };
    let length = match &value {
        CustomValue::Number(_) => 0,
        CustomValue::Text(text) => text.chars().count(),
        CustomValue::List(list) => list.iter().map(|text| text.chars().count()).sum(),
    };
    (length <= LENGTH_MAX).then_some(Kept { value, lost: parts })
}

/// What an object is called, after the key that says it. One with many parts is more than its name.
fn name(map: &Map<String, Value>) -> Option<(&'static str, &str)> {
    if map.len() > PARTS_MAX {
        return None;
    }
    NAMES
        .into_iter()
        .find_map(|key| Some((key, map.get(key)?.as_str().filter(|name| !name.trim().is_empty())?)))
}

fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Object(map) => name(map).map(|(_, name)| name.to_owned()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) => None,
    }
}

fn note_lost(value: &Value, lost: &mut BTreeSet<String>) {
    let Value::Object(map) = value else { return };
    let used = name(map).map(|(key, _)| key);
    let others = map.iter().filter(|(key, value)| Some(key.as_str()) != used && !value.is_null());
    lost.extend(others.map(|(key, _)| key.clone()));
}
