//! Cells that a spreadsheet would run as a formula, made harmless and read back.

/// Beginnings that a spreadsheet takes for a formula; East Asian ones take the wide signs too.
const BEGINNINGS: [char; 11] = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n'];

fn is_armed(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(BEGINNINGS)
}

/// The cell with an apostrophe before it where it begins like a formula, or like one that was made harmless.
pub(crate) fn disarm(text: String) -> String {
    if is_armed(&text) { format!("'{text}") } else { text }
}

/// The cell as it was.
pub(crate) fn rearm(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_armed(rest) => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{disarm, rearm};

    proptest! {
        #[test]
        fn what_is_disarmed_is_harmless_and_comes_back(text in "['=+@＝＋－＠\t\r\n a-]{0,6}") {
            let safe = disarm(text.clone());
            prop_assert!(!safe.starts_with(super::BEGINNINGS), "{safe:?}");
            prop_assert_eq!(rearm(&safe), text);
        }
    }

    #[test]
    fn wide_signs_and_line_ends_are_beginnings_too() {
        for text in ["＝1+1", "＋1", "－1", "＠x", "\t=1", "\r=1", "\n=1", "\r\n=1"] {
            assert_eq!(disarm(text.to_owned()), format!("'{text}"));
        }
    }
}
