//! Who works on an issue.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{report::Fate, row::Row};

/// Longest name of an assignee, in characters.
const NAME_MAX: usize = 200;

/// The first assignee; several are kept as a custom field too.
pub(crate) fn assignee(row: &mut Row) -> Option<String> {
    let value = row.take("assignees")?;
    let Value::Array(list) = value else {
        row.give_back("assignees", &value, "must be a list; kept as a custom field");
        return None;
    };
    let mut names = Vec::new();
    let mut parts = BTreeSet::new();
    let mut left_out = Vec::new();
    for one in &list {
        let name = match one {
            Value::Object(map) => {
                parts.extend(
                    map.iter().filter(|(key, value)| *key != "login" && !value.is_null()).map(|(key, _)| key),
                );
                map.get("login").and_then(Value::as_str)
            }
            other => other.as_str(),
        };
        if let Some(name) = name.map(str::trim).filter(|name| (1..=NAME_MAX).contains(&name.chars().count()))
        {
            names.push(name.to_owned());
        } else {
            left_out.push(one.clone());
        }
    }
    if !left_out.is_empty() {
        let left_out = Value::from(left_out);
        row.warn("assignees", "not persons with a login of 1 to 200 characters; left out", Some(&left_out));
    }
    for part in parts {
        row.part("assignees", part, Fate::Dropped);
    }
    if names.len() > 1 {
        row.keep_beside("assignees", &names);
    }
    names.into_iter().next()
}
