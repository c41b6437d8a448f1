//! The answer of most calls: a tool's JSON as structured content, and the same JSON as a text for clients that read no
//! other. Both come written, and nothing looks through them again; through serde the text was the dearest part of a page.

use serde_json::value::RawValue;

use super::RequestId;

/// Bytes that an answer has around its JSON.
const AROUND: usize = 512;

/// A result of `tools/call` whose only block is its structured content as text.
#[derive(Clone, Copy, Debug)]
pub struct MirroredResult<'a> {
    /// `complete`, for modern peers; a word without quotes.
    pub result_type: Option<&'static str>,
    /// The result; must be JSON.
    pub structured: &'a str,
    /// The same as the inside of a JSON string; must be what escaping gives.
    pub escaped: &'a str,
    /// Whether the tool failed.
    pub is_error: bool,
    /// Metadata.
    pub meta: Option<&'a RawValue>,
}

/// The result's bytes: the same that [`encode_large_result`](super::encode_large_result) gives for it as a
/// [`CallResult`](crate::wire::CallResult).
pub fn encode_mirrored_result(id: &RequestId, result: MirroredResult<'_>) -> Vec<u8> {
    let MirroredResult { result_type, structured, escaped, is_error, meta } = result;
    let mut bytes = Vec::with_capacity(AROUND + structured.len() + escaped.len());
    bytes.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
    // Numbers and texts always serialise.
    let _ = serde_json::to_writer(&mut bytes, id);
    bytes.extend_from_slice(br#","result":{"#);
    if let Some(result_type) = result_type {
        for part in [br#""resultType":""#, result_type.as_bytes(), br#"","#] {
            bytes.extend_from_slice(part);
        }
    }
    let ending: &[u8] = if is_error { br#","isError":true"# } else { b"" };
    for part in [
        br#""content":[{"type":"text","text":""#,
        escaped.as_bytes(),
        br#""}],"structuredContent":"#,
        structured.as_bytes(),
        ending,
    ] {
        bytes.extend_from_slice(part);
    }
    if let Some(meta) = meta {
        bytes.extend_from_slice(br#","_meta":"#);
        bytes.extend_from_slice(meta.get().as_bytes());
    }
    bytes.extend_from_slice(b"}}");
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{json, value::to_raw_value};

    use super::*;
    use crate::{
        jsonrpc::encode_large_result,
        wire::{Block, CallResult},
    };

    proptest! {
        #[test]
        fn it_is_what_serde_writes(text in any::<String>(), key in ".{0,9}", number in any::<i64>(), modern in any::<bool>(), failed in any::<bool>()) {
            let structured = to_raw_value(&json!({ key: [text], "n": number, "nested": { "quoted": "\"\\\u{1f}\n" } })).unwrap_or_default();
            let quoted = serde_json::to_string(structured.get()).unwrap_or_default();
            let meta = to_raw_value(&json!({ "server": "x\"y" })).unwrap_or_default();
            let result_type = modern.then_some("complete");
            let id = RequestId::Number(number);
            let mirrored = encode_mirrored_result(&id, MirroredResult {
                result_type,
                structured: structured.get(),
                escaped: quoted.get(1..quoted.len() - 1).unwrap_or_default(),
                is_error: failed,
                meta: modern.then_some(&*meta),
            });
            let by_serde = CallResult {
                result_type,
                content: vec![Block::Text { text: structured.get() }],
                structured_content: Some(&structured),
                is_error: failed,
                meta: modern.then_some(&*meta),
            };
            prop_assert_eq!(String::from_utf8(mirrored), String::from_utf8(encode_large_result(&id, &by_serde, 0)));
        }
    }
}
