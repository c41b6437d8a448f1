//! The identifier of a call: the client's, the trace's, or a fresh one; told back in `x-request-id`.

use bytes::Bytes;
use http::HeaderValue;
use pm33_mcp::{Clock, CorrelationId};

use super::head::Head;

/// The identifier, and the value to tell it by.
pub(crate) fn identify(head: &Head, clock: &dyn Clock) -> (CorrelationId, HeaderValue) {
    if let Some(value) = &head.request_id
        && let Some(id) = value.to_str().ok().and_then(|text| text.parse::<CorrelationId>().ok())
    {
        return (id, value.clone());
    }
    let id =
        head.fields.traceparent.as_ref().and_then(trace).unwrap_or_else(|| CorrelationId::new(clock.now()));
    let mut text = [0_u8; 36];
    let text: &str = id.uuid().as_hyphenated().encode_lower(&mut text);
    // Digits and hyphens always make a header value.
    let value = HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""));
    (id, value)
}

/// The trace id of a valid `traceparent` (W3C Trace Context, level 1).
fn trace(value: &Bytes) -> Option<CorrelationId> {
    let text = str::from_utf8(value).ok()?;
    let mut parts = text.split('-');
    let (version, trace, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |part: &str, length| {
        part.len() == length && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_set = |part: &str| part.bytes().any(|byte| byte != b'0');
    let valid = is_hex(version, 2)
        && version != "ff"
        && (version != "00" || parts.next().is_none())
        && is_hex(trace, 32)
        && is_set(trace)
        && is_hex(parent, 16)
        && is_set(parent)
        && is_hex(flags, 2);
    if valid { trace.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::trace;

    #[test]
    fn only_valid_trace_contexts_count() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(
            trace(&Bytes::from_static(good.as_bytes())).map(|id| id.to_string()).as_deref(),
            Some("4bf92f35-77b3-4da6-a3ce-929d0e0e4736"),
        );
        for bad in [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        ] {
            assert!(trace(&Bytes::from_static(bad.as_bytes())).is_none(), "{bad}");
        }
    }
}
