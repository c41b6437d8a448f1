//! Header names (lower case) and the coding of values that do not fit a header.

use std::borrow::Cow;

/// `MCP-Protocol-Version`.
pub const PROTOCOL_VERSION: &str = "mcp-protocol-version";
/// `Mcp-Method`.
pub const METHOD: &str = "mcp-method";
/// `Mcp-Name`.
pub const NAME: &str = "mcp-name";
/// Prefix of `Mcp-Param-*`.
pub const PARAM_PREFIX: &str = "mcp-param-";
/// `Mcp-Session-Id`.
pub const SESSION: &str = "mcp-session-id";
/// `Last-Event-ID`.
pub const LAST_EVENT: &str = "last-event-id";

const CODED_START: &str = "=?base64?";
const CODED_END: &str = "?=";
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Decodes a header value: trims optional white space; `=?base64?…?=` is decoded strictly, anything else is literal.
/// `None` for bytes that a header may not hold, bad base64, or decoded bytes that are not UTF-8.
pub fn decode_value(raw: &[u8]) -> Option<Cow<'_, str>> {
    let text = str::from_utf8(raw).ok()?.trim_matches([' ', '\t']);
    if !text.bytes().all(|byte| matches!(byte, 0x20..=0x7e | b'\t')) {
        return None;
    }
    match text.strip_prefix(CODED_START).and_then(|rest| rest.strip_suffix(CODED_END)) {
        None => Some(Cow::Borrowed(text)),
        Some(coded) => String::from_utf8(decode_base64(coded.as_bytes())?).ok().map(Cow::Owned),
    }
}

/// Codes a text for a header: literally where it can stand so, as `=?base64?…?=` where it cannot (foreign characters,
/// white space at an end, or a text that looks coded). [`decode_value`] gives the text back.
pub fn encode_value(text: &str) -> Cow<'_, str> {
    let is_plain = text.bytes().all(|byte| matches!(byte, 0x20..=0x7e | b'\t'))
        && text.trim_matches([' ', '\t']).len() == text.len()
        && !text.starts_with(CODED_START);
    if is_plain { Cow::Borrowed(text) } else { Cow::Owned(encode_base64(text.as_bytes())) }
}

fn encode_base64(bytes: &[u8]) -> String {
    let mut coded = String::from(CODED_START);
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte))
            << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = ALPHABET.get(bits >> (18 - 6 * place) & 63).copied().unwrap_or(b'=');
            coded.push(char::from(if place > chunk.len() { b'=' } else { digit }));
        }
    }
    coded.push_str(CODED_END);
    coded
}

/// Strict base64: the standard alphabet, full padding, no stray bits.
fn decode_base64(text: &[u8]) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let last = text.len() / 4;
    for (index, quad) in text.chunks_exact(4).enumerate() {
        let padding =
            if index + 1 == last { quad.iter().rev().take_while(|byte| **byte == b'=').count() } else { 0 };
        if padding > 2 {
            return None;
        }
        let mut bits = 0_u32;
        for byte in &quad[..4 - padding] {
            bits = bits << 6 | u32::from(sextet(*byte)?);
        }
        bits <<= 6 * padding;
        let [_, first, second, third] = bits.to_be_bytes();
        let whole = [first, second, third];
        // Bits beyond the padding must be zero, or two texts would mean the same bytes.
        if whole[3 - padding..].iter().any(|byte| *byte != 0) {
            return None;
        }
        bytes.extend_from_slice(&whole[..3 - padding]);
    }
    Some(bytes)
}

fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{decode_value, encode_value};

    proptest! {
        #[test]
        fn coded_values_come_back(text in any::<String>()) {
            let coded = encode_value(&text);
            let decoded = decode_value(coded.as_bytes());
            prop_assert_eq!(decoded.as_deref(), Some(&*text));
        }
    }

    #[test]
    fn values_are_trimmed_decoded_or_refused() {
        let cases: [(&[u8], Option<&str>); 9] = [
            (b" tools/call\t", Some("tools/call")),
            (b"=?base64?SGVsbG8=?=", Some("Hello")),
            (b"=?base64?w7w=?=", Some("\u{fc}")),
            (b"=?base64?SGVsbG8?=", None),
            (b"=?base64?SGVs!G8=?=", None),
            (b"=?base64?SGVsbG9=?=", None),
            (b"=?BASE64?SGVsbG8=?=", Some("=?BASE64?SGVsbG8=?=")),
            (b"SGVsbG8=?=", Some("SGVsbG8=?=")),
            (b"caf\xc3\xa9", None),
        ];
        for (raw, expected) in cases {
            assert_eq!(decode_value(raw).as_deref(), expected, "{:?}", String::from_utf8_lossy(raw));
        }
    }
}
