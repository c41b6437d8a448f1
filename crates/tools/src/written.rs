//! A tool's result as it is sent: its JSON, and the same JSON as the inside of a JSON string, for clients that read no
//! structure.

use std::fmt::Write as _;

use serde::Serialize;

use crate::numbers::{self, Numbers};

/// A result, written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    json: String,
    escaped: String,
}

impl Written {
    /// Writes a result.
    ///
    /// # Errors
    /// What does not serialise.
    pub(crate) fn of(result: &impl Serialize, numbers: Numbers) -> Result<Self, serde_json::Error> {
        let json = numbers::json(result, numbers)?;
        let mut escaped = String::with_capacity(json.len() * 5 / 4);
        escape(&json, &mut escaped);
        Ok(Self { json, escaped })
    }

    /// Both texts, by whoever wrote them.
    pub(crate) fn new(json: String, escaped: String) -> Self {
        Self { json, escaped }
    }

    /// The result as JSON.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// The same as the inside of a JSON string.
    pub fn escaped(&self) -> &str {
        &self.escaped
    }

    /// Both texts.
    pub(crate) fn into_parts(self) -> (String, String) {
        (self.json, self.escaped)
    }
}

/// Writes text as the inside of a JSON string (RFC 8259 §7), with the short escapes where there are any.
pub(crate) fn escape(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(is_special) {
        let (plain, behind) = rest.split_at(at);
        out.push_str(plain);
        let mut behind = behind.chars();
        match behind.next() {
            Some('"') => out.push_str(r#"\""#),
            Some('\\') => out.push_str(r"\\"),
            Some('\n') => out.push_str(r"\n"),
            Some('\t') => out.push_str(r"\t"),
            Some('\r') => out.push_str(r"\r"),
            Some('\u{8}') => out.push_str(r"\b"),
            Some('\u{c}') => out.push_str(r"\f"),
            // Nothing fails to be written to a text.
            Some(control) => drop(write!(out, "\\u{:04x}", u32::from(control))),
            None => {}
        }
        rest = behind.as_str();
    }
    out.push_str(rest);
}

/// Whether a text reads the same inside of a JSON string.
pub(crate) fn is_plain(text: &str) -> bool {
    // Looked at whole, which takes no branch for each byte.
    text.bytes().fold(true, |plain, byte| plain & !is_special(byte))
}

fn is_special(byte: u8) -> bool {
    matches!(byte, ..0x20 | b'"' | b'\\')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    proptest! {
        #[test]
        fn both_texts_are_what_serde_writes(text in any::<String>(), key in ".{0,9}", number in any::<f64>()) {
            let result = json!({ key: [text], "n": number, "deep": { "quoted": "\"\\\u{1f}\n" } });
            let plain = result.to_string();
            let quoted = serde_json::to_string(&plain)?;
            let escaped = quoted[1..quoted.len() - 1].to_owned();
            prop_assert_eq!(is_plain(&plain), plain == escaped);
            prop_assert_eq!(Written::of(&result, Numbers::Kept)?.into_parts(), (plain, escaped));
        }
    }
}
