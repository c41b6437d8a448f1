//! Statuses and error bodies of providers as errors of ours. Of a body only its machine words are kept: its sentences may
//! repeat what was sent.

use http::{HeaderMap, StatusCode};
use pm33_ai::AiError;
use serde_json::Value;

use crate::retry::retry_after;

/// The error of an answer that is no success.
pub(crate) fn error_of(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> AiError {
    let body: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let words = words(&body);
    if is_out_of_money(&words) || status == StatusCode::PAYMENT_REQUIRED {
        return AiError::SpendLimit;
    }
    match status.as_u16() {
        401 | 403 => AiError::Unauthorised,
        429 => AiError::RateLimited { retry_after: retry_after(headers) },
        status @ (408 | 409 | 500..) => AiError::Overloaded { status, retry_after: retry_after(headers) },
        // Redirects are not followed: a key does not go where an answer points.
        300..=399 => AiError::BadRequest { why: format!("it redirects (status {})", status.as_u16()) },
        number => {
            AiError::BadRequest { why: format!("status {number} {}", words.join(" ")).trim_end().to_owned() }
        }
    }
}

/// The error that an event in the middle of a stream tells, when it says more than that the stream is cut.
pub(crate) fn error_of_event(event: &Value) -> Option<AiError> {
    let words = words(event);
    if is_out_of_money(&words) {
        return Some(AiError::SpendLimit);
    }
    let has = |word: &str| words.iter().any(|one| one == word);
    if has("rate_limit_error") || has("rate_limit_exceeded") {
        return Some(AiError::RateLimited { retry_after: None });
    }
    if has("overloaded_error") || has("server_error") || has("api_error") {
        return Some(AiError::Overloaded { status: 529, retry_after: None });
    }
    has("invalid_request_error").then(|| AiError::BadRequest { why: words.join(" ") })
}

fn is_out_of_money(words: &[String]) -> bool {
    const OUT: [&str; 5] = [
        "insufficient_quota",
        "enforced_spend_limit_reached",
        "billing_error",
        "billing_hard_limit_reached",
        "spend_limit_reached",
    ];
    words.iter().any(|word| OUT.contains(&word.as_str()))
}

/// Type, code and parameter of an error body, as far as they are machine words.
fn words(body: &Value) -> Vec<String> {
    let error = body.get("error").filter(|error| error.is_object()).unwrap_or(body);
    let is_word = |word: &&str| {
        word.len() <= 64
            && word.bytes().all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'.'
            })
    };
    ["type", "code", "error_code", "param"]
        .iter()
        .filter_map(|field| error.get(field).and_then(Value::as_str).filter(is_word).map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_class_has_its_error() {
        let cases: &[(u16, &str, &str)] = &[
            (
                400,
                r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt: SECRET"}}"#,
                "BadRequest",
            ),
            (400, r#"{"type":"error","error":{"type":"billing_error","message":"x"}}"#, "SpendLimit"),
            (401, r#"{"error":{"type":"authentication_error"}}"#, "Unauthorised"),
            (402, "", "SpendLimit"),
            (403, r#"{"error":{"type":"permission_error"}}"#, "Unauthorised"),
            (404, r#"{"error":{"type":"not_found_error"}}"#, "BadRequest"),
            (413, r#"{"error":{"type":"request_too_large"}}"#, "BadRequest"),
            (429, r#"{"error":{"type":"rate_limit_error"}}"#, "RateLimited"),
            (
                429,
                r#"{"error":{"type":"rate_limit_error","error_code":"enforced_spend_limit_reached"}}"#,
                "SpendLimit",
            ),
            (429, r#"{"error":{"type":"insufficient_quota","code":"insufficient_quota"}}"#, "SpendLimit"),
            (429, "<html>", "RateLimited"),
            (500, r#"{"error":{"type":"api_error"}}"#, "Overloaded"),
            (502, "<html>", "Overloaded"),
            (503, "", "Overloaded"),
            (504, "", "Overloaded"),
            (529, r#"{"error":{"type":"overloaded_error"}}"#, "Overloaded"),
            (302, "", "BadRequest"),
        ];
        for (status, body, expected) in cases {
            let error = error_of(StatusCode::from_u16(*status).unwrap(), &HeaderMap::new(), body.as_bytes());
            let shown = format!("{error:?} {error}");
            assert!(shown.starts_with(expected), "{status} {body}: {shown}");
            assert!(!shown.contains("SECRET"), "{shown}");
        }
    }
}
