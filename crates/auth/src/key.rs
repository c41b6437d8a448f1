//! The form of an API key: `pm33_<env>_<key id 12><secret 43><crc 6>`, base62, so that a scanner knows a real one
//! offline and a mistyped one is refused before any other work.

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
}

/// A well-formed key with a right checksum; whether it is known is another question.
#[derive(Clone, Copy)]
pub struct ParsedKey<'a> {
    /// Public half.
    pub id: KeyId,
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
        let known = matches!(environment, "live" | "test" | "local");
        if !known || body.len() != KeyId::LEN + SECRET + CRC || !body.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(AuthError::Malformed);
        }
        let (covered, crc) = text.split_at(text.len() - CRC);
        if checksum(covered) != crc.as_bytes() {
            return Err(AuthError::Malformed);
        }
        let (id, secret) = body.split_at(KeyId::LEN);
        let id = id.parse().map_err(|_| AuthError::Malformed)?;
        Ok(Self { id, whole: text, secret: &secret[..SECRET] })
    }
}

/// Makes a fresh key: 71 bits of public id, 256 bits of secret.
pub fn mint(environment: KeyEnvironment) -> (SecretString, KeyId) {
    let id: String = (0..KeyId::LEN).map(|_| digit(rand::random_range(0..62))).collect();
    let secret = base62(rand::random());
    let mut text = format!("pm33_{}_{id}{secret}", environment.as_str());
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
fn base62(mut bytes: [u8; 32]) -> String {
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
    digits.iter().map(|byte| char::from(*byte)).collect()
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
        let (key, id) = mint(KeyEnvironment::Live);
        let text = key.expose_secret();
        assert_eq!(text.len(), "pm33_live_".len() + 61);
        assert!(ParsedKey::parse(text).is_ok_and(|parsed| parsed.id == id));
        for at in 0..text.len() {
            let mut changed = text.as_bytes().to_vec();
            changed[at] = if changed[at] == b'x' { b'y' } else { b'x' };
            let changed = String::from_utf8(changed).unwrap_or_default();
            assert!(matches!(ParsedKey::parse(&changed), Err(AuthError::Malformed)), "{at}");
        }
    }

    #[test]
    fn secrets_use_all_their_bits() {
        assert_eq!(base62([0; 32]), "0".repeat(43));
        // 2^256 - 1 in base 62 has exactly 43 digits.
        assert!(!base62([255; 32]).starts_with('0'));
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in any::<String>()) {
            let _ = ParsedKey::parse(&text);
        }
    }
}
