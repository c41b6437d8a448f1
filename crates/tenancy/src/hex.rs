//! Bytes as lower-case hexadecimal, in texts and in JSON.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serializer, de::Error};

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Reads exactly as many digits as the bytes need; upper case is refused, so that a value has one text.
pub(crate) fn read(text: &str, bytes: &mut [u8]) -> bool {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    text.len() == bytes.len() * 2
        && bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)).all(|(slot, pair)| {
            let value = digit(pair[0]).zip(digit(pair[1])).map(|(high, low)| high << 4 | low);
            *slot = value.unwrap_or_default();
            value.is_some()
        })
}

/// Writes bytes as a JSON string.
pub(crate) fn serialize<const N: usize, S: Serializer>(
    bytes: &[u8; N],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut text = String::with_capacity(N * 2);
    for byte in bytes {
        for half in [byte >> 4, byte & 15] {
            text.push(char::from(DIGITS[usize::from(half)]));
        }
    }
    serializer.serialize_str(&text)
}

/// Reads them back.
pub(crate) fn deserialize<'de, const N: usize, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<[u8; N], D::Error> {
    let text = Cow::<str>::deserialize(deserializer)?;
    let mut bytes = [0; N];
    if read(&text, &mut bytes) { Ok(bytes) } else { Err(D::Error::custom("not hexadecimal digits")) }
}
