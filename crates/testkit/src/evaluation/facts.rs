//! Facts: a path into an answer, and what is to be found there.
//!
//! A path's steps are names, places in a list, `name=value` for the entry of a list that has it, and `*` for all entries.
//! What is expected is a value, or a table: `is` (a whole table), `has` (part of a text, or an entry of a list), `all` (these entries in any
//! order), `least` and `most`, `before` and `after` (another path of the same answer).

use std::cmp::Ordering;

use jiff::{ToSpan, civil::Date};
use serde_json::{Value, json};

/// The demo's today: facts name days by their distance from it.
pub(super) struct Clock {
    today: Date,
}

impl Clock {
    /// Of an answer's `as_of`.
    pub(super) fn of(answer: &Value) -> Option<Self> {
        let today = answer["as_of"].as_str()?.get(..10)?.parse().ok()?;
        Some(Self { today })
    }

    /// A value with its `<today+20>` and `<quarter>` replaced.
    pub(super) fn fill(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => json!(self.words(text)),
            Value::Array(list) => list.iter().map(|one| self.fill(one)).collect(),
            Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), self.fill(value))).collect(),
            other => other.clone(),
        }
    }

    fn words(&self, text: &str) -> String {
        let Some((before, rest)) = text.split_once('<') else { return text.to_owned() };
        let Some((word, after)) = rest.split_once('>') else { return text.to_owned() };
        let quarter = format!("{}-Q{}", self.today.year(), (self.today.month() - 1) / 3 + 1);
        let days = word
            .strip_prefix("today")
            .and_then(|days| if days.is_empty() { Some(0) } else { days.parse().ok() });
        let filled = match (word, days) {
            ("quarter", _) => quarter,
            (_, Some(days)) => self.today.saturating_add(i64::days(days)).to_string(),
            _ => format!("<{word}>"),
        };
        format!("{before}{filled}{}", self.words(after))
    }
}

/// Whether an answer holds a fact; the words say what was found instead.
pub(super) fn holds(answer: &Value, path: &str, fact: &Value) -> Result<(), String> {
    let found = at(answer, path);
    let is_so = match fact {
        Value::Object(rules) => rules.iter().all(|(rule, value)| keeps(answer, &found, rule, value)),
        value => same(&found, value),
    };
    let shown: String = found.to_string().chars().take(400).collect();
    if is_so { Ok(()) } else { Err(format!("{path}: expected {fact}, got {shown}")) }
}

fn keeps(answer: &Value, found: &Value, rule: &str, value: &Value) -> bool {
    match (rule, found, value) {
        ("is", found, whole) => found == whole,
        ("has", Value::String(text), Value::String(part)) => text.contains(part.as_str()),
        ("has", Value::Array(list), one) => list.iter().any(|entry| same(entry, one)),
        ("all", Value::Array(list), Value::Array(all)) => {
            list.len() == all.len() && all.iter().all(|one| list.iter().any(|entry| same(entry, one)))
        }
        ("least", ..) => order(found, value).is_some_and(Ordering::is_ge),
        ("most", ..) => order(found, value).is_some_and(Ordering::is_le),
        ("before", _, Value::String(path)) => order(found, &at(answer, path)).is_some_and(Ordering::is_lt),
        ("after", _, Value::String(path)) => order(found, &at(answer, path)).is_some_and(Ordering::is_gt),
        _ => false,
    }
}

/// What lies at a path; null where it leads nowhere.
fn at(value: &Value, path: &str) -> Value {
    let mut here = vec![value];
    let mut is_many = false;
    for step in path.split('/') {
        is_many |= step == "*";
        here = here.into_iter().flat_map(|one| next(one, step)).collect();
    }
    if is_many {
        return here.into_iter().cloned().collect();
    }
    here.first().map_or(Value::Null, |one| (*one).clone())
}

fn next<'a>(value: &'a Value, step: &str) -> Vec<&'a Value> {
    match value {
        Value::Array(list) => match (step, step.split_once('=')) {
            ("*", _) => list.iter().collect(),
            (_, Some((name, wanted))) => {
                list.iter().filter(|one| one[name].as_str().is_some_and(|text| text == wanted)).collect()
            }
            _ => step.parse::<usize>().ok().and_then(|place| list.get(place)).into_iter().collect(),
        },
        other => other.get(step).into_iter().collect(),
    }
}

/// Order of two numbers or two texts (dates are texts); none between others.
fn order(one: &Value, other: &Value) -> Option<Ordering> {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one.partial_cmp(&other),
        _ => Some(one.as_str()?.cmp(other.as_str()?)),
    }
}

/// Whether two values are the same; numbers by their value, not by how they are written.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(_), Value::Number(_)) => {
            one.as_f64().zip(other.as_f64()).is_some_and(|(one, other)| (one - other).abs() < 1e-9)
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Clock, holds};

    #[test]
    fn a_fact_holds_only_where_the_answer_has_it() {
        let answer = json!({
            "total": 2, "summary": "two are late", "end": "2026-03-01",
            "items": [{ "key": "A-1", "due": "2026-02-01", "on": ["x", "y"] }, { "key": "A-2", "points": 3.0 }],
        });
        for (path, fact) in [
            ("total", json!(2.0)),
            ("items/0/key", json!("A-1")),
            ("items/*/key", json!(["A-1", "A-2"])),
            ("items/*/key", json!({ "all": ["A-2", "A-1"] })),
            ("items/key=A-2/points", json!(3)),
            ("items/key=A-1/on", json!({ "has": "y" })),
            ("items/key=A-1/due", json!({ "before": "end", "least": "2026-01-31" })),
            ("summary", json!({ "has": "late" })),
            ("total", json!({ "least": 1, "most": 2 })),
            ("items/key=A-3", json!(null)),
            ("items/1", json!({ "is": { "points": 3.0, "key": "A-2" } })),
        ] {
            assert_eq!(holds(&answer, path, &fact), Ok(()), "{path} {fact}");
        }
        for (path, fact) in [
            ("total", json!(3)),
            ("total", json!({ "least": 3 })),
            ("total", json!({ "most": 1 })),
            ("total", json!({ "lest": 1 })),
            ("total", json!("2")),
            ("items/*/key", json!(["A-2", "A-1"])),
            ("items/*/key", json!({ "all": ["A-1"] })),
            ("items/*/key", json!({ "all": ["A-1", "A-3"] })),
            ("items/key=A-3/points", json!(3)),
            ("items/key=A-1/due", json!({ "after": "end" })),
            ("items/key=A-1/due", json!({ "before": "nowhere" })),
            ("summary", json!({ "has": "early" })),
            ("items/7/key", json!({ "has": "A" })),
            ("items/1", json!({ "is": { "key": "A-2" } })),
        ] {
            let told = holds(&answer, path, &fact).unwrap_err();
            assert!(told.starts_with(path), "{told}");
        }
    }

    #[test]
    fn days_are_told_from_the_demos_today() {
        let clock = Clock::of(&json!({ "as_of": "2026-11-25T21:37:20Z" })).unwrap();
        let filled =
            clock.fill(&json!({ "a": ["<today+20>", "from <today-25> to <today>"], "b": "<quarter> < 3" }));
        assert_eq!(
            filled,
            json!({ "a": ["2026-12-15", "from 2026-10-31 to 2026-11-25"], "b": "2026-Q4 < 3" })
        );
    }
}
