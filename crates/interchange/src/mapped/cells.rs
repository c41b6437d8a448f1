//! Contents of cells as texts.

use serde_json::Value;

use crate::{list, mapping::Columns, row::Row};

/// The parts of an object that name it, best first.
const NAMES: [&str; 6] = ["displayName", "name", "value", "key", "login", "title"];

/// A value as a text: what an object is called, or the number.
pub(crate) fn word(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        Value::Object(map) => NAMES.iter().find_map(|name| map.get(*name)?.as_str())?.trim().to_owned(),
        Value::Null | Value::Array(_) => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// Takes the first of the columns that has content, as one text. Of several cells the first counts, the others are kept.
pub(crate) fn text(row: &mut Row, columns: &Columns) -> Option<(String, String)> {
    let column = row.first_of(columns.names())?.to_owned();
    let value = row.take(&column)?;
    if let Value::Array(list) = &value {
        let mut words = list.iter().filter_map(word);
        let first = words.next()?;
        let rest: Vec<String> = words.collect();
        if !rest.is_empty() {
            row.warn(&column, "several cells; the first counts, the others are a custom field", None);
            row.keep_beside(&column, &rest);
        }
        return Some((column, first));
    }
    let Some(text) = word(&value) else {
        row.give_back(&column, &value, "not a text; kept as a custom field");
        return None;
    };
    Some((column, text))
}

/// Takes the first of the columns that has content, as a list without repeats.
pub(crate) fn texts(row: &mut Row, columns: &Columns) -> (String, Vec<String>) {
    let Some(column) = row.first_of(columns.names()).map(str::to_owned) else { return Default::default() };
    let Some(value) = row.take(&column) else { return Default::default() };
    let cells = match &value {
        Value::Array(list) => list.iter().filter_map(word).collect(),
        other => Vec::from_iter(word(other)),
    };
    let mut texts: Vec<String> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for cell in cells {
        match &columns.separator {
            Some(separator) if columns.escaped => texts.extend(list::split(&cell, separator)),
            Some(separator) => texts.extend(
                cell.split(separator.as_str())
                    .map(str::trim)
                    .filter(|part| !part.is_empty())
                    .map(str::to_owned),
            ),
            None => texts.push(cell),
        }
    }
    texts.retain(|text| seen.insert(text.clone()));
    (column, texts)
}

/// Takes a path such as `Shop\Payments` and gives its last part; the path is kept too when it has several parts.
pub(crate) fn last_part(row: &mut Row, columns: &Columns, longest: usize) -> Option<String> {
    let (column, path) = text(row, columns)?;
    let last = path.rsplit(['\\', '/']).next().map(str::trim).unwrap_or_default().to_owned();
    if last != path {
        row.keep_taken(&column, &Value::from(path));
    }
    (1..=longest).contains(&last.chars().count()).then_some(last)
}
