//! A request that is refused before the engine sees it: status, words, and what a client needs to do better.

use std::{borrow::Cow, time::Duration};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header};
use pm33_protocol::{ErrorObject, codes, encode_error};

/// A refusal.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) code: i32,
    pub(crate) message: Cow<'static, str>,
    /// One more header field.
    pub(crate) header: Option<(HeaderName, HeaderValue)>,
    /// The word for the security log, where it belongs there.
    pub(crate) security: Option<&'static str>,
    /// Whether the connection ends with it.
    pub(crate) closes: bool,
}

impl Refusal {
    /// A refusal by a rule of the transport.
    pub(crate) fn new(status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        let message = message.into();
        Self { status, code: codes::TRANSPORT, message, header: None, security: None, closes: false }
    }

    #[must_use]
    pub(crate) fn code(mut self, code: i32) -> Self {
        self.code = code;
        self
    }

    #[must_use]
    pub(crate) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.header = Some((name, value));
        self
    }

    /// Ends the connection with this answer: what follows on it cannot be trusted, or is not read.
    #[must_use]
    pub(crate) fn closing(mut self) -> Self {
        self.closes = true;
        self
    }

    #[must_use]
    pub(crate) fn retry_after(self, wait: Duration) -> Self {
        self.with(header::RETRY_AFTER, whole_seconds(wait))
    }

    /// Marks a refusal that the security log tells of.
    #[must_use]
    pub(crate) fn suspicious(mut self, reason: &'static str) -> Self {
        self.security = Some(reason);
        self
    }

    /// The JSON-RPC error without an id, since none was read.
    pub(crate) fn body(&self) -> Bytes {
        encode_error(None, &ErrorObject::new(self.code, self.message.clone())).into()
    }
}

/// `Retry-After`: whole seconds, rounded up, at least one.
pub(crate) fn whole_seconds(wait: Duration) -> HeaderValue {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    HeaderValue::from(seconds.max(1))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::whole_seconds;

    #[test]
    fn a_wait_is_rounded_up() {
        for (millis, seconds) in [(0, "1"), (1, "1"), (1_000, "1"), (1_001, "2"), (59_500, "60")] {
            assert_eq!(whole_seconds(Duration::from_millis(millis)), seconds);
        }
    }
}
