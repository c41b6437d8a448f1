//! Placeholders in an answer become their values again, also when one is split over parts of a stream.

use std::collections::HashMap;

/// The longest placeholder: `[[NATIONAL_4294967295]]` and some.
const LONGEST: usize = 32;

/// An answer with its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The text.
    pub text: String,
    /// Placeholders that this call never made: the model invented them. They stay as they are.
    pub unknown: u32,
}

/// Restores an answer that comes in parts.
#[derive(Debug)]
pub struct Restorer<'a> {
    values: &'a HashMap<String, String>,
    kept: String,
    unknown: u32,
}

impl<'a> Restorer<'a> {
    pub(crate) fn over(values: &'a HashMap<String, String>) -> Self {
        Self { values, kept: String::new(), unknown: 0 }
    }

    /// Takes a part; what can be told of the answer so far.
    pub fn push(&mut self, part: &str) -> String {
        self.kept.push_str(part);
        let mut told = String::new();
        loop {
            let Some(start) = self.kept.find("[[") else {
                // A single bracket at the end may be the first of two.
                let whole = self.kept.len() - usize::from(self.kept.ends_with('['));
                told.extend(self.kept.drain(..whole));
                return told;
            };
            told.extend(self.kept.drain(..start));
            let Some(end) = self.kept.find("]]") else {
                let is_hopeless = self.kept.len() > LONGEST || !could_be(&self.kept);
                if !is_hopeless {
                    return told;
                }
                told.extend(self.kept.drain(..1));
                continue;
            };
            let word = self.kept.get(..end + 2).unwrap_or_default();
            if let Some(value) = self.values.get(word) {
                told.push_str(value);
                self.kept.drain(..end + 2);
            } else {
                self.unknown += u32::from(is_placeholder(word));
                // Only the first bracket: what follows it may begin a placeholder.
                told.extend(self.kept.drain(..1));
            }
        }
    }

    /// The rest, when no part follows.
    pub fn finish(&mut self) -> String {
        std::mem::take(&mut self.kept)
    }

    /// Placeholders so far that this call never made.
    pub fn unknown(&self) -> u32 {
        self.unknown
    }
}

/// Whether a text that begins with `[[` could still become a placeholder.
fn could_be(text: &str) -> bool {
    let inside = text.trim_start_matches('[').trim_end_matches(']');
    inside.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

fn is_placeholder(word: &str) -> bool {
    let inside = word.strip_prefix("[[").and_then(|rest| rest.strip_suffix("]]"));
    inside.and_then(|inside| inside.split_once('_')).is_some_and(|(kind, number)| {
        !kind.is_empty()
            && kind.bytes().all(|byte| byte.is_ascii_uppercase())
            && !number.is_empty()
            && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}
