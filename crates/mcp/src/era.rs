//! Choosing the era of a request, and the checks that each era makes before a method is looked at.

use std::borrow::Cow;

use bytes::Bytes;
use pm33_protocol::{
    Era, MetaDefect, PROTOCOL_VERSION, ParamsHead, RawMeta, RequestMeta, Revision, codes, headers,
    meta::as_text, methods,
};
use serde_json::{Value, json};

use crate::{Carrier, Class, HttpFields, failure::Failure, fields};

/// Whether a request is of the modern era: by its metadata, or by its header.
pub(crate) fn of_request(carrier: &Carrier, meta: Option<&RawMeta<'_>>) -> Era {
    if meta.is_some_and(RawMeta::is_modern) {
        return Era::Modern;
    }
    match carrier {
        Carrier::Http(fields) => {
            header_version(fields).map_or(Era::Legacy, |version| Era::of_version(&version))
        }
        Carrier::Stdio { .. } => Era::Legacy,
    }
}

/// The version header's text, when there is one.
pub(crate) fn header_version(fields: &HttpFields) -> Option<Cow<'_, str>> {
    fields.protocol_version.first().and_then(|value: &Bytes| headers::decode_value(value))
}

/// Checks a modern request's metadata and headers; all defects of both are told in one answer.
pub(crate) fn check_modern(
    carrier: &Carrier,
    method: &str,
    head: &ParamsHead<'_>,
    meta: &RequestMeta,
    meta_defects: &[MetaDefect],
) -> Result<Revision, Failure> {
    let mut defects: Vec<Value> =
        meta_defects.iter().map(|defect| json!({ "meta": defect.key, "problem": defect.why })).collect();
    let meta_is_bad = !defects.is_empty();
    if let Carrier::Http(fields) = carrier {
        let named = || named(method, head);
        defects.extend(fields::check(fields, method, meta.protocol_version.as_deref(), named));
    }
    if !defects.is_empty() {
        let (class, code, what) = if meta_is_bad {
            (Class::BadMetadata, codes::INVALID_PARAMS, "the request's metadata")
        } else {
            (Class::HeaderMismatch, codes::HEADER_MISMATCH, "the request's headers")
        };
        let message = format!("{what} cannot be used: {}", sentence(&defects));
        return Err(Failure::Defects { class, code, message, defects });
    }
    let requested = meta.protocol_version.as_deref().unwrap_or_default();
    Revision::parse(requested)
        .filter(|revision| revision.era() == Era::Modern)
        .ok_or_else(|| Failure::Version { requested: requested.to_owned() })
}

fn sentence(defects: &[Value]) -> String {
    let one = |defect: &Value| {
        let name =
            defect.get("meta").or_else(|| defect.get("header")).and_then(Value::as_str).unwrap_or_default();
        let why = defect.get("problem").and_then(Value::as_str).unwrap_or_default();
        let place = if name == PROTOCOL_VERSION || defect.get("meta").is_some() { "_meta " } else { "" };
        format!("{place}{name} {why}")
    };
    defects.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// The name or address in parameters that a header repeats; `None` where there is none, or no text.
fn named<'a>(method: &str, head: &ParamsHead<'a>) -> Option<Cow<'a, str>> {
    let named = match method {
        methods::RESOURCES_READ => head.uri,
        methods::TASKS_GET | methods::TASKS_UPDATE | methods::TASKS_CANCEL => head.task_id,
        _ => head.name,
    };
    as_text(named?)
}

/// Methods of each era.
pub(crate) fn knows(era: Era, method: &str) -> bool {
    match method {
        methods::TOOLS_LIST
        | methods::TOOLS_CALL
        | methods::RESOURCES_LIST
        | methods::TEMPLATES_LIST
        | methods::RESOURCES_READ
        | methods::PROMPTS_LIST
        | methods::PROMPTS_GET
        | methods::COMPLETE => true,
        methods::DISCOVER
        | methods::LISTEN
        | methods::TASKS_GET
        | methods::TASKS_UPDATE
        | methods::TASKS_CANCEL => era == Era::Modern,
        methods::INITIALIZE
        | methods::PING
        | methods::SET_LEVEL
        | methods::SUBSCRIBE
        | methods::UNSUBSCRIBE => era == Era::Legacy,
        _ => false,
    }
}
