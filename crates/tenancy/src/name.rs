//! The forms of names: slugs, item prefixes, and names for people.

use crate::TenancyError;

/// Longest slug in characters.
const SLUG: usize = 63;
/// Longest name for people in characters.
const NAME: usize = 200;

/// Checks a slug: 1 to 63 lower-case letters, digits and single dashes, a letter or digit at both ends.
///
/// # Errors
/// [`TenancyError::Invalid`] with the rule.
pub fn check_slug(slug: &str) -> Result<(), TenancyError> {
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    if slug.len() <= SLUG && slug.split('-').all(is_word) {
        return Ok(());
    }
    let rule = "must be 1 to 63 lower-case letters and digits, with single dashes between them".to_owned();
    Err(TenancyError::Invalid { field: "slug", rule })
}

/// Checks a prefix of item keys: 2 to 10 upper-case letters and digits, a letter first.
///
/// # Errors
/// [`TenancyError::Invalid`] with the rule.
pub fn check_prefix(prefix: &str) -> Result<(), TenancyError> {
    if (2..=10).contains(&prefix.len())
        && prefix.starts_with(|first: char| first.is_ascii_uppercase())
        && prefix.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    {
        return Ok(());
    }
    let rule = "must be 2 to 10 upper-case letters and digits, a letter first".to_owned();
    Err(TenancyError::Invalid { field: "prefix", rule })
}

/// Checks a name for people: 1 to 200 characters, no control characters, no blanks at its ends.
///
/// # Errors
/// [`TenancyError::Invalid`] with the rule.
pub fn check_name(name: &str) -> Result<(), TenancyError> {
    if (1..=NAME).contains(&name.chars().count())
        && name.trim() == name
        && !name.chars().any(char::is_control)
    {
        return Ok(());
    }
    let rule =
        "must be 1 to 200 characters, without control characters and without blanks at its ends".to_owned();
    Err(TenancyError::Invalid { field: "name", rule })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn forms_have_their_edges() {
        let (longest, name) = ("a".repeat(63), "é".repeat(200));
        for slug in ["a", "a-b", "2-b", "payments", longest.as_str()] {
            assert!(check_slug(slug).is_ok(), "{slug}");
        }
        for slug in ["", "-a", "a-", "a--b", "A", "ä", "a b", "a_b", "a/b", &"a".repeat(64)] {
            assert!(check_slug(slug).is_err(), "{slug}");
        }
        for prefix in ["PA", "P2", "ABCDEFGHIJ"] {
            assert!(check_prefix(prefix).is_ok(), "{prefix}");
        }
        for prefix in ["", "P", "2P", "pa", "PÄ", "P-A", "ABCDEFGHIJK"] {
            assert!(check_prefix(prefix).is_err(), "{prefix}");
        }
        assert!(check_name("Zoë's team").is_ok() && check_name(&name).is_ok());
        for name in ["", " a", "a\n", "a\u{7}b", &"é".repeat(201)] {
            assert!(check_name(name).is_err(), "{name:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_judged(text in any::<String>()) {
            prop_assert!(check_slug(&text).is_err() || text.is_ascii());
            prop_assert!(check_prefix(&text).is_err() || text.is_ascii());
            prop_assert!(check_name(&text).is_err() || text.chars().count() <= NAME);
        }
    }
}
