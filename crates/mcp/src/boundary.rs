//! The boundary that every string of a request passes (governance I1): parameters, what a client calls itself, and what
//! an error repeats of its cause.

use std::borrow::Cow;

use pm33_auth::hide_keys;
use pm33_protocol::ErrorObject;
use pm33_text::{Removals, clean, clean_json};
use serde_json::{Value, value::RawValue};

use crate::failure::Failure;

/// Longest kept part of what a client calls itself, in characters.
const NAME: usize = 200;
/// Longest text that an error repeats, in characters.
const REPEATED: usize = 2_000;

/// Parameters with every string and key cleaned, and what was taken away; `None` where nothing can hide: they are clean as
/// they came.
pub(crate) fn clean_params(params: &RawValue) -> Result<Option<(Box<RawValue>, Removals)>, Failure> {
    if is_plain(params.get().as_bytes()) {
        return Ok(None);
    }
    let unreadable =
        |_| Failure::params("params cannot be read; send texts, numbers, lists and objects only");
    let mut value: Value = serde_json::from_str(params.get()).map_err(unreadable)?;
    let removed = clean_json(&mut value);
    Ok(Some((serde_json::value::to_raw_value(&value).map_err(unreadable)?, removed)))
}

/// Whether JSON text holds nothing that cleaning would change: printable ASCII, and no escape that stands for anything
/// but a quote, a slash, a tab or a line feed.
fn is_plain(json: &[u8]) -> bool {
    let is_special = |byte: &u8| !matches!(*byte, b' '..=b'~' | b'\n' | b'\t' | b'\r') || *byte == b'\\';
    if json.chunks(64).all(|block| !block.iter().fold(false, |found, byte| found | is_special(byte))) {
        return true;
    }
    let mut rest = json;
    while let Some(at) = rest.iter().position(is_special) {
        if rest[at] != b'\\' || !matches!(rest.get(at + 1), Some(b'"' | b'\\' | b'/' | b't' | b'n')) {
            return false;
        }
        rest = &rest[at + 2..];
    }
    true
}

/// What a client calls itself, cleaned and cut.
pub(crate) fn clean_name(name: &str) -> String {
    clean(name).text.chars().take(NAME).collect()
}

/// An error whose texts hold nothing hidden and no key, however they came by what they repeat, and repeat nothing at
/// length.
pub(crate) fn clean_error(mut error: ErrorObject) -> ErrorObject {
    error.message = shorten(&hide_keys(&clean(&error.message).text));
    if let Some(data) = &mut error.data {
        clean_json(data);
        hide_keys_in(data);
    }
    error
}

fn hide_keys_in(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(hidden) = hide_keys(text) {
                *text = hidden;
            }
        }
        Value::Array(list) => list.iter_mut().for_each(hide_keys_in),
        Value::Object(map) => map.values_mut().for_each(hide_keys_in),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn shorten(text: &str) -> String {
    if text.len() <= REPEATED || text.chars().count() <= REPEATED {
        return text.to_owned();
    }
    let head: String = text.chars().take(REPEATED).collect();
    format!("{head} …")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn through(value: &Value) -> (Value, u32) {
        let raw = serde_json::value::to_raw_value(value).unwrap_or_default();
        let Ok(cleaned) = clean_params(&raw) else { return (Value::Null, 0) };
        let (cleaned, removed) = cleaned.unwrap_or((raw, Removals::default()));
        (serde_json::from_str(cleaned.get()).unwrap_or_default(), removed.total())
    }

    #[test]
    fn nothing_hidden_passes_however_it_is_written() {
        for json in [
            r#"{"uri":"pm33://item/harbor/HAR-1\u202e"}"#,
            "{\"uri\":\"pm33://item/harbor/HAR-1\u{e0041}\"}",
            r#"{"u\u0000ri":"pm33://item/harbor/HAR-1"}"#,
            r#"{"uri":"pm33://item/harbor/HAR-1\b"}"#,
        ] {
            let raw = RawValue::from_string(json.to_owned()).unwrap_or_default();
            let cleaned = clean_params(&raw)
                .ok()
                .flatten()
                .map(|(cleaned, removed)| (cleaned.get().to_owned(), removed.total()));
            assert!(
                cleaned
                    .is_some_and(|cleaned| cleaned == (r#"{"uri":"pm33://item/harbor/HAR-1"}"#.to_owned(), 1)),
                "{json:?}"
            );
        }
    }

    #[test]
    fn an_error_repeats_nothing_hidden_and_nothing_long() {
        let error = ErrorObject::new(-1, format!("no tool \u{202e}x{}", "y".repeat(9_000)))
            .with(json!({ "uri": "a\u{200d}b" }));
        let cleaned = clean_error(error);
        assert!(!cleaned.message.contains('\u{202e}') && cleaned.message.chars().count() <= REPEATED + 2);
        assert_eq!(cleaned.data, Some(json!({ "uri": "ab" })));
    }

    #[test]
    fn an_error_repeats_no_key() {
        let key = format!("pm33_live_0123456789ab{}", "z".repeat(49));
        let error =
            ErrorObject::new(-1, format!("no tool {key:?}")).with(json!({ "defects": [{ "given": key }] }));
        let cleaned = clean_error(error);
        assert_eq!(cleaned.message, r#"no tool "pm33_live_0123456789ab…""#);
        assert_eq!(cleaned.data, Some(json!({ "defects": [{ "given": "pm33_live_0123456789ab…" }] })));
    }

    #[test]
    fn a_name_is_kept_clean_and_short() {
        let name = clean_name(&format!("evil\u{202e}client{}", "x".repeat(5_000)));
        assert!(name.starts_with("evilclient") && name.chars().count() == NAME);
    }

    proptest! {
        #[test]
        fn any_text_is_what_cleaning_makes_of_it(text in any::<String>(), plain in "[ -~\n\t]{0,40}") {
            let (cleaned, removed) = through(&json!({ "a": text, "b": [plain] }));
            let expected = clean(&text);
            prop_assert_eq!(&cleaned["a"], &json!(expected.text));
            prop_assert_eq!(&cleaned["b"][0], &json!(plain));
            prop_assert_eq!(removed, expected.removed.total());
        }
    }
}
