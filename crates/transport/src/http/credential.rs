//! The credential of a request: `Authorization: Bearer` or `x-api-key`, and the answers to a bad one.

use std::time::Duration;

use http::{HeaderValue, StatusCode, header};
use pm33_mcp::{AuthError, Credential};
use pm33_protocol::codes;
use secrecy::SecretString;

use super::{
    head::{Few, Head},
    refusal::Refusal,
};

/// When to come back after a failure without a time of its own.
const UNAVAILABLE: Duration = Duration::from_secs(2);

/// Reads the credential. Both headers may come if they agree.
pub(crate) fn read(head: &Head) -> Result<Credential, Refusal> {
    let bearer = bearer(&head.authorization)?;
    let key = only(&head.api_key, "x-api-key")?;
    match (bearer, key) {
        (None, None) => Ok(Credential::Absent),
        (Some(token), None) | (None, Some(token)) => Ok(Credential::Token(SecretString::from(token))),
        (Some(token), Some(key)) if token == key => Ok(Credential::Token(SecretString::from(token))),
        (Some(_), Some(_)) => {
            Err(malformed("Authorization and x-api-key carry different keys: send one of them"))
        }
    }
}

/// The token of a bearer header; another scheme is no credential of ours.
fn bearer(field: &Few) -> Result<Option<&str>, Refusal> {
    let Some(text) = only(field, "Authorization")? else { return Ok(None) };
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Ok(None);
    }
    match token.trim() {
        "" => Err(malformed("the Authorization header has no key after Bearer")),
        token => Ok(Some(token)),
    }
}

fn only<'a>(field: &'a Few, name: &'static str) -> Result<Option<&'a str>, Refusal> {
    if field.doubled {
        return Err(malformed(format!("the {name} header came twice")));
    }
    match field.value.as_ref().map(HeaderValue::to_str) {
        None => Ok(None),
        Some(Ok(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
        Some(Err(_)) => Err(malformed(format!("the {name} header holds bytes that no key has"))),
    }
}

fn malformed(message: impl Into<std::borrow::Cow<'static, str>>) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, message)
        .with(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer error=\"invalid_request\""))
        .suspicious("credential_malformed")
}

/// The answer to a credential that was not accepted.
pub(crate) fn refused(error: &AuthError, key_help: &str) -> Refusal {
    match error {
        AuthError::Busy { retry_after } => Refusal::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
            .code(codes::UNAVAILABLE)
            .retry_after(*retry_after),
        AuthError::Suspended { retry_after } => {
            Refusal::new(StatusCode::TOO_MANY_REQUESTS, error.to_string())
                .code(codes::RATE_LIMITED)
                .retry_after(*retry_after)
        }
        AuthError::Absent => {
            unauthorised(error, key_help, HeaderValue::from_static("Bearer scope=\"mcp:enabled\""))
        }
        AuthError::Malformed | AuthError::Refused { .. } => unauthorised(
            error,
            key_help,
            HeaderValue::from_static("Bearer error=\"invalid_token\", scope=\"mcp:enabled\""),
        ),
        // The key store is down, or something answered that no verification ends with.
        _ => Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "the key store is unavailable; try again shortly")
            .code(codes::UNAVAILABLE)
            .retry_after(UNAVAILABLE),
    }
    .suspicious(error.reason())
}

/// The answer to whoever comes from where too many wrong credentials came.
pub(crate) fn held(retry_after: Duration) -> Refusal {
    Refusal::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too many requests without a valid API key came from this network; check the key, and retry as told",
    )
    .code(codes::RATE_LIMITED)
    .retry_after(retry_after)
    .suspicious("network_held")
}

/// Whether a refusal says that somebody does not have a key.
pub(crate) fn is_unproven(error: &AuthError) -> bool {
    matches!(error, AuthError::Absent | AuthError::Malformed | AuthError::Refused { .. })
}

fn unauthorised(error: &AuthError, key_help: &str, challenge: HeaderValue) -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, format!("{error}. {key_help}"))
        .code(codes::UNAUTHENTICATED)
        .with(header::WWW_AUTHENTICATE, challenge)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};
    use pm33_mcp::Credential;
    use secrecy::ExposeSecret;

    use crate::http::head::Head;

    fn read(fields: &[(&'static str, &'static str)]) -> Result<Option<String>, u16> {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        match super::read(&Head::sort(headers)) {
            Ok(Credential::Token(token)) => Ok(Some(token.expose_secret().to_owned())),
            Ok(_) => Ok(None),
            Err(refusal) => Err(refusal.status.as_u16()),
        }
    }

    #[test]
    fn a_key_comes_by_either_header() {
        let key = || Ok(Some("k".to_owned()));
        assert_eq!(read(&[("authorization", "Bearer k")]), key());
        assert_eq!(read(&[("authorization", "bearer  k ")]), key());
        assert_eq!(read(&[("x-api-key", " k ")]), key());
        assert_eq!(read(&[("authorization", "Bearer k"), ("x-api-key", "k")]), key());
        assert_eq!(read(&[("authorization", "Basic dTpw")]), Ok(None));
        assert_eq!(read(&[("x-api-key", "")]), Ok(None));
        assert_eq!(read(&[]), Ok(None));
    }

    #[test]
    fn a_contradiction_is_refused() {
        assert_eq!(read(&[("authorization", "Bearer a"), ("x-api-key", "b")]), Err(400));
        assert_eq!(read(&[("authorization", "Bearer a"), ("authorization", "Bearer a")]), Err(400));
        assert_eq!(read(&[("authorization", "Bearer")]), Err(400));
        assert_eq!(read(&[("authorization", "Bearer ")]), Err(400));
    }
}
