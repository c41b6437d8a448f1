//! Title and description within their bounds.

use pm33_product::{DESCRIPTION_MAX, TITLE_MAX};
use serde_json::Value;

use crate::row::Row;

/// The title on one line; a record without one is given up.
pub(crate) fn title(row: &mut Row, column: &str) -> Option<String> {
    let title = match row.take(column) {
        Some(Value::String(text)) => text,
        Some(number @ Value::Number(_)) => {
            row.warn(column, "a number is taken for its text", Some(&number));
            number.to_string()
        }
        Some(other) => {
            row.warn(column, "must be a text", Some(&other));
            String::new()
        }
        None => String::new(),
    };
    if title.trim().is_empty() {
        row.skip(Some(column), "missing; an item needs a title of 1 to 500 characters", None);
        return None;
    }
    if title.contains(['\n', '\t']) {
        return Some(title.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    Some(title.trim().to_owned())
}

/// The description; empty when there is none.
pub(crate) fn body(row: &mut Row, column: &str) -> String {
    match row.take(column) {
        Some(Value::String(text)) => text,
        Some(other) => {
            row.give_back(column, &other, "must be a text; kept as a custom field");
            String::new()
        }
        None => String::new(),
    }
}

/// Cuts both to their bounds, and says so. A title that is cut heads the description in full.
pub(crate) fn fit(
    row: &mut Row,
    (title_column, title): (&str, String),
    (body_column, body): (&str, String),
) -> (String, String) {
    let (title, body) = match cut(&title, TITLE_MAX) {
        None => (title, body),
        Some(short) => {
            row.warn(
                title_column,
                "longer than 500 characters; cut, and kept in full at the head of the description",
                None,
            );
            let gap = if body.is_empty() { "" } else { "\n\n" };
            (short.trim_end().to_owned(), format!("{title}{gap}{body}"))
        }
    };
    match cut(&body, DESCRIPTION_MAX) {
        None => (title, body),
        Some(short) => {
            let lost = body.chars().count() - DESCRIPTION_MAX;
            let lost = Value::String(format!("{lost} characters lost"));
            row.warn(body_column, "longer than 65,536 characters; cut there", Some(&lost));
            (title, short.to_owned())
        }
    }
}

/// The first characters of a longer text; `None` when it is not longer.
fn cut(text: &str, most: usize) -> Option<&str> {
    text.char_indices().nth(most).map(|(at, _)| &text[..at])
}
