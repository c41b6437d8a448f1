//! Header fields against the body (modern HTTP): every defect is found, not only the first.

use std::{borrow::Cow, cmp::Ordering};

use bytes::Bytes;
use pm33_protocol::{headers, methods};
use serde_json::{Value, json};

use crate::HttpFields;

/// Checks the standard fields; each defect names its header and what is right.
pub(crate) fn check<'a>(
    fields: &HttpFields,
    method: &str,
    version: Option<&str>,
    named: impl FnOnce() -> Option<Cow<'a, str>>,
) -> Vec<Value> {
    let mut defects = Vec::new();
    one(&mut defects, "MCP-Protocol-Version", &fields.protocol_version, version);
    one(&mut defects, "Mcp-Method", &fields.method, Some(method));
    let is_named = matches!(
        method,
        methods::TOOLS_CALL
            | methods::PROMPTS_GET
            | methods::RESOURCES_READ
            | methods::TASKS_GET
            | methods::TASKS_UPDATE
            | methods::TASKS_CANCEL
    );
    if is_named {
        one(&mut defects, "Mcp-Name", &fields.name, named().as_deref());
    }
    defects
}

fn one(defects: &mut Vec<Value>, header: &str, values: &[Bytes], body: Option<&str>) {
    let defect = match values {
        [] => Some("is missing".to_owned()),
        [value] => match (headers::decode_value(value), body) {
            (None, _) => Some("is malformed: visible ASCII, or =?base64?…?= around strict base64".to_owned()),
            (Some(text), Some(body)) if text != body => {
                Some(format!("differs from the body, which says {body:?}"))
            }
            _ => None,
        },
        _ => Some("is given more than once".to_owned()),
    };
    if let Some(why) = defect {
        defects.push(json!({ "header": header, "problem": why }));
    }
}

/// Checks `Mcp-Param-*` against arguments, for a tool whose schema annotates properties with `x-mcp-header`.
pub(crate) fn check_params(fields: &HttpFields, schema: &str, arguments: Option<&Value>) -> Vec<Value> {
    let Ok(schema) = serde_json::from_str::<Value>(schema) else { return Vec::new() };
    let mut annotated = Vec::new();
    collect(&schema, &mut Vec::new(), &mut annotated);
    let mut defects = Vec::new();
    for (name, path) in annotated {
        let body =
            arguments.and_then(|arguments| path.iter().try_fold(arguments, |value, key| value.get(key)));
        let lower = name.to_ascii_lowercase();
        let sent: Vec<_> =
            fields.params.iter().filter(|(header, _)| *header == lower).map(|(_, value)| value).collect();
        if let Some(why) = compare(&sent, body) {
            defects.push(json!({ "header": format!("Mcp-Param-{name}"), "problem": why }));
        }
    }
    defects
}

fn collect(schema: &Value, path: &mut Vec<String>, found: &mut Vec<(String, Vec<String>)>) {
    for (key, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        path.push(key.clone());
        if let Some(name) = property.get("x-mcp-header").and_then(Value::as_str) {
            found.push((name.to_owned(), path.clone()));
        }
        collect(property, path, found);
        path.pop();
    }
}

fn compare(sent: &[&Bytes], body: Option<&Value>) -> Option<String> {
    let text = match body {
        None | Some(Value::Null) => {
            return (!sent.is_empty()).then(|| "is given, but the body has no such value".to_owned());
        }
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let [value] = sent else {
        return Some(if sent.is_empty() { "is missing" } else { "is given more than once" }.to_owned());
    };
    let Some(decoded) = headers::decode_value(value) else {
        return Some("is malformed: visible ASCII, or =?base64?…?= around strict base64".to_owned());
    };
    let same_number = || matches!((decoded.parse::<f64>(), text.parse::<f64>()), (Ok(a), Ok(b)) if a.partial_cmp(&b).is_some_and(Ordering::is_eq));
    let same = decoded == text
        || pm33_text::clean(&decoded).text == text
        || (body.is_some_and(Value::is_number) && same_number());
    (!same).then(|| format!("differs from the body, which says {text:?}"))
}
