//! JSON-RPC 2.0: one message in, one message out.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};

/// A request's identifier: a text or a whole number, given back as it came.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RequestId {
    /// A whole number.
    Number(i64),
    /// A text.
    Text(String),
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

/// An error as it travels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ErrorObject {
    /// Code.
    pub code: i32,
    /// Words for the reader.
    pub message: String,
    /// More, for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

impl ErrorObject {
    /// An error without data.
    pub fn new(code: i32, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: None }
    }

    /// This error with data.
    #[must_use]
    pub fn with(mut self, data: Value) -> Self {
        self.data = Some(data);
        self
    }
}

/// A message from a peer.
#[derive(Debug)]
pub enum Incoming<'a> {
    /// Wants an answer.
    Request {
        /// Identifier.
        id: RequestId,
        /// Method.
        method: Cow<'a, str>,
        /// Parameters, an object.
        params: Option<&'a RawValue>,
    },
    /// Wants none.
    Notification {
        /// Method.
        method: Cow<'a, str>,
        /// Parameters, an object.
        params: Option<&'a RawValue>,
    },
    /// Answers a request of ours.
    Response {
        /// The request's identifier.
        id: RequestId,
        /// The result, or the error.
        outcome: Result<&'a RawValue, ErrorObject>,
    },
}

/// Why bytes are no message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// Not JSON (code -32700).
    NotJson(String),
    /// JSON, but no message (code -32600); the identifier where one could be read.
    NotAMessage {
        /// Identifier.
        id: Option<RequestId>,
        /// What is wrong.
        why: &'static str,
    },
}

impl DecodeError {
    /// The error to send.
    pub fn object(&self) -> ErrorObject {
        match self {
            Self::NotJson(why) => ErrorObject::new(crate::codes::PARSE, format!("not valid JSON: {why}")),
            Self::NotAMessage { why, .. } => ErrorObject::new(crate::codes::INVALID_REQUEST, *why),
        }
    }
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    jsonrpc: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    method: Option<&'a RawValue>,
    #[serde(borrow, default)]
    params: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    result: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

/// Keeps an explicit `null` apart from an absent key.
fn present<'de: 'a, 'a, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// Reads one message. Nesting deeper than `depth` is refused in one pass before anything is built.
///
/// # Errors
/// [`DecodeError`] says what is wrong and carries the identifier where it could be read.
pub fn decode(bytes: &[u8], depth: usize) -> Result<Incoming<'_>, DecodeError> {
    let text = str::from_utf8(bytes).map_err(|error| DecodeError::NotJson(format!("not UTF-8 at byte {}", error.valid_up_to())))?;
    if too_deep(bytes, depth) {
        return Err(DecodeError::NotJson(format!("nested deeper than {depth} levels")));
    }
    match text.trim_start().as_bytes().first() {
        Some(b'{') => {}
        _ => {
            serde_json::from_str::<serde::de::IgnoredAny>(text).map_err(|error| not_json(&error))?;
            let why = if text.trim_start().starts_with('[') {
                "a batch: send one JSON-RPC message per request"
            } else {
                "a JSON-RPC message must be an object"
            };
            return Err(DecodeError::NotAMessage { id: None, why });
        }
    }
    let envelope: Envelope<'_> = serde_json::from_str(text).map_err(|error| {
        // A doubled key is well-formed JSON, but no message.
        if error.is_data() { DecodeError::NotAMessage { id: None, why: "a key of the message is doubled" } } else { not_json(&error) }
    })?;
    envelope.message()
}

fn not_json(error: &serde_json::Error) -> DecodeError {
    DecodeError::NotJson(format!("line {}, column {}: unexpected text or end", error.line(), error.column()))
}

impl<'a> Envelope<'a> {
    fn message(self) -> Result<Incoming<'a>, DecodeError> {
        let id = match self.id.map(|raw| small::<RequestId>(raw)) {
            None => None,
            Some(Some(id)) => Some(id),
            Some(None) => {
                return Err(DecodeError::NotAMessage { id: None, why: "id must be a text or a whole number, never null or a fraction" });
            }
        };
        let wrong = |why| DecodeError::NotAMessage { id: id.clone(), why };
        if self.jsonrpc.is_none_or(|raw| raw.get() != "\"2.0\"") {
            return Err(wrong("jsonrpc must be \"2.0\""));
        }
        let Some(method) = self.method else {
            return match (id.clone(), self.result, self.error) {
                (Some(id), Some(result), None) => Ok(Incoming::Response { id, outcome: Ok(result) }),
                (Some(id), None, Some(error)) => {
                    let error = small(error).ok_or_else(|| wrong("error must have a code and a message"))?;
                    Ok(Incoming::Response { id, outcome: Err(error) })
                }
                _ => Err(wrong("method is missing")),
            };
        };
        if self.result.is_some() || self.error.is_some() {
            return Err(wrong("a message has either a method or a result or error"));
        }
        let method: Cow<'a, str> = match serde_json::from_str::<&str>(method.get()) {
            Ok(plain) => Cow::Borrowed(plain),
            // Escapes need a copy.
            Err(_) => Cow::Owned(small::<String>(method).ok_or_else(|| wrong("method must be a text"))?),
        };
        if self.params.is_some_and(|raw| !raw.get().starts_with('{')) {
            return Err(wrong("params must be an object"));
        }
        Ok(match id {
            Some(id) => Incoming::Request { id, method, params: self.params },
            None => Incoming::Notification { method, params: self.params },
        })
    }
}

fn small<T: DeserializeOwned>(raw: &RawValue) -> Option<T> {
    serde_json::from_str(raw.get()).ok()
}

