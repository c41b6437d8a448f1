//! The form of an API key: `pm33_<env>_<key id 12><secret 43><crc 6>`, base62, so that a scanner knows a real one
//! offline and a mistyped one is refused before any other work.

use std::fmt;

use pm33_tenancy::KeyId;
use secrecy::SecretString;

use crate::AuthError;

/// Every key matches this, for secret scanners.
pub const KEY_PATTERN: &str = r"pm33_(live|test|local)_[0-9A-Za-z]{61}";

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SECRET: usize = 43;
const CRC: usize = 6;

/// What a key is for; part of its text, so that a test key in production is seen at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyEnvironment {
    /// Real use.
    Live,
    /// Tests.
    Test,
    /// One machine: the demo.
    Local,
}

impl KeyEnvironment {
    /// The word in the key.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
            Self::Local => "local",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Live, Self::Test, Self::Local].into_iter().find(|environment| environment.as_str() == word)
    }
}

/// A well-formed key with a right checksum; whether it is known is another question.
#[derive(Clone, Copy)]
pub struct ParsedKey<'a> {
    /// Public half.
    pub id: KeyId,
    /// What it says that it is for.
    pub environment: KeyEnvironment,
    /// The whole key's bytes: what is digested.
    pub whole: &'a str,
    /// Secret half.
    pub(crate) secret: &'a str,
}

impl<'a> ParsedKey<'a> {
    /// Reads a key without allocating.
    ///
    /// # Errors
    /// [`AuthError::Malformed`] for a wrong form or checksum.
    pub fn parse(text: &'a str) -> Result<Self, AuthError> {
        let rest = text.strip_prefix("pm33_").ok_or(AuthError::Malformed)?;
        let (environment, body) = rest.split_once('_').ok_or(AuthError::Malformed)?;
        let environment = KeyEnvironment::parse(environment).ok_or(AuthError::Malformed)?;
        if body.len() != KeyId::LEN + SECRET + CRC || !body.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(AuthError::Malformed);
        }
        let (covered, crc) = text.split_at(text.len() - CRC);
        if checksum(covered) != crc.as_bytes() {
            return Err(AuthError::Malformed);
        }
        let (id, secret) = body.split_at(KeyId::LEN);
        let id = id.parse().map_err(|_| AuthError::Malformed)?;
        Ok(Self { id, environment, whole: text, secret: &secret[..SECRET] })
    }
}

impl fmt::Debug for ParsedKey<'_> {
    /// The public half only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ParsedKey({})", self.id)
    }
}

/// Makes a fresh key: 71 bits of public id, 256 bits of secret.
pub fn mint(environment: KeyEnvironment) -> (SecretString, KeyId) {
    let id: String = (0..KeyId::LEN).map(|_| digit(rand::random_range(0..62))).collect();
    // Its exact size from the start: a text that grew would leave copies of the secret behind.
    let word = environment.as_str();
    let mut text = String::with_capacity("pm33__".len() + word.len() + KeyId::LEN + SECRET + CRC);
    for part in ["pm33_", word, "_", &id] {
        text.push_str(part);
    }
    text.extend(base62(rand::random()).iter().map(|byte| char::from(*byte)));
    let crc = checksum(&text);
    text.extend(crc.iter().map(|byte| char::from(*byte)));
    // The characters are base62 by construction; a failure would only mean another draw.
    match id.parse() {
        Ok(id) => (SecretString::from(text), id),
        Err(_) => mint(environment),
    }
}

fn digit(value: u32) -> char {
    char::from(ALPHABET[value as usize % 62])
}

/// 256 bits as 43 base62 digits, most significant first.
fn base62(mut bytes: [u8; 32]) -> [u8; SECRET] {
    let mut digits = [b'0'; SECRET];
    for slot in digits.iter_mut().rev() {
        let mut carry = 0_u32;
        for byte in &mut bytes {
            let value = carry << 8 | u32::from(*byte);
            *byte = u8::try_from(value / 62).unwrap_or(u8::MAX);
            carry = value % 62;
        }
        *slot = ALPHABET[carry as usize];
    }
    digits
}

fn checksum(covered: &str) -> [u8; CRC] {
    let mut value = crc32fast::hash(covered.as_bytes());
    let mut digits = [b'0'; CRC];
    for slot in digits.iter_mut().rev() {
        *slot = ALPHABET[(value % 62) as usize];
        value /= 62;
    }
    digits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn minted_keys_parse_and_any_changed_character_is_refused() {
        for environment in [KeyEnvironment::Live, KeyEnvironment::Test, KeyEnvironment::Local] {
            let (key, id) = mint(environment);
            let text = key.expose_secret();
            assert_eq!(text.len(), "pm33__".len() + environment.as_str().len() + 61);
            assert!(
                ParsedKey::parse(text)
                    .is_ok_and(|parsed| parsed.id == id && parsed.environment == environment)
            );
            for at in 0..text.len() {
                let mut changed = text.as_bytes().to_vec();
                changed[at] = if changed[at] == b'x' { b'y' } else { b'x' };
                let changed = String::from_utf8(changed).unwrap_or_default();
                assert!(matches!(ParsedKey::parse(&changed), Err(AuthError::Malformed)), "{at}");
            }
            for length in 0..text.len() {
                assert!(ParsedKey::parse(&text[..length]).is_err(), "{length}");
            }
            assert!(ParsedKey::parse(&format!("{text}0")).is_err());
        }
    }

    #[test]
    fn the_checksum_covers_everything_before_it() {
        let text = format!("pm33_live_{}{}", "A".repeat(12), "0".repeat(43));
        let crc = crc32fast::hash(text.as_bytes());
        let digits: u64 = checksum(&text).iter().fold(0, |sum, digit| {
            let value = ALPHABET.iter().position(|known| known == digit).unwrap_or_default();
            sum * 62 + value as u64
        });
        assert_eq!(digits, u64::from(crc));
    }

    #[test]
    fn secrets_use_all_their_bits() {
        assert_eq!(base62([0; 32]), [b'0'; SECRET]);
        // 2^256 - 1 in base 62 has exactly 43 digits.
        assert_ne!(base62([255; 32])[0], b'0');
    }

    #[test]
    fn nothing_shows_a_secret() {
        let (key, id) = mint(KeyEnvironment::Live);
        let shown = format!("{key:?} {:?}", ParsedKey::parse(key.expose_secret()));
        assert!(shown.contains(id.as_str()));
        assert!(!shown.contains(&key.expose_secret()[22..30]));
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in any::<String>()) {
            prop_assert!(ParsedKey::parse(&text).is_err());
        }

        #[test]
        fn texts_of_the_right_form_are_refused_by_their_checksum(text in "pm33_(live|test|local)_[0-9A-Za-z]{61}") {
            let (covered, crc) = text.split_at(text.len() - CRC);
            let right = checksum(covered) == crc.as_bytes();
            prop_assert_eq!(ParsedKey::parse(&text).is_ok(), right);
        }

        #[test]
        fn different_secrets_have_different_digits(one in any::<[u8; 32]>(), other in any::<[u8; 32]>()) {
            prop_assert_eq!(one == other, base62(one) == base62(other));
        }
    }
}
