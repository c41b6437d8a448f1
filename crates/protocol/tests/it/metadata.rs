//! Request metadata: what is read, and every defect at once.

use pm33_protocol::{
    CLIENT_CAPABILITIES, CLIENT_INFO, LOG_LEVEL, PROTOCOL_VERSION, ParamsHead, RawMeta, RequestMeta,
    meta::{PROGRESS_TOKEN, RELATED_TASK},
};
use serde_json::{Value, json, value::RawValue};

fn raw(text: &str) -> Box<RawValue> {
    serde_json::from_str(text).unwrap()
}

/// Reads metadata as a request's parameters carry it.
fn with<T>(meta: &Value, read: impl FnOnce(Option<&RawMeta<'_>>) -> T) -> T {
    let params = raw(&json!({ "_meta": meta }).to_string());
    read(ParamsHead::find(Some(&params)).unwrap().meta().unwrap().as_ref())
}

#[test]
fn all_defects_are_told_at_once() {
    let meta = json!({
        PROTOCOL_VERSION: 2026, CLIENT_CAPABILITIES: [], CLIENT_INFO: { "name": "c" }, LOG_LEVEL: "loud",
        PROGRESS_TOKEN: 1.5,
    });
    let (read, defects) = with(&meta, RequestMeta::read);
    let keys: Vec<_> = defects.iter().map(|defect| defect.key).collect();
    assert_eq!(keys, [PROTOCOL_VERSION, CLIENT_CAPABILITIES, CLIENT_INFO, LOG_LEVEL, PROGRESS_TOKEN]);
    assert!(read.protocol_version.is_none() && read.capabilities.is_none() && read.client.is_none());
    assert!(read.log_level.is_none() && read.progress_token.is_none());
}

#[test]
fn both_required_keys_are_missed() {
    for meta in [json!(null), json!({})] {
        let (_, defects) = with(&meta, RequestMeta::read);
        let keys: Vec<_> = defects.iter().map(|defect| defect.key).collect();
        assert_eq!(keys, [PROTOCOL_VERSION, CLIENT_CAPABILITIES]);
    }
}

#[test]
fn sound_metadata_is_read_whole() {
    let meta = json!({
        PROTOCOL_VERSION: "2026-07-28", CLIENT_CAPABILITIES: { "elicitation": {}, "x": 1 },
        CLIENT_INFO: { "name": "c", "version": "2" }, LOG_LEVEL: "warning", PROGRESS_TOKEN: "p",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate": "a=1", "baggage": "b=2",
        "dev.pm33/idempotencyKey": "k",
    });
    assert!(with(&meta, |meta| meta.is_some_and(RawMeta::is_modern)));
    let (read, defects) = with(&meta, RequestMeta::read);
    assert_eq!(defects, []);
    assert_eq!(read.protocol_version.as_deref(), Some("2026-07-28"));
    assert_eq!(read.capabilities.map(|all| all.len()), Some(2));
    assert_eq!(read.client.as_deref(), Some("c/2"));
    assert_eq!(read.log_level.as_deref(), Some("warning"));
    assert_eq!(read.progress_token, Some(json!("p")));
    assert!(read.traceparent.is_some());
    assert_eq!((read.tracestate.as_deref(), read.baggage.as_deref()), (Some("a=1"), Some("b=2")));
    assert_eq!(read.idempotency_key.as_deref(), Some("k"));
}

#[test]
fn known_capabilities_must_be_objects() {
    for (capabilities, is_sound) in [
        (json!({ "roots": true }), false),
        (json!({ "extensions": [] }), false),
        (json!({ "somethingNew": true }), true),
        (json!({}), true),
    ] {
        let meta = json!({ PROTOCOL_VERSION: "2026-07-28", CLIENT_CAPABILITIES: capabilities });
        let (read, defects) = with(&meta, RequestMeta::read);
        assert_eq!(defects.is_empty(), is_sound, "{capabilities}");
        assert_eq!(read.capabilities.is_some(), is_sound, "{capabilities}");
    }
}

#[test]
fn legacy_requests_need_no_metadata_but_must_not_break_it() {
    assert_eq!(RequestMeta::read_legacy(None).1, []);
    let meta = json!({ PROGRESS_TOKEN: 7, RELATED_TASK: { "taskId": "t" } });
    let (read, defects) = with(&meta, RequestMeta::read_legacy);
    assert_eq!((read.progress_token, read.related_task.as_deref()), (Some(json!(7)), Some("t")));
    assert_eq!(defects, []);
    let (_, defects) = with(&json!({ PROGRESS_TOKEN: null }), RequestMeta::read_legacy);
    assert_eq!(defects.len(), 1);
}

#[test]
fn metadata_is_found_without_reading_the_rest() {
    let is_there = |text: &str| {
        let params = raw(text);
        ParamsHead::find(Some(&params)).and_then(|head| head.meta()).map(|meta| meta.is_some())
    };
    assert!(ParamsHead::find(None).is_ok_and(|head| head.meta().is_ok_and(|meta| meta.is_none())));
    assert_eq!(is_there("{}"), Ok(false));
    assert_eq!(is_there(r#"{"big":[1,2],"_meta":{"a":1,"n":1e999}}"#), Ok(true));
    for wrong in [
        r#"{"_meta":[]}"#,
        r#"{"_meta":"x"}"#,
        r#"{"_meta":{},"_meta":{}}"#,
        r#"{"name":"a","name":"b"}"#,
        r#"{"name":"a","arguments":{},"arguments":{}}"#,
        r#"{"inputResponses":{},"inputResponses":{}}"#,
        r#"{"requestState":"a","requestState":null}"#,
        r#"{"_meta":{"progressToken":1,"progressToken":2}}"#,
    ] {
        assert!(is_there(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn the_name_that_a_header_repeats_is_found_with_it() {
    let params = raw(r#"{"arguments":{"name":"other"},"name":"a\u0062","uri":null}"#);
    let head = ParamsHead::find(Some(&params)).unwrap();
    assert_eq!(head.name.and_then(pm33_protocol::meta::as_text).as_deref(), Some("ab"));
    assert_eq!(head.uri.and_then(pm33_protocol::meta::as_text), None);
}