/// Whether brackets outside strings nest deeper than `limit`.
fn too_deep(bytes: &[u8], limit: usize) -> bool {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    for byte in bytes {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
        } else {
            match byte {
                b'"' => in_string = true,
                b'{' | b'[' => {
                    depth += 1;
                    if depth > limit {
                        return true;
                    }
                }
                b'}' | b']' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
    }
    false
}

fn finish(result: Result<(), serde_json::Error>, mut bytes: Vec<u8>) -> Vec<u8> {
    // Our own types always serialise; were one not to, the peer still gets a well-formed answer.
    if result.is_err() {
        bytes.clear();
        bytes.extend_from_slice(br#"{"jsonrpc":"2.0","error":{"code":-32603,"message":"internal error"}}"#);
    }
    bytes
}

/// A result's bytes.
pub fn encode_result(id: &RequestId, result: &impl Serialize) -> Vec<u8> {
    #[derive(Serialize)]
    struct Out<'a, T> {
        jsonrpc: &'static str,
        id: &'a RequestId,
        result: &'a T,
    }
    let mut bytes = Vec::with_capacity(512);
    let written = serde_json::to_writer(&mut bytes, &Out { jsonrpc: "2.0", id, result });
    finish(written, bytes)
}

/// An error's bytes; without an identifier when none could be read.
pub fn encode_error(id: Option<&RequestId>, error: &ErrorObject) -> Vec<u8> {
    #[derive(Serialize)]
    struct Out<'a> {
        jsonrpc: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a RequestId>,
        error: &'a ErrorObject,
    }
    let mut bytes = Vec::with_capacity(256);
    let written = serde_json::to_writer(&mut bytes, &Out { jsonrpc: "2.0", id, error });
    finish(written, bytes)
}

/// A notification's bytes.
pub fn encode_notification(method: &str, params: &impl Serialize) -> Vec<u8> {
    #[derive(Serialize)]
    struct Out<'a, T> {
        jsonrpc: &'static str,
        method: &'a str,
        params: &'a T,
    }
    let mut bytes = Vec::with_capacity(256);
    let written = serde_json::to_writer(&mut bytes, &Out { jsonrpc: "2.0", method, params });
    finish(written, bytes)
}

/// A request's bytes.
pub fn encode_request(id: &RequestId, method: &str, params: &impl Serialize) -> Vec<u8> {
    #[derive(Serialize)]
    struct Out<'a, T> {
        jsonrpc: &'static str,
        id: &'a RequestId,
        method: &'a str,
        params: &'a T,
    }
    let mut bytes = Vec::with_capacity(256);
    let written = serde_json::to_writer(&mut bytes, &Out { jsonrpc: "2.0", id, method, params });
    finish(written, bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn malformed_messages_are_told_apart() {
        let why = |text: &str| match decode(text.as_bytes(), 64) {
            Ok(message) => panic!("{text}: {message:?}"),
            Err(error) => (error.object().code, matches!(error, DecodeError::NotAMessage { id: Some(_), .. })),
        };
        let cases = [
            ("", -32_700, false),
            ("{\"jsonrpc\":\"2.0\"", -32_700, false),
            ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\",\"params\":{\"x\":NaN}}", -32_700, false),
            ("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\"}]", -32_600, false),
            ("1", -32_600, false),
            ("{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"a\"}", -32_600, false),
            ("{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"a\"}", -32_600, false),
            ("{\"jsonrpc\":\"2.0\",\"id\":9223372036854775808,\"method\":\"a\"}", -32_600, false),
            ("{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"a\"}", -32_600, true),
            ("{\"id\":1,\"method\":\"a\"}", -32_600, true),
            ("{\"jsonrpc\":\"2.0\",\"id\":1}", -32_600, true),
            ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}", -32_600, true),
            ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\",\"params\":[1]}", -32_600, true),
            ("{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":2,\"method\":\"a\"}", -32_600, false),
            ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\",\"result\":{}}", -32_600, true),
        ];
        for (text, code, has_id) in cases {
            assert_eq!(why(text), (code, has_id), "{text}");
        }
    }

    #[test]
    fn deep_nesting_is_refused_without_recursion() {
        let deep = format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\",\"params\":{}", "[".repeat(100_000));
        assert!(matches!(decode(deep.as_bytes(), 64), Err(DecodeError::NotJson(why)) if why.contains("64")));
    }

    fn identifier() -> impl Strategy<Value = RequestId> {
        prop_oneof![any::<i64>().prop_map(RequestId::Number), any::<String>().prop_map(RequestId::Text)]
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = decode(&bytes, 16);
        }

        #[test]
        fn requests_come_back(id in identifier(), method in any::<String>(), text in any::<String>()) {
            let bytes = encode_request(&id, &method, &serde_json::json!({ "text": text }));
            let Ok(Incoming::Request { id: back, method: named, params: Some(params) }) = decode(&bytes, 16) else {
                return Err(TestCaseError::fail("not a request"));
            };
            prop_assert_eq!(back, id);
            prop_assert_eq!(named, method);
            let params: Value = serde_json::from_str(params.get()).map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert_eq!(&params["text"], &Value::String(text));
        }

        #[test]
        fn results_come_back(id in identifier(), number in any::<i64>()) {
            let bytes = encode_result(&id, &number);
            let Ok(Incoming::Response { id: back, outcome: Ok(raw) }) = decode(&bytes, 16) else {
                return Err(TestCaseError::fail("not a response"));
            };
            prop_assert_eq!(back, id);
            prop_assert_eq!(raw.get(), number.to_string());
        }

        #[test]
        fn depth_agrees_with_a_count(depth in 1_usize..40, limit in 1_usize..40) {
            let text = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
            prop_assert_eq!(too_deep(text.as_bytes(), limit), depth > limit);
        }
    }
}
