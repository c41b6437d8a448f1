//! Keys in texts that are repeated to somebody: of a key that stands where none belongs only the public half is left.

use std::borrow::Cow;

use pm33_tenancy::KeyId;

use crate::KeyEnvironment;

const BEGIN: &str = "pm33_";
/// Stands for the secret half.
const HIDDEN: &str = "…";

/// The text with the secret half of everything that looks like a key taken out, whole keys and cut ones.
pub fn hide_keys(text: &str) -> Cow<'_, str> {
    let mut hidden = String::new();
    let mut copied = 0;
    for (at, _) in text.match_indices(BEGIN) {
        let rest = &text[at + BEGIN.len()..];
        let Some((word, body)) = rest.split_once('_') else { continue };
        let digits = body.bytes().take_while(u8::is_ascii_alphanumeric).count();
        if KeyEnvironment::parse(word).is_none() || digits <= KeyId::LEN || at < copied {
            continue;
        }
        let body = at + BEGIN.len() + word.len() + 1;
        hidden.push_str(&text[copied..body + KeyId::LEN]);
        hidden.push_str(HIDDEN);
        copied = body + digits;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    hidden.push_str(&text[copied..]);
    Cow::Owned(hidden)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use secrecy::ExposeSecret;

    use super::*;
    use crate::mint;

    #[test]
    fn words_that_are_no_keys_stay() {
        for text in [
            "",
            "pm33_",
            "pm33_query_backlog",
            "pm33_test_0123456789ab",
            "pm33_live",
            "xpm33_demo_0123456789abcdef",
        ] {
            assert_eq!(hide_keys(text), text);
        }
    }

    proptest! {
        #[test]
        fn of_every_key_the_public_half_is_left(
            before in "[ -~é]{0,20}", between in "[^0-9A-Za-z]{1,5}", cut in 0_usize..40,
        ) {
            let (key, id) = mint(KeyEnvironment::Test);
            let key = key.expose_secret();
            let whole = format!("{before}{key}{between}{}{between}", &key[..key.len() - cut]);
            let one = format!("pm33_test_{id}…");
            prop_assert_eq!(hide_keys(&whole), format!("{before}{one}{between}{one}{between}"));
        }
    }
}
