//! Texts as they are compared, so that disguise makes no difference. The text itself is kept elsewhere.

use unicode_normalization::UnicodeNormalization;

use crate::{clean, confusables};

/// The form in which texts are searched for what they try to hide: cleaned, compatibility-composed (NFKC), case-folded,
/// and Cyrillic, Greek and Armenian look-alikes written as the Latin letters that they resemble. For comparing only:
/// honest Cyrillic and Greek words become unreadable by it.
pub fn fold(text: &str) -> String {
    fold_case(text).chars().map(confusables::latin).collect()
}

/// [`fold`] without anything but letters and digits: finds words that were spread out.
pub fn fold_despaced(text: &str) -> String {
    let mut folded = fold(text);
    folded.retain(char::is_alphanumeric);
    folded
}

/// Cleaned, NFKC and case-folded; upper case first, because that is where `ß` and final sigma meet their other forms.
pub(crate) fn fold_case(text: &str) -> String {
    let cleaned = clean(text).text;
    if cleaned.is_ascii() {
        return cleaned.to_ascii_lowercase();
    }
    cleaned.nfkc().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::{fold, fold_despaced};

    #[test]
    fn disguises_fold_to_the_same() {
        for disguised in ["IGNORE", "ｉｇｎｏｒｅ", "іgnоrе", "𝐢𝐠𝐧𝐨𝐫𝐞", "ig\u{ad}no\u{2060}re", "ΙGNΟRΕ"]
        {
            assert_eq!(fold(disguised), "ignore", "{disguised:?}");
        }
        assert_eq!(fold("Straße ΣΊΣΥΦΟΣ"), fold("STRASSE σίσυφος"));
    }

    #[test]
    fn spread_words_are_found_without_their_spaces() {
        assert_eq!(fold_despaced("i-g n.o\u{200b}r e"), "ignore");
    }
}
