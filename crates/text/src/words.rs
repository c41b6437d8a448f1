//! Texts as they are compared: folded, and as words.

use unicode_normalization::UnicodeNormalization;

/// A text folded for comparison: compatibility-normalised and lower-cased.
pub fn fold(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).collect()
}

/// The words of a text, folded: runs of letters and digits.
pub fn words(text: &str) -> Vec<String> {
    fold(text).split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}
