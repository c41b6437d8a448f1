//! The answer of most calls: a tool's JSON as structured content, and the same JSON as a text for clients that read no
//! other. The text is as long as the structure and half quotes, so it is escaped here in one pass over its bytes; through
//! serde it was the dearest part of a page.

use serde_json::{Value, value::RawValue};

use super::{RequestId, encode_large_result};
use crate::wire::{Block, CallResult};

/// Bytes that an answer has around its JSON.
const AROUND: usize = 512;
const HEX: &[u8; 16] = b"0123456789abcdef";

/// A result of `tools/call` whose only block is its structured content as text.
#[derive(Clone, Copy, Debug)]
pub struct MirroredResult<'a> {
    /// `complete`, for modern peers.
    pub result_type: Option<&'static str>,
    /// The result as JSON.
    pub structured: &'a RawValue,
    /// The same as the inside of a JSON string, where the caller has it; must be what escaping gives.
    pub escaped: Option<&'a str>,
    /// Whether the tool failed.
    pub is_error: bool,
    /// Metadata.
    pub meta: Option<&'a Value>,
}

impl<'a> From<MirroredResult<'a>> for CallResult<'a> {
    fn from(mirrored: MirroredResult<'a>) -> Self {
        Self {
            result_type: mirrored.result_type,
            content: vec![Block::Text { text: mirrored.structured.get() }],
            structured_content: Some(mirrored.structured),
            is_error: mirrored.is_error,
            meta: mirrored.meta,
        }
    }
}

/// The result's bytes: the same that [`encode_large_result`] gives for it as a [`CallResult`].
pub fn encode_mirrored_result(id: &RequestId, result: MirroredResult<'_>) -> Vec<u8> {
    let text = result.structured.get();
    let mut bytes = Vec::with_capacity(AROUND + text.len() * 9 / 4);
    let written = (|| {
        bytes.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
        serde_json::to_writer(&mut bytes, id)?;
        bytes.extend_from_slice(br#","result":{"#);
        if let Some(result_type) = result.result_type {
            bytes.extend_from_slice(br#""resultType":"#);
            serde_json::to_writer(&mut bytes, result_type)?;
            bytes.push(b',');
        }
        bytes.extend_from_slice(br#""content":[{"type":"text","text":""#);
        match result.escaped {
            Some(escaped) => bytes.extend_from_slice(escaped.as_bytes()),
            None => escape(text.as_bytes(), &mut bytes),
        }
        bytes.extend_from_slice(br#""}],"structuredContent":"#);
        bytes.extend_from_slice(text.as_bytes());
        if result.is_error {
            bytes.extend_from_slice(br#","isError":true"#);
        }
        if let Some(meta) = result.meta {
            bytes.extend_from_slice(br#","_meta":"#);
            serde_json::to_writer(&mut bytes, meta)?;
        }
        bytes.extend_from_slice(b"}}");
        Ok::<_, serde_json::Error>(())
    })();
    match written {
        Ok(()) => bytes,
        // Ids, words and metadata always serialise; serde's own way tells what it makes of one that does not.
        Err(_) => encode_large_result(id, &CallResult::from(result), text.len()),
    }
}

/// Writes text as the inside of a JSON string (RFC 8259 §7), with the short escapes where there are any.
fn escape(text: &[u8], out: &mut Vec<u8>) {
    for &byte in text {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            0x20.. => out.push(byte),
            b'\n' => out.extend_from_slice(br"\n"),
            b'\t' => out.extend_from_slice(br"\t"),
            b'\r' => out.extend_from_slice(br"\r"),
            0x08 => out.extend_from_slice(br"\b"),
            0x0c => out.extend_from_slice(br"\f"),
            _ => {
                let [high, low] = [byte >> 4, byte & 15].map(|digit| HEX[usize::from(digit)]);
                out.extend_from_slice(&[b'\\', b'u', b'0', b'0', high, low]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{json, value::to_raw_value};

    use super::*;

    proptest! {
        #[test]
        fn it_is_what_serde_writes(text in any::<String>(), key in ".{0,9}", number in any::<i64>(), modern in any::<bool>(), failed in any::<bool>(), at_hand in any::<bool>()) {
            let structured = to_raw_value(&json!({ key: [text], "n": number, "nested": { "quoted": "\"\\\u{1f}\n" } })).unwrap_or_default();
            let quoted = serde_json::to_string(structured.get()).unwrap_or_default();
            let escaped = quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned();
            let meta = json!({ "server": "x\"y" });
            let result = MirroredResult {
                result_type: modern.then_some("complete"),
                structured: &structured,
                escaped: at_hand.then_some(&escaped),
                is_error: failed,
                meta: modern.then_some(&meta),
            };
            let id = RequestId::Number(number);
            let mirrored = encode_mirrored_result(&id, result);
            prop_assert_eq!(mirrored, encode_large_result(&id, &CallResult::from(result), 0));
        }

        #[test]
        fn every_text_is_escaped_as_serde_does(text in any::<String>()) {
            let mut escaped = vec![b'"'];
            escape(text.as_bytes(), &mut escaped);
            escaped.push(b'"');
            prop_assert_eq!(String::from_utf8_lossy(&escaped), serde_json::to_string(&text).unwrap_or_default());
        }
    }
}
