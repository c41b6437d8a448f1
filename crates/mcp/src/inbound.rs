//! What a transport hands over: one message with everything that came beside it, free of any HTTP type.

use bytes::Bytes;
use pm33_auth::Caller;
use pm33_tenancy::{ClientFacts, CorrelationId};

/// One message from a client.
#[derive(Debug)]
pub struct Inbound {
    /// The message's bytes: one JSON value.
    pub body: Bytes,
    /// How it came.
    pub carrier: Carrier,
    /// Who sent it.
    pub caller: Caller,
    /// Where it came from.
    pub client: ClientFacts,
    /// The call's identifier: the client's, when it sent a valid one, or a fresh one.
    pub correlation: CorrelationId,
}

/// How a message came.
#[expect(
    clippy::large_enum_variant,
    reason = "one for each request; a box would cost the frequent one an allocation"
)]
#[derive(Debug)]
pub enum Carrier {
    /// As an HTTP POST with these header fields.
    Http(HttpFields),
    /// As a line on stdin; the session that a legacy `initialize` on this process opened, if any.
    Stdio {
        /// Session id.
        session: Option<String>,
    },
}

/// The header fields that the protocol gives a meaning. Every value is kept as it came, so that duplicates and
/// malformed ones can be told.
#[derive(Debug, Default)]
pub struct HttpFields {
    /// `MCP-Protocol-Version`.
    pub protocol_version: Vec<Bytes>,
    /// `Mcp-Method`.
    pub method: Vec<Bytes>,
    /// `Mcp-Name`.
    pub name: Vec<Bytes>,
    /// `Mcp-Param-*`: lower-case name without the prefix, and value.
    pub params: Vec<(String, Bytes)>,
    /// `Mcp-Session-Id`.
    pub session: Vec<Bytes>,
    /// `Last-Event-ID`.
    pub last_event: Option<Bytes>,
    /// `Idempotency-Key`.
    pub idempotency_key: Option<Bytes>,
    /// `traceparent`.
    pub traceparent: Option<Bytes>,
    /// `tracestate`.
    pub tracestate: Option<Bytes>,
    /// Whether the client accepts `text/event-stream` (a stream may be answered).
    pub accepts_stream: bool,
}
