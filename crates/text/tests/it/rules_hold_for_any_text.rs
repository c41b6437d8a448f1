//! Properties of cleaning over arbitrary texts, with a generator that prefers what the rules are about.

use std::borrow::Cow;

use pm33_text::{clean, clean_json, fold, words};
use proptest::{collection::vec, prelude::*, sample::select};
use unicode_normalization::is_nfc;

use crate::any_text::{self, forbidden};

const TELLING: &[char] = &[
    'a',
    'e',
    '0',
    '9',
    '#',
    '[',
    ']',
    ';',
    'm',
    '\\',
    ' ',
    '\n',
    '\r',
    '\t',
    '\0',
    '\u{7}',
    '\u{1b}',
    '\u{85}',
    '\u{9b}',
    '\u{9c}',
    '\u{9d}',
    '\u{ad}',
    '\u{300}',
    '\u{301}',
    '\u{302}',
    '\u{323}',
    '\u{34f}',
    '\u{61c}',
    'م',
    'ی',
    'क',
    '\u{94d}',
    '\u{180b}',
    '\u{180e}',
    '\u{1160}',
    '\u{200b}',
    '\u{200c}',
    '\u{200d}',
    '\u{200e}',
    '\u{200f}',
    '\u{2028}',
    '\u{202a}',
    '\u{202b}',
    '\u{202c}',
    '\u{202d}',
    '\u{202e}',
    '\u{2060}',
    '\u{2066}',
    '\u{2067}',
    '\u{2068}',
    '\u{2069}',
    '\u{206a}',
    '\u{20e3}',
    '\u{212a}',
    '\u{2126}',
    '☀',
    '❤',
    '葛',
    '\u{1100}',
    '\u{1161}',
    '\u{11a8}',
    '\u{fdd0}',
    '\u{fe00}',
    '\u{fe0e}',
    '\u{fe0f}',
    '\u{feff}',
    '\u{fffe}',
    '😀',
    '🏴',
    '\u{e0067}',
    '\u{e0062}',
    '\u{e0065}',
    '\u{e006e}',
    '\u{e007f}',
    '\u{e0100}',
    '\u{2f800}',
    '\u{1d15e}',
    '\u{f900}',
    'ᾳ',
    '\u{345}',
];

fn text() -> impl Strategy<Value = String> {
    let telling = vec(select(TELLING), 0..40).prop_map(String::from_iter);
    let mixed = vec(prop_oneof![3 => select(TELLING), 1 => any::<char>()], 0..40).prop_map(String::from_iter);
    prop_oneof![2 => telling, 2 => mixed, 1 => any::<String>()]
}

#[test]
fn what_the_fuzzer_begins_with_holds() {
    for seed in any_text::seeds() {
        any_text::hold(&seed);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_holds(text in text()) {
        any_text::hold(text.as_bytes());
    }

    #[test]
    fn nothing_forbidden_survives_and_the_result_is_composed(text in text()) {
        let cleaned = clean(&text).text.into_owned();
        prop_assert!(!cleaned.contains(forbidden), "{:?}", cleaned);
        prop_assert!(is_nfc(&cleaned));
        let tags = cleaned.chars().filter(|c| ('\u{e0000}'..='\u{e007f}').contains(c)).count();
        prop_assert_eq!(tags, 6 * cleaned.matches("🏴\u{e0067}").count());
        let opened = cleaned.matches(['\u{2066}', '\u{2067}', '\u{2068}']).count();
        prop_assert_eq!(opened, cleaned.matches('\u{2069}').count());
        prop_assert_eq!(cleaned.matches(['\u{202a}', '\u{202b}']).count(), cleaned.matches('\u{202c}').count());
        let selectors: Vec<_> = cleaned.chars().map(|c| ('\u{fe00}'..='\u{fe0f}').contains(&c)).collect();
        prop_assert!(!selectors.windows(2).any(|pair| pair == [true, true]));
    }

    /// NFC triples a text at most (Unicode's own bound for UTF-8); stripping only takes away.
    #[test]
    fn a_text_grows_by_composition_only(text in text()) {
        prop_assert!(clean(&text).text.len() <= 3 * text.len());
    }

    #[test]
    fn nothing_counted_means_nothing_changed(text in text()) {
        let cleaned = clean(&text);
        prop_assert_eq!(cleaned.removed == pm33_text::Removals::default(), cleaned.text.as_ref() == text.as_str());
    }

    #[test]
    fn printable_ascii_is_untouched(text in "[ -~\t\n]{0,200}") {
        prop_assert!(matches!(clean(&text).text, Cow::Borrowed(same) if same == text));
    }

    #[test]
    fn json_strings_are_cleaned_as_strings_are(text in text()) {
        let mut value = serde_json::json!({ "k": [&text] });
        let removed = clean_json(&mut value);
        let cleaned = clean(&text);
        prop_assert_eq!(removed, cleaned.removed);
        prop_assert_eq!(value["k"][0].as_str(), Some(cleaned.text.as_ref()));
    }

    #[test]
    fn comparing_forms_ignore_cleaning(text in text()) {
        let cleaned = clean(&text).text;
        prop_assert_eq!(fold(&text), fold(&cleaned));
        prop_assert!(words(&text).iter().all(|word| !word.is_empty()));
    }
}
