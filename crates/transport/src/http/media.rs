//! What a client sends and takes: `Content-Type` and `Accept`.

use http::{HeaderValue, StatusCode};

use super::{head::Head, refusal::Refusal};

/// What the protocol asks clients to accept.
const USUAL: &str = "application/json, text/event-stream";

/// What a client takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Accepts {
    pub(crate) json: bool,
    pub(crate) stream: bool,
}

/// Reads `Accept`; without it a client takes anything.
pub(crate) fn accepts(values: &[HeaderValue]) -> Accepts {
    // Without it a client takes anything; the protocol's own words are what most say.
    if values.is_empty() || *values == [USUAL] {
        return Accepts { json: true, stream: true };
    }
    let mut accepts = Accepts { json: false, stream: false };
    for range in values.iter().filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or("");
        let refused = parts.any(|part| {
            let weight = part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="));
            weight.is_some_and(|weight| weight.parse::<f32>().is_ok_and(|weight| weight <= 0.0))
        });
        if refused {
            continue;
        }
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        accepts.json |= is("application/json") || is("application/*") || is("*/*");
        accepts.stream |= is("text/event-stream") || is("text/*") || is("*/*");
    }
    accepts
}

/// Checks that the body is plain JSON.
pub(crate) fn check_content(head: &Head) -> Result<(), Refusal> {
    let is_json = |value: &HeaderValue| {
        let name = value.as_bytes().split(|byte| *byte == b';').next().unwrap_or(b"");
        name.trim_ascii().eq_ignore_ascii_case(b"application/json")
    };
    if head.content_type.doubled || !head.content_type.value.as_ref().is_some_and(is_json) {
        return Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "send the message as JSON with `Content-Type: application/json`",
        ));
    }
    match &head.content_encoding {
        Some(coding) if !coding.as_bytes().eq_ignore_ascii_case(b"identity") => Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "send the message uncompressed, without Content-Encoding",
        )),
        _ => Ok(()),
    }
}

/// The refusal when nothing that we send is accepted.
pub(crate) fn not_acceptable() -> Refusal {
    Refusal::new(
        StatusCode::NOT_ACCEPTABLE,
        "answers are application/json or text/event-stream: list both in Accept",
    )
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::{Accepts, accepts};

    #[test]
    fn ranges_and_weights_count() {
        for (text, json, stream) in [
            ("application/json, text/event-stream", true, true),
            ("application/json", true, false),
            ("text/event-stream", false, true),
            ("*/*", true, true),
            ("application/*;q=0.5", true, false),
            ("APPLICATION/JSON ; charset=utf-8", true, false),
            ("application/json;q=0, text/event-stream", false, true),
            ("text/html", false, false),
            ("", false, false),
        ] {
            assert_eq!(accepts(&[HeaderValue::from_static(text)]), Accepts { json, stream }, "{text}");
        }
        assert_eq!(accepts(&[]), Accepts { json: true, stream: true });
    }
}
