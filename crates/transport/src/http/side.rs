//! Other paths on the listener (health, readiness, documents), told by whoever composes the server.

use bytes::Bytes;
use http::{Method, StatusCode};

/// Answers paths that are not the endpoint's.
pub trait SideRoutes: Send + Sync {
    /// The answer, or `None` when the path is not known; `accept` is what the client takes, its `Accept` fields joined.
    /// Must not block. No credential is asked for on these paths.
    fn route(&self, method: &Method, path: &str, accept: &str) -> Option<SideAnswer>;
}

/// A whole answer.
#[derive(Clone, Debug)]
pub struct SideAnswer {
    /// Status.
    pub status: StatusCode,
    /// `Content-Type`.
    pub content_type: &'static str,
    /// Body.
    pub body: Bytes,
}
