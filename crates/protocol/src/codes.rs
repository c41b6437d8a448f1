//! Error codes: JSON-RPC's, the protocol's, and the application's own.

/// The bytes are not JSON.
pub const PARSE: i32 = -32_700;
/// JSON, but not a request.
pub const INVALID_REQUEST: i32 = -32_600;
/// The method does not exist here.
pub const METHOD_NOT_FOUND: i32 = -32_601;
/// Parameters are wrong: also unknown tools, prompts, resources, cursors and states.
pub const INVALID_PARAMS: i32 = -32_602;
/// Something of ours broke.
pub const INTERNAL: i32 = -32_603;
/// Legacy peers only: the resource does not exist.
pub const LEGACY_RESOURCE_NOT_FOUND: i32 = -32_002;
/// 2025-11-25 only: the person must visit a page first.
pub const LEGACY_URL_ELICITATION_REQUIRED: i32 = -32_042;
/// A header is missing, doubled, malformed or differs from the body.
pub const HEADER_MISMATCH: i32 = -32_020;
/// The client did not declare a capability that the call needs.
pub const MISSING_CAPABILITY: i32 = -32_021;
/// The protocol version is not served.
pub const UNSUPPORTED_VERSION: i32 = -32_022;
/// Ours: too many calls.
pub const RATE_LIMITED: i32 = 42_900;
/// Ours: the key lacks scopes.
pub const SCOPES_MISSING: i32 = 40_300;
/// Ours: no valid credential.
pub const UNAUTHENTICATED: i32 = 40_100;
/// Ours: the server cannot answer now.
pub const UNAVAILABLE: i32 = 50_300;
/// Ours: refused by a transport rule (path, verb, origin, size, media type); the HTTP status says which.
pub const TRANSPORT: i32 = 40_000;
/// Ours: a legacy session is missing or unknown.
pub const SESSION: i32 = 40_400;

/// Whether JSON-RPC keeps a code for itself and for protocols: an application's own codes lie outside.
pub const fn is_reserved(code: i32) -> bool {
    code >= -32_768 && code <= -32_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_codes_lie_outside_the_reserved_range() {
        let protocol = [
            PARSE,
            INVALID_REQUEST,
            METHOD_NOT_FOUND,
            INVALID_PARAMS,
            INTERNAL,
            LEGACY_RESOURCE_NOT_FOUND,
            LEGACY_URL_ELICITATION_REQUIRED,
            HEADER_MISMATCH,
            MISSING_CAPABILITY,
            UNSUPPORTED_VERSION,
        ];
        let own = [RATE_LIMITED, SCOPES_MISSING, UNAUTHENTICATED, UNAVAILABLE, TRANSPORT, SESSION];
        assert!(protocol.into_iter().all(is_reserved));
        assert!(!own.into_iter().any(is_reserved));
    }
}
