//! Request metadata: what is read, and every defect at once.

use pm33_protocol::{
    CLIENT_CAPABILITIES, CLIENT_INFO, LOG_LEVEL, PROTOCOL_VERSION, RequestMeta,
    meta::{PROGRESS_TOKEN, RELATED_TASK},
};
use serde_json::{Map, Value, json, value::to_raw_value};

fn map(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[test]
fn all_defects_are_told_at_once() {
    let meta = map(&json!({
        PROTOCOL_VERSION: 2026, CLIENT_CAPABILITIES: [], CLIENT_INFO: { "name": "c" }, LOG_LEVEL: "loud",
        PROGRESS_TOKEN: 1.5,
    }));
    let (read, defects) = RequestMeta::read(Some(&meta));
    let keys: Vec<_> = defects.iter().map(|defect| defect.key).collect();
    assert_eq!(keys, [PROTOCOL_VERSION, CLIENT_CAPABILITIES, CLIENT_INFO, LOG_LEVEL, PROGRESS_TOKEN]);
    assert!(read.protocol_version.is_none() && read.capabilities.is_none() && read.client.is_none());
    assert!(read.log_level.is_none() && read.progress_token.is_none());
}

#[test]
fn both_required_keys_are_missed() {
    for meta in [None, Some(Map::new())] {
        let (_, defects) = RequestMeta::read(meta.as_ref());
        let keys: Vec<_> = defects.iter().map(|defect| defect.key).collect();
        assert_eq!(keys, [PROTOCOL_VERSION, CLIENT_CAPABILITIES]);
    }
}

#[test]
fn sound_metadata_is_read_whole() {
    let meta = map(&json!({
        PROTOCOL_VERSION: "2026-07-28", CLIENT_CAPABILITIES: { "elicitation": {}, "x": 1 },
        CLIENT_INFO: { "name": "c", "version": "2" }, LOG_LEVEL: "warning", PROGRESS_TOKEN: "p",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate": "a=1", "baggage": "b=2",
        "dev.pm33/idempotencyKey": "k",
    }));
    assert!(RequestMeta::is_modern(Some(&meta)));
    let (read, defects) = RequestMeta::read(Some(&meta));
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
        let meta = map(&json!({ PROTOCOL_VERSION: "2026-07-28", CLIENT_CAPABILITIES: capabilities }));
        let (read, defects) = RequestMeta::read(Some(&meta));
        assert_eq!(defects.is_empty(), is_sound, "{capabilities}");
        assert_eq!(read.capabilities.is_some(), is_sound, "{capabilities}");
    }
}

#[test]
fn legacy_requests_need_no_metadata_but_must_not_break_it() {
    assert_eq!(RequestMeta::read_legacy(None).1, []);
    let meta = map(&json!({ PROGRESS_TOKEN: 7, RELATED_TASK: { "taskId": "t" } }));
    let (read, defects) = RequestMeta::read_legacy(Some(&meta));
    assert_eq!((read.progress_token, read.related_task.as_deref()), (Some(json!(7)), Some("t")));
    assert_eq!(defects, []);
    let (_, defects) = RequestMeta::read_legacy(Some(&map(&json!({ PROGRESS_TOKEN: null }))));
    assert_eq!(defects.len(), 1);
}

#[test]
fn metadata_is_found_without_reading_the_rest() {
    let raw = |text: &str| serde_json::from_str::<Box<serde_json::value::RawValue>>(text).unwrap();
    assert_eq!(RequestMeta::find(None), Ok(None));
    assert_eq!(RequestMeta::find(Some(&raw("{}"))), Ok(None));
    assert_eq!(
        RequestMeta::find(Some(&raw(r#"{"big":[1,2],"_meta":{"a":1}}"#))),
        Ok(Some(map(&json!({ "a": 1 }))))
    );
    for wrong in
        [r#"{"_meta":[]}"#, r#"{"_meta":"x"}"#, r#"{"_meta":{},"_meta":{}}"#, r#"{"_meta":{"n":1e999}}"#]
    {
        assert!(RequestMeta::find(Some(&raw(wrong))).is_err(), "{wrong}");
    }
    let params = to_raw_value(&json!({ "_meta": { PROTOCOL_VERSION: "x" } })).unwrap();
    assert!(RequestMeta::is_modern(RequestMeta::find(Some(&params)).unwrap().as_ref()));
}
