//! Cleaning every string of a JSON value, keys too.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::{Removals, clean};

/// Cleans every string and key in place; where nothing hides, nothing is allocated. Of two keys of one object that
/// become the same, the one that was clean already stays, else the first. The caller has bounded the value's depth: a
/// value read by `serde_json` has one of 128 at most.
pub fn clean_json(value: &mut Value) -> Removals {
    let mut removed = Removals::default();
    visit(value, &mut removed);
    removed
}

fn visit(value: &mut Value, removed: &mut Removals) {
    match value {
        Value::String(text) => {
            let cleaned = clean(text);
            *removed += cleaned.removed;
            if let Cow::Owned(new) = cleaned.text {
                *text = new;
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|one| visit(one, removed)),
        Value::Object(map) => {
            if map.keys().any(|key| matches!(clean(key).text, Cow::Owned(_))) {
                clean_keys(map, removed);
            }
            map.values_mut().for_each(|one| visit(one, removed));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn clean_keys(map: &mut Map<String, Value>, removed: &mut Removals) {
    let old = std::mem::take(map);
    let honest: Vec<bool> = old.keys().map(|key| matches!(clean(key).text, Cow::Borrowed(_))).collect();
    for ((key, value), honest) in old.into_iter().zip(honest) {
        let cleaned = clean(&key);
        *removed += cleaned.removed;
        if honest || !map.contains_key(cleaned.text.as_ref()) {
            map.insert(cleaned.text.into_owned(), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn strings_and_keys_are_cleaned_at_any_depth() {
        let mut value = json!({ "a\u{200d}": ["x\u{0}", { "k": "ok" }], "n": 1 });
        let removed = super::clean_json(&mut value);
        assert_eq!(value, json!({ "a": ["x", { "k": "ok" }], "n": 1 }));
        assert_eq!((removed.zero_width, removed.control, removed.total()), (1, 1, 2));
    }

    #[test]
    fn a_disguised_key_never_replaces_an_honest_one() {
        for mut value in [json!({ "id": 1, "i\u{2060}d": 2 }), json!({ "i\u{2060}d": 2, "id": 1 })] {
            super::clean_json(&mut value);
            assert_eq!(value, json!({ "id": 1 }));
        }
    }
}
