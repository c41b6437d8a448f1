//! What the server gives back to a transport: nothing, one message, or a stream of them.

use std::{pin::Pin, time::Duration};

use bytes::Bytes;
use futures_util::Stream;

/// The answer to one [`crate::Inbound`].
pub enum Reply {
    /// The message was a notification or a response, or a request on a pipe that was cancelled: nothing to say.
    Accepted,
    /// One message.
    One(Message),
    /// A stream of messages. Dropping it before its end is the client's disconnect.
    Stream(EventStream),
}

/// One message with what a transport needs to know to frame it.
#[derive(Debug)]
pub struct Message {
    /// JSON-RPC message.
    pub body: Bytes,
    /// What kind of answer it is; a transport has one table from this to its statuses.
    pub class: Class,
    /// A session that was opened by this answer (legacy `initialize`).
    pub session: Option<String>,
    /// `RateLimit-Policy` and `RateLimit` values, when the limiter was asked.
    pub rate_limit: Option<(String, String)>,
}

/// What kind of answer a message is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Class {
    /// A result, or an error that travels like one (unknown tool, bad cursor, internal error in a handler).
    Answer,
    /// Not JSON.
    Unparsable,
    /// JSON, but not a request.
    NotARequest,
    /// Metadata missing or malformed.
    BadMetadata,
    /// A header is missing, doubled or differs from the body.
    HeaderMismatch,
    /// The protocol version is not served.
    Version,
    /// A client capability is not declared.
    Capability,
    /// The method is unknown.
    UnknownMethod,
    /// A legacy session is needed and none was named.
    SessionNeeded,
    /// The named legacy session is not there for this caller.
    SessionUnknown,
    /// Too many calls.
    RateLimited {
        /// When a retry will pass.
        retry_after: Duration,
    },
    /// The key lacks scopes.
    ScopesMissing {
        /// All scopes that the call needs, space separated.
        needed: String,
    },
    /// The server cannot answer now: draining, or a part of it is down.
    Unavailable {
        /// When a retry makes sense.
        retry_after: Duration,
    },
    /// An internal error before an envelope was read.
    Internal,
}

/// A stream of events; the last one is the answer, when there is one.
pub type EventStream = Pin<Box<dyn Stream<Item = Event> + Send>>;

/// One event of a stream.
#[derive(Clone, Debug, Default)]
pub struct Event {
    /// Event id, for streams that can be resumed (legacy).
    pub id: Option<String>,
    /// How long to wait before reconnecting, sent before an early close (legacy).
    pub retry: Option<Duration>,
    /// JSON-RPC message; empty for a priming event.
    pub data: Bytes,
}
