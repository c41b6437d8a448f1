//! Bytes to one message; parameters and results stay as the bytes that they are.

use std::{borrow::Cow, collections::BTreeSet, fmt};

use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;

use super::{DecodeError, ErrorObject, RequestId, Unreadable, scan::scan, shallow};

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

/// Reads one message. `depth` bounds the levels of arrays and objects, the message's own object being the first; deeper
/// text is refused in one pass before anything is built.
///
/// # Errors
/// [`DecodeError`] says what is wrong and carries the identifier where it could be read.
pub fn decode(bytes: &[u8], depth: usize) -> Result<Incoming<'_>, DecodeError> {
    let unreadable = DecodeError::NotJson;
    let text =
        str::from_utf8(bytes).map_err(|error| unreadable(Unreadable::NotUtf8 { at: error.valid_up_to() }))?;
    scan(bytes, depth).map_err(|why| match shallow::identifier(bytes) {
        Some(id) => DecodeError::NotRead { id, why },
        None => unreadable(why),
    })?;
    let syntax = |error: serde_json::Error| unreadable(place(&error, bytes.len()));
    let first = text.trim_start_matches([' ', '\t', '\r', '\n']).as_bytes().first();
    if first != Some(&b'{') {
        serde_json::from_str::<de::IgnoredAny>(text).map_err(syntax)?;
        let why = if first == Some(&b'[') {
            "batches are not served: send one JSON-RPC message at a time, not an array"
        } else {
            "a JSON-RPC message must be an object"
        };
        return Err(DecodeError::NotAMessage { id: None, why });
    }
    serde_json::from_str::<Envelope<'_>>(text).map_err(syntax)?.message()
}

fn place(error: &serde_json::Error, length: usize) -> Unreadable {
    if error.is_eof() {
        Unreadable::Cut { length }
    } else {
        Unreadable::Syntax { line: error.line(), column: error.column() }
    }
}

/// The keys of a message as raw values; an explicit `null` is present.
#[derive(Default)]
struct Envelope<'a> {
    jsonrpc: Option<&'a RawValue>,
    id: Option<&'a RawValue>,
    method: Option<&'a RawValue>,
    params: Option<&'a RawValue>,
    result: Option<&'a RawValue>,
    error: Option<&'a RawValue>,
    id_is_doubled: bool,
    key_is_doubled: bool,
}

#[derive(Deserialize)]
#[serde(transparent)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Envelope<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Envelope<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Envelope<'de>, A::Error> {
                let mut read = Envelope::default();
                // A set, not a list: a message of a million foreign keys must stay cheap.
                let mut foreign = BTreeSet::new();
                while let Some(Key(key)) = map.next_key()? {
                    let value: &'de RawValue = map.next_value()?;
                    let slot = match &*key {
                        "jsonrpc" => &mut read.jsonrpc,
                        "id" => &mut read.id,
                        "method" => &mut read.method,
                        "params" => &mut read.params,
                        "result" => &mut read.result,
                        "error" => &mut read.error,
                        _ => {
                            read.key_is_doubled |= !foreign.insert(key);
                            continue;
                        }
                    };
                    if slot.replace(value).is_some() {
                        read.key_is_doubled = true;
                        read.id_is_doubled |= key == "id";
                    }
                }
                Ok(read)
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

impl<'a> Envelope<'a> {
    fn message(self) -> Result<Incoming<'a>, DecodeError> {
        let id = self.id.filter(|_| !self.id_is_doubled).map(|raw| RequestId::from_json(raw.get()));
        let Some(id) = id.map_or(Some(None), |read| read.map(Some)) else {
            let why = "id must be a text or a whole number of 64 bits, never null or a fraction";
            return Err(DecodeError::NotAMessage { id: None, why });
        };
        let wrong = |why| DecodeError::NotAMessage { id: id.clone(), why };
        if self.key_is_doubled {
            return Err(wrong("a key of the message is given twice; give each key once"));
        }
        if self.jsonrpc.is_none_or(|raw| raw.get() != "\"2.0\"") {
            return Err(wrong("jsonrpc must be \"2.0\""));
        }
        // Some peers write the other one as null.
        let error = self.error.filter(|raw| raw.get() != "null");
        let Some(method) = self.method else {
            return match (&id, self.result, error) {
                (Some(id), Some(result), None) => {
                    Ok(Incoming::Response { id: id.clone(), outcome: Ok(result) })
                }
                (Some(id), None, Some(error)) => match serde_json::from_str(error.get()) {
                    Ok(error) => Ok(Incoming::Response { id: id.clone(), outcome: Err(error) }),
                    Err(_) => {
                        Err(wrong("error must be an object with a whole number code and a text message"))
                    }
                },
                (None, _, None) => {
                    Err(wrong("method is missing: a message has a method, or an id and a result or error"))
                }
                (Some(_), Some(_), Some(_)) => {
                    Err(wrong("a response has either a result or an error, not both"))
                }
                (Some(_), None, None) => {
                    Err(wrong("method is missing: a request has a method, a response a result or error"))
                }
                (None, _, Some(_)) => Err(wrong("an error without an id answers no request")),
            };
        };
        if self.result.is_some() || self.error.is_some() {
            return Err(wrong("a message has either a method or a result or error"));
        }
        // Only a method with escapes is copied.
        let Ok(Key(method)) = serde_json::from_str(method.get()) else {
            return Err(wrong("method must be a text such as \"tools/list\""));
        };
        if self.params.is_some_and(|raw| !raw.get().starts_with('{')) {
            return Err(wrong("params must be an object; leave it out when there are none"));
        }
        let params = self.params;
        Ok(match id {
            Some(id) => Incoming::Request { id, method, params },
            None => Incoming::Notification { method, params },
        })
    }
}
