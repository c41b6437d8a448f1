//! What is no message is refused, with a code, words that help, and the identifier where one could be read.

use std::borrow::Cow;

use pm33_protocol::{DecodeError, Incoming, RequestId, Unreadable, codes, decode};

fn refused(text: &[u8]) -> DecodeError {
    match decode(text, 64) {
        Ok(message) => panic!("{}: {message:?}", String::from_utf8_lossy(text)),
        Err(error) => error,
    }
}

#[test]
fn malformed_messages_are_told_apart() {
    // Text, code, identifier, part of the words.
    let cases: [(&str, i32, Option<i64>, &str); 28] = [
        ("", codes::PARSE, None, "ends inside"),
        (r#"{"jsonrpc":"2.0""#, codes::PARSE, None, "ends inside"),
        (r#"{"jsonrpc":"2.0","id":1,"method":"a","params":{"x":NaN}}"#, codes::PARSE, None, "column 52"),
        (r#"{"jsonrpc":"2.0","id":1,"method":"a"} {}"#, codes::PARSE, None, "exactly one"),
        ("{'id':1}", codes::PARSE, None, "unexpected text"),
        ("\u{feff}{}", codes::PARSE, None, "unexpected text"),
        (r#"{"jsonrpc":"2.0","id":1,"method":"\ud800"}"#, codes::INVALID_REQUEST, Some(1), "surrogate"),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"a","params":{"\udc00":1}}"#,
            codes::INVALID_REQUEST,
            Some(1),
            "surrogate",
        ),
        (r#"{"jsonrpc":"2.0","id":"\ud800","method":"a"}"#, codes::PARSE, None, "surrogate"),
        (r#"[{"jsonrpc":"2.0","id":1,"method":"a"}]"#, codes::INVALID_REQUEST, None, "batches"),
        ("[]", codes::INVALID_REQUEST, None, "batches"),
        ("1", codes::INVALID_REQUEST, None, "object"),
        ("null", codes::INVALID_REQUEST, None, "object"),
        (r#"{"jsonrpc":"2.0","id":null,"method":"a"}"#, codes::INVALID_REQUEST, None, "never null"),
        (r#"{"jsonrpc":"2.0","id":1.5,"method":"a"}"#, codes::INVALID_REQUEST, None, "fraction"),
        (
            r#"{"jsonrpc":"2.0","id":9223372036854775808,"method":"a"}"#,
            codes::INVALID_REQUEST,
            None,
            "64 bits",
        ),
        (r#"{"jsonrpc":"2.0","id":[1],"method":"a"}"#, codes::INVALID_REQUEST, None, "whole number"),
        (r#"{"jsonrpc":"1.0","id":1,"method":"a"}"#, codes::INVALID_REQUEST, Some(1), "2.0"),
        (r#"{"jsonrpc":2.0,"id":1,"method":"a"}"#, codes::INVALID_REQUEST, Some(1), "2.0"),
        (r#"{"id":1,"method":"a"}"#, codes::INVALID_REQUEST, Some(1), "2.0"),
        (r#"{"jsonrpc":"2.0","id":1}"#, codes::INVALID_REQUEST, Some(1), "method is missing"),
        (r#"{"jsonrpc":"2.0","id":1,"method":7}"#, codes::INVALID_REQUEST, Some(1), "method must be a text"),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":null}"#,
            codes::INVALID_REQUEST,
            Some(1),
            "method must be a text",
        ),
        (r#"{"jsonrpc":"2.0","id":1,"method":"a","params":[1]}"#, codes::INVALID_REQUEST, Some(1), "params"),
        (r#"{"jsonrpc":"2.0","id":1,"method":"a","params":null}"#, codes::INVALID_REQUEST, Some(1), "params"),
        (r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"a"}"#, codes::INVALID_REQUEST, None, "twice"),
        (
            r#"{"jsonrpc":"2.0","id":1,"m\u0065thod":"a","method":"b"}"#,
            codes::INVALID_REQUEST,
            Some(1),
            "twice",
        ),
        (r#"{"jsonrpc":"2.0","id":1,"method":"a","x":1,"x":2}"#, codes::INVALID_REQUEST, Some(1), "twice"),
    ];
    for (text, code, id, words) in cases {
        let error = refused(text.as_bytes());
        assert_eq!(error.object().code, code, "{text}");
        assert_eq!(error.id(), id.map(RequestId::Number).as_ref(), "{text}");
        assert!(error.object().message.contains(words), "{text}: {error}");
    }
}

#[test]
fn responses_must_be_whole() {
    for (fields, words) in [
        (r#""result":{},"error":{"code":1,"message":"m"}"#, "not both"),
        (r#""error":{"code":1}"#, "code and a text message"),
        (r#""error":{"code":"1","message":"m"}"#, "code and a text message"),
        (r#""method":"a","result":{}"#, "either a method"),
    ] {
        let error = refused(format!(r#"{{"jsonrpc":"2.0","id":1,{fields}}}"#).as_bytes());
        assert!(error.to_string().contains(words), "{fields}: {error}");
        assert_eq!(error.id(), Some(&RequestId::Number(1)));
    }
    let error = refused(br#"{"jsonrpc":"2.0","error":{"code":1,"message":"m"}}"#);
    assert!(error.to_string().contains("answers no request"), "{error}");
}

#[test]
fn what_is_not_utf8_is_refused_at_its_place() {
    assert_eq!(refused(b"{\"a\":\"\xff\"}"), DecodeError::NotJson(Unreadable::NotUtf8 { at: 6 }));
    // A surrogate coded as if it were a character.
    assert_eq!(refused(b"\"\xed\xa0\x80\""), DecodeError::NotJson(Unreadable::NotUtf8 { at: 1 }));
}

#[test]
fn deep_nesting_is_refused_without_recursion() {
    for open in ["[", "{\"a\":", "[{\"a\":"] {
        let deep = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"a","params":{}"#, open.repeat(100_000));
        assert_eq!(refused(deep.as_bytes()), DecodeError::NotJson(Unreadable::TooDeep { limit: 64 }));
    }
    let edge =
        format!(r#"{{"jsonrpc":"2.0","method":"a","params":{{"x":{}{}}}}}"#, "[".repeat(62), "]".repeat(62));
    assert!(decode(edge.as_bytes(), 64).is_ok());
    assert!(decode(edge.as_bytes(), 63).is_err());
}

#[test]
fn many_foreign_keys_are_no_burden() {
    let keys: Vec<_> = (0..100_000).map(|number| format!(r#""k{number}":0"#)).collect();
    let keys = keys.join(",");
    let text = format!(r#"{{{keys},"jsonrpc":"2.0","method":"a"}}"#);
    assert!(matches!(decode(text.as_bytes(), 64), Ok(Incoming::Notification { .. })));
}

#[test]
fn methods_are_borrowed_unless_escaped() {
    let borrowed = decode(br#"{"jsonrpc":"2.0","id":"x","method":"tools/call","params":{}}"#, 64);
    assert!(matches!(borrowed, Ok(Incoming::Request { method: Cow::Borrowed("tools/call"), .. })));
    let escaped = decode(br#"{"jsonrpc":"2.0","id":"x","method":"tools\/call"}"#, 64);
    assert!(
        matches!(escaped, Ok(Incoming::Request { method: Cow::Owned(name), .. }) if name == "tools/call")
    );
}

#[test]
fn params_stay_the_text_that_they_are() {
    let decoded = decode(b" {\"jsonrpc\":\"2.0\",\"method\":\"a\",\"params\": {\"b\" : 1.50 } } ", 64);
    let Ok(Incoming::Notification { params: Some(raw), .. }) = decoded else { panic!("{decoded:?}") };
    assert_eq!(raw.get(), "{\"b\" : 1.50 }");
}
