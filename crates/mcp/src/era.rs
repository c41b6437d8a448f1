//! Choosing the era of a request, and the checks that each era makes before a method is looked at.

use std::borrow::Cow;

use bytes::Bytes;
use pm33_protocol::{Era, PROTOCOL_VERSION, RequestMeta, Revision, codes, headers, methods};
use serde_json::{Map, Value, json, value::RawValue};

use crate::{Carrier, Class, HttpFields, failure::Failure, fields};

/// What the era's checks found.
pub(crate) struct Modern {
    pub(crate) meta: RequestMeta,
    pub(crate) revision: Revision,
}

/// Whether a request is of the modern era: by its metadata, or by its header.
pub(crate) fn of_request(carrier: &Carrier, meta: Option<&Map<String, Value>>) -> Era {
    if RequestMeta::is_modern(meta) {
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
    params: Option<&RawValue>,
    meta: Option<&Map<String, Value>>,
) -> Result<Modern, Failure> {
    let (read, meta_defects) = RequestMeta::read(meta);
    let mut defects: Vec<Value> =
        meta_defects.iter().map(|defect| json!({ "meta": defect.key, "problem": defect.why })).collect();
    let meta_is_bad = !defects.is_empty();
    if let Carrier::Http(fields) = carrier {
        let named = || named(method, params);
        defects.extend(fields::check(fields, method, read.protocol_version.as_deref(), named));
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
    let requested = read.protocol_version.clone().unwrap_or_default();
    match Revision::parse(&requested).filter(|revision| revision.era() == Era::Modern) {
        Some(revision) => Ok(Modern { meta: read, revision }),
        None => Err(Failure::Version { requested }),
    }
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
fn named<'a>(method: &str, params: Option<&'a RawValue>) -> Option<Cow<'a, str>> {
    #[derive(serde::Deserialize)]
    struct Names<'a> {
        #[serde(borrow)]
        name: Option<&'a RawValue>,
        #[serde(borrow)]
        uri: Option<&'a RawValue>,
    }
    #[derive(serde::Deserialize)]
    struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
    let Names { name, uri } = serde_json::from_str(params?.get()).ok()?;
    let raw = if method == methods::RESOURCES_READ { uri } else { name };
    serde_json::from_str(raw?.get()).map(|Text(text)| text).ok()
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
        methods::DISCOVER | methods::LISTEN => era == Era::Modern,
        methods::INITIALIZE
        | methods::PING
        | methods::SET_LEVEL
        | methods::SUBSCRIBE
        | methods::UNSUBSCRIBE => era == Era::Legacy,
        _ => false,
    }
}
