//! What holds for the decoder on any bytes. Property tests and the fuzz target share it.

use pm33_protocol::{Incoming, codes, decode, encode_error, encode_request};
use serde_json::{Value, json, value::RawValue};

/// Levels that are read.
const DEPTH: usize = 64;

/// Checks what holds for any bytes.
pub(crate) fn hold(bytes: &[u8]) {
    match decode(bytes, DEPTH) {
        Ok(message) => {
            assert!(serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok(), "read, but no JSON");
            if let Incoming::Request { id, method, params } = message {
                let params = params.map_or("{}", RawValue::get);
                let params: &RawValue = serde_json::from_str(params).unwrap();
                let again = encode_request(&id, &method, &params);
                match decode(&again, DEPTH) {
                    Ok(Incoming::Request { id: same_id, method: same_method, .. }) => {
                        assert_eq!((id, method), (same_id, same_method));
                    }
                    other => panic!("written again, it is {other:?}"),
                }
            }
        }
        Err(error) => {
            let answer: Value = serde_json::from_slice(&encode_error(error.id(), &error.object())).unwrap();
            assert!(answer["error"]["message"].as_str().is_some_and(|words| words.len() > 10), "{answer}");
            let code = answer["error"]["code"].as_i64();
            assert!(
                [codes::PARSE, codes::INVALID_REQUEST].map(i64::from).map(Some).contains(&code),
                "{answer}"
            );
            assert_eq!(answer.get("id"), error.id().map(|id| json!(id)).as_ref());
            assert!(code != Some(codes::PARSE.into()) || answer.get("id").is_none(), "{answer}");
        }
    }
}

/// Messages of every kind, right and nearly.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let deep =
        format!(r#"{{"jsonrpc":"2.0","id":1,"method":"a","params":{}{}}}"#, "[".repeat(70), "]".repeat(70));
    [
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{"b":[1,2.5e3,null,true]}}}"#,
        r#"{"jsonrpc":"2.0","id":"\u0041\ud83d\ude00","method":"tools\/list"}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7,"reason":"x"}}"#,
        r#"{"jsonrpc":"2.0","id":-9223372036854775808,"result":{"_meta":{}}}"#,
        r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"m","data":[]}}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"a","params":{"x":"\ud800"}}"#,
        r#"{"jsonrpc":"2.0","id":9223372036854775808,"i\u0064":2,"method":"a"}"#,
        r#"[{"jsonrpc":"2.0","id":1,"method":"a"}]"#,
        &deep,
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}
