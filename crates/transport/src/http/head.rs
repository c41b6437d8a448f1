//! A request's header fields, sorted in one pass into what the checks and the protocol ask for.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use pm33_mcp::HttpFields;
use pm33_protocol::headers::PARAM_PREFIX;

/// Longest `User-Agent` that is kept, in bytes.
const AGENT_BYTES: usize = 256;

/// The fields that mean something here.
#[derive(Default)]
pub(crate) struct Head {
    pub(crate) host: Few,
    pub(crate) origin: Few,
    pub(crate) authorization: Few,
    pub(crate) api_key: Few,
    pub(crate) content_type: Few,
    /// Two ways of telling where the body ends.
    pub(crate) has_length: bool,
    pub(crate) has_coding: bool,
    /// The client waits for a word before it sends the body.
    pub(crate) expects: bool,
    pub(crate) content_encoding: Option<HeaderValue>,
    pub(crate) accept: Vec<HeaderValue>,
    pub(crate) agent: Option<HeaderValue>,
    pub(crate) request_id: Option<HeaderValue>,
    pub(crate) forwarded: Vec<HeaderValue>,
    pub(crate) forwarded_for: Vec<HeaderValue>,
    pub(crate) forwarded_proto: Option<HeaderValue>,
    /// What the protocol reads.
    pub(crate) fields: HttpFields,
}

/// A field that may come once.
#[derive(Default)]
pub(crate) struct Few {
    pub(crate) value: Option<HeaderValue>,
    /// It came again.
    pub(crate) doubled: bool,
}

impl Few {
    fn put(&mut self, value: HeaderValue) {
        self.doubled |= self.value.is_some();
        self.value = Some(value);
    }
}

impl Head {
    /// Sorts the fields.
    pub(crate) fn sort(headers: HeaderMap) -> Self {
        let mut head = Self::default();
        let mut current = None;
        for (name, value) in headers {
            // A repeated field comes without its name.
            if name.is_some() {
                current = name;
            }
            let Some(name) = &current else { continue };
            head.put(name.as_str(), value);
        }
        head
    }

    fn put(&mut self, name: &str, value: HeaderValue) {
        let fields = &mut self.fields;
        match name {
            "host" => self.host.put(value),
            "origin" => self.origin.put(value),
            "authorization" => self.authorization.put(value),
            "x-api-key" => self.api_key.put(value),
            "content-length" => self.has_length = true,
            "transfer-encoding" => self.has_coding = true,
            "expect" => self.expects = true,
            "content-type" => self.content_type.put(value),
            "content-encoding" => self.content_encoding = Some(value),
            "accept" => self.accept.push(value),
            "user-agent" => self.agent = Some(value),
            "x-request-id" => self.request_id = Some(value),
            "forwarded" => self.forwarded.push(value),
            "x-forwarded-for" => self.forwarded_for.push(value),
            "x-forwarded-proto" => self.forwarded_proto = Some(value),
            "mcp-protocol-version" => fields.protocol_version.push(bytes(&value)),
            "mcp-method" => fields.method.push(bytes(&value)),
            "mcp-name" => fields.name.push(bytes(&value)),
            "mcp-session-id" => fields.session.push(bytes(&value)),
            "last-event-id" => fields.last_event = Some(bytes(&value)),
            "idempotency-key" => fields.idempotency_key = Some(bytes(&value)),
            "traceparent" => fields.traceparent = Some(bytes(&value)),
            "tracestate" => fields.tracestate = Some(bytes(&value)),
            other => {
                if let Some(parameter) = other.strip_prefix(PARAM_PREFIX) {
                    fields.params.push((parameter.to_owned(), bytes(&value)));
                }
            }
        }
    }

    /// The client's name for itself, cut to a bound; `None` when it is no text.
    pub(crate) fn agent(&self) -> Option<&str> {
        let text = self.agent.as_ref()?.to_str().ok()?;
        Some(text.get(..AGENT_BYTES).unwrap_or(text))
    }

    /// Whether the header names a revision without sessions (2026-07-28 or later).
    pub(crate) fn is_modern(&self) -> bool {
        self.fields.protocol_version.iter().any(|version| {
            let version = version.trim_ascii();
            version.len() == 10
                && version.first().is_some_and(u8::is_ascii_digit)
                && version >= &b"2026-07-28"[..]
        })
    }
}

fn bytes(value: &HeaderValue) -> Bytes {
    Bytes::copy_from_slice(value.as_bytes())
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::Head;

    fn head(fields: &[(&'static str, &'static str)]) -> Head {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        Head::sort(headers)
    }

    #[test]
    fn repeated_fields_are_kept_apart() {
        let head =
            head(&[("mcp-name", "a"), ("host", "x"), ("mcp-name", "b"), ("host", "y"), ("mcp-param-q", "1")]);
        assert_eq!(head.fields.name, ["a", "b"]);
        assert!(head.host.doubled);
        assert_eq!(head.fields.params.len(), 1);
        assert_eq!(head.fields.params.first().map(|(name, _)| name.as_str()), Some("q"));
    }

    #[test]
    fn only_dated_revisions_of_the_new_era_are_modern() {
        for (version, modern) in [
            ("2026-07-28", true),
            (" 2026-07-28 ", true),
            ("2027-01-01", true),
            ("2025-11-25", false),
            ("v999.0.0", false),
            ("DRAFT-2027", false),
        ] {
            assert_eq!(head(&[("mcp-protocol-version", version)]).is_modern(), modern, "{version}");
        }
    }
}
