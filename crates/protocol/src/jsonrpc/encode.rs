//! Messages to bytes, in one pass and without a tree in between.

use serde::Serialize;

use super::{ErrorObject, RequestId};
use crate::codes;

/// Room for a small answer, in bytes.
const SMALL: usize = 512;

#[derive(Serialize)]
struct Outgoing<'a, P, R> {
    jsonrpc: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a RequestId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    params: Option<&'a P>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'a R>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a ErrorObject>,
}

const EMPTY: Outgoing<'_, (), ()> =
    Outgoing { jsonrpc: "2.0", id: None, method: None, params: None, result: None, error: None };

fn write(message: &Outgoing<'_, impl Serialize, impl Serialize>) -> Vec<u8> {
    write_in(SMALL, message)
}

fn write_in(room: usize, message: &Outgoing<'_, impl Serialize, impl Serialize>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(room);
    if serde_json::to_writer(&mut bytes, message).is_ok() {
        return bytes;
    }
    // The types of this crate always serialise. Should another not, the peer still gets a well-formed message.
    let error = ErrorObject::new(codes::INTERNAL, "internal error");
    bytes.clear();
    match serde_json::to_writer(&mut bytes, &Outgoing { id: message.id, error: Some(&error), ..EMPTY }) {
        Ok(()) => bytes,
        Err(_) => br#"{"jsonrpc":"2.0","error":{"code":-32603,"message":"internal error"}}"#.to_vec(),
    }
}

/// A result's bytes.
pub fn encode_result(id: &RequestId, result: &impl Serialize) -> Vec<u8> {
    write(&Outgoing {
        jsonrpc: "2.0",
        id: Some(id),
        method: None,
        params: None::<&()>,
        result: Some(result),
        error: None,
    })
}

/// The bytes of a result that takes about so many, so that they are not moved while they are written.
pub fn encode_large_result(id: &RequestId, result: &impl Serialize, bytes: usize) -> Vec<u8> {
    let message: Outgoing<'_, (), _> = Outgoing {
        jsonrpc: "2.0",
        id: Some(id),
        method: None,
        params: None,
        result: Some(result),
        error: None,
    };
    write_in(SMALL + bytes, &message)
}

/// An error's bytes; without an identifier when none could be read, never with null.
pub fn encode_error(id: Option<&RequestId>, error: &ErrorObject) -> Vec<u8> {
    write(&Outgoing { id, error: Some(error), ..EMPTY })
}

/// A notification's bytes.
pub fn encode_notification(method: &str, params: &impl Serialize) -> Vec<u8> {
    write(&Outgoing {
        jsonrpc: "2.0",
        id: None,
        method: Some(method),
        params: Some(params),
        result: None::<&()>,
        error: None,
    })
}

/// A request's bytes.
pub fn encode_request(id: &RequestId, method: &str, params: &impl Serialize) -> Vec<u8> {
    write(&Outgoing {
        jsonrpc: "2.0",
        id: Some(id),
        method: Some(method),
        params: Some(params),
        result: None::<&()>,
        error: None,
    })
}

#[cfg(test)]
mod tests {
    use serde::{Serialize, Serializer, ser::Error};

    use super::*;

    struct Unwritable;
    impl Serialize for Unwritable {
        fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(S::Error::custom("no"))
        }
    }

    #[test]
    fn what_cannot_be_written_becomes_an_internal_error_with_its_id() {
        let bytes = encode_result(&RequestId::Number(7), &Unwritable);
        let text = String::from_utf8_lossy(&bytes);
        assert_eq!(text, r#"{"jsonrpc":"2.0","id":7,"error":{"code":-32603,"message":"internal error"}}"#);
    }

    #[test]
    fn an_unknown_id_is_left_out() {
        let bytes = encode_error(None, &ErrorObject::new(codes::PARSE, "no"));
        assert_eq!(
            String::from_utf8_lossy(&bytes),
            r#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"no"}}"#
        );
    }
}
