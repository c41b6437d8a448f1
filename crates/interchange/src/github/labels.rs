//! Labels, and what they say of type, priority and team.

use std::collections::BTreeSet;

use pm33_product::{ItemType, LABELS_MAX, Priority};
use serde_json::Value;

use crate::{ImportOptions, report::Fate, row::Row};

/// Longest label in characters.
const LABEL_MAX: usize = 100;

/// Labels and what was read from them.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    pub(crate) names: Vec<String>,
    pub(crate) item_type: Option<ItemType>,
    pub(crate) priority: Option<Priority>,
    pub(crate) team: Option<String>,
}

pub(crate) fn read(row: &mut Row, options: &ImportOptions) -> Labels {
    let names = names(row);
    let mut labels: Vec<String> = Vec::new();
    let mut beyond = Vec::new();
    for name in names {
        let fits = labels.len() < LABELS_MAX && name.chars().count() <= LABEL_MAX;
        if fits { &mut labels } else { &mut beyond }.push(name);
    }
    if !beyond.is_empty() {
        let shown = Value::from(beyond.clone());
        row.warn(
            "labels",
            "at most 100 labels of 1 to 100 characters; the others are kept as a custom field",
            Some(&shown),
        );
        row.keep_beside("labels", &beyond);
    }
    let item_type = issue_type(row).or_else(|| labels.iter().find_map(|label| item_type(label)));
    let priority = labels.iter().find_map(|label| priority(label));
    let team = labels.iter().find_map(|label| team(label, &options.team_labels));
    Labels { names: labels, item_type, priority, team }
}

/// The names, each once, in their order.
fn names(row: &mut Row) -> Vec<String> {
    let Some(value) = row.take("labels") else { return Vec::new() };
    let Value::Array(list) = value else {
        row.give_back("labels", &value, "must be a list; kept as a custom field");
        return Vec::new();
    };
    let mut names: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut parts = BTreeSet::new();
    let mut left_out = Vec::new();
    for one in &list {
        let name = match one {
            Value::String(name) => Some(name.as_str()),
            Value::Object(map) => {
                parts.extend(
                    map.iter()
                        .filter(|(key, value)| *key != "name" && !value.is_null())
                        .map(|(key, _)| key.clone()),
                );
                map.get("name").and_then(Value::as_str)
            }
            _ => None,
        };
        match name.map(str::trim).filter(|name| !name.is_empty()) {
            Some(name) if seen.insert(name.to_owned()) => names.push(name.to_owned()),
            Some(_) => {}
            None => left_out.push(one.clone()),
        }
    }
    if !left_out.is_empty() {
        row.warn("labels", "not labels with a name; left out", Some(&Value::from(left_out)));
    }
    for part in parts {
        row.part("labels", &part, Fate::Dropped);
    }
    names
}

/// The issue type that organisations define, if it is one of ours.
fn issue_type(row: &mut Row) -> Option<ItemType> {
    let value = row.take("issueType")?;
    let name = match &value {
        Value::Object(map) => map.get("name").and_then(Value::as_str),
        other => other.as_str(),
    };
    let found = name.and_then(ItemType::parse);
    if found.is_none() {
        row.keep_taken("issueType", &value);
    }
    found
}

/// `bug`, `kind/bug`, `type: bug`.
fn item_type(label: &str) -> Option<ItemType> {
    match label.split_once(['/', ':']) {
        None => ItemType::parse(label),
        Some((group, word)) => matches!(group.trim().to_ascii_lowercase().as_str(), "kind" | "type" | "t")
            .then(|| ItemType::parse(word))?,
    }
}

/// `P1`, `priority/high`, `priority: P1`, and the long words of `priority/…` that Kubernetes uses. Bare words such as
/// `low` or `major` may mean anything.
fn priority(label: &str) -> Option<Priority> {
    let folded = label.to_ascii_lowercase();
    let Some((group, word)) = folded.split_once(['/', ':']) else {
        return matches!(folded.as_str(), "p0" | "p1" | "p2" | "p3" | "critical" | "urgent" | "blocker")
            .then(|| Priority::parse(&folded))?;
    };
    if !matches!(group.trim(), "priority" | "prio" | "p") {
        return None;
    }
    match word.trim() {
        "critical-urgent" => Some(Priority::Critical),
        "important-soon" => Some(Priority::High),
        "important-longterm" => Some(Priority::Medium),
        "backlog" => Some(Priority::Low),
        other => Priority::parse(other),
    }
}

fn team(label: &str, beginnings: &[String]) -> Option<String> {
    let beginning = beginnings.iter().find(|beginning| label.starts_with(beginning.as_str()))?;
    let rest = label[beginning.len()..].trim();
    let name = if beginning.ends_with(['/', ':']) { rest } else { label.trim() };
    (!rest.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use pm33_product::{ItemType, Priority};

    use super::{item_type, priority, team};

    #[test]
    fn labels_are_read_where_they_are_plain() {
        assert_eq!(item_type("kind/bug"), Some(ItemType::Bug));
        assert_eq!(item_type("Type: Feature"), Some(ItemType::Feature));
        assert_eq!(item_type("enhancement"), Some(ItemType::Feature));
        assert_eq!(item_type("area/bug"), None);
        assert_eq!(priority("P0"), Some(Priority::Critical));
        assert_eq!(priority("priority/important-soon"), Some(Priority::High));
        assert_eq!(priority("major"), None);
        assert_eq!(priority("stage/alpha"), None);
        let beginnings = ["team/".to_owned(), "sig-".to_owned()];
        assert_eq!(team("team/payments", &beginnings).as_deref(), Some("payments"));
        assert_eq!(team("sig-node", &beginnings).as_deref(), Some("sig-node"));
        assert_eq!(team("sig-", &beginnings), None);
    }
}
