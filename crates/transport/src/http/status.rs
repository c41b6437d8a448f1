//! The one table from kinds of answers to HTTP: a status, and the header fields that go with it.

use http::{HeaderMap, HeaderValue, StatusCode, header};
use pm33_mcp::Class;

use super::refusal::whole_seconds;

/// The status of an answer; header fields are added where its kind has some.
pub(crate) fn status(class: &Class, headers: &mut HeaderMap) -> StatusCode {
    match class {
        Class::Answer => StatusCode::OK,
        Class::Unparsable
        | Class::NotARequest
        | Class::BadMetadata
        | Class::HeaderMismatch
        | Class::Version
        | Class::Capability
        | Class::SessionNeeded => StatusCode::BAD_REQUEST,
        Class::UnknownMethod | Class::SessionUnknown => StatusCode::NOT_FOUND,
        Class::RateLimited { retry_after } => {
            headers.insert(header::RETRY_AFTER, whole_seconds(*retry_after));
            StatusCode::TOO_MANY_REQUESTS
        }
        Class::ScopesMissing { needed } => {
            let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{needed}\"");
            // Scopes are words of ours; anything else would be left out rather than break the answer.
            if let Ok(challenge) = HeaderValue::try_from(challenge) {
                headers.insert(header::WWW_AUTHENTICATE, challenge);
            }
            StatusCode::FORBIDDEN
        }
        Class::Unavailable { retry_after } => {
            headers.insert(header::RETRY_AFTER, whole_seconds(*retry_after));
            StatusCode::SERVICE_UNAVAILABLE
        }
        Class::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::HeaderMap;
    use pm33_mcp::Class;

    #[test]
    fn every_kind_has_its_status_and_fields() {
        let wait = Duration::from_millis(1_200);
        let scopes = || Class::ScopesMissing { needed: "backlog:read backlog:write".to_owned() };
        for (class, status, name, value) in [
            (Class::Answer, 200, "", ""),
            (Class::Unparsable, 400, "", ""),
            (Class::NotARequest, 400, "", ""),
            (Class::BadMetadata, 400, "", ""),
            (Class::HeaderMismatch, 400, "", ""),
            (Class::Version, 400, "", ""),
            (Class::Capability, 400, "", ""),
            (Class::UnknownMethod, 404, "", ""),
            (Class::SessionNeeded, 400, "", ""),
            (Class::SessionUnknown, 404, "", ""),
            (Class::RateLimited { retry_after: wait }, 429, "retry-after", "2"),
            (Class::Unavailable { retry_after: wait }, 503, "retry-after", "2"),
            (
                scopes(),
                403,
                "www-authenticate",
                "Bearer error=\"insufficient_scope\", scope=\"backlog:read backlog:write\"",
            ),
            (Class::Internal, 500, "", ""),
        ] {
            let mut headers = HeaderMap::new();
            assert_eq!(super::status(&class, &mut headers), status, "{class:?}");
            match name {
                "" => assert!(headers.is_empty(), "{class:?}"),
                name => {
                    assert_eq!(headers.get(name).map(http::HeaderValue::as_bytes), Some(value.as_bytes()));
                }
            }
        }
    }
}
