//! Cleaning every string of a JSON value, keys too.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::{Removals, clean};

/// Cleans every string and key in place; a value in which nothing hides is left as it is. The caller has bounded the
/// value's depth.
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
                let old = std::mem::take(map);
                *map = old
                    .into_iter()
                    .map(|(key, value)| {
                        let cleaned = clean(&key);
                        *removed += cleaned.removed;
                        (cleaned.text.into_owned(), value)
                    })
                    .collect::<Map<_, _>>();
            }
            map.values_mut().for_each(|one| visit(one, removed));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn strings_and_keys_are_cleaned_at_any_depth() {
        let mut value = serde_json::json!({ "a\u{200d}": ["x\u{0}", { "k": "ok" }], "n": 1 });
        let removed = super::clean_json(&mut value);
        assert_eq!(value, serde_json::json!({ "a": ["x", { "k": "ok" }], "n": 1 }));
        assert_eq!(removed.total(), 2);
    }
}
