//! What holds for the parser of keys on any bytes. Property tests and the fuzz target share it.

use pm33_auth::{KeyEnvironment, ParsedKey, mint};
use secrecy::ExposeSecret;

/// Checks what holds for any bytes.
pub(crate) fn hold(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let Ok(key) = ParsedKey::parse(text) else { return };
    // There is one way to write a key.
    let begin = format!("pm33_{}_{}", key.environment.as_str(), key.id.as_str());
    assert!(text.starts_with(&begin) && key.whole == text, "{text}");
    assert_eq!(text.len(), begin.len() + 49, "{text}");
    let (rest, last) = text.split_at(text.len() - 1);
    let other = if last == "0" { "1" } else { "0" };
    assert!(
        ParsedKey::parse(rest).is_err() && ParsedKey::parse(&format!("{rest}{other}")).is_err(),
        "{text}"
    );
    let shown = format!("{key:?}");
    assert!(!shown.contains(&text[begin.len()..]), "the secret is shown: {shown}");
}

/// Keys of every environment.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    [KeyEnvironment::Live, KeyEnvironment::Test, KeyEnvironment::Local]
        .map(|environment| mint(environment).0.expose_secret().as_bytes().to_vec())
        .to_vec()
}
