//! How a tool talks to the client while it works: progress, log lines, questions.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde_json::Value;

use crate::ToolError;

/// The client's side of a running call.
#[async_trait]
pub trait Interaction: Send + Sync {
    /// Tells progress; dropped when the client did not ask for it or is slow.
    fn progress(&self, done: f64, total: Option<f64>, message: Option<&str>);
    /// Sends a log line; dropped when the client did not ask for this level.
    fn log(&self, level: LogLevel, data: Value);
    /// Asks the client. Where the protocol can send requests, this waits for the replies; otherwise it returns the
    /// replies of a repeated call, or [`ToolError::NeedsInput`] with `state` for the next round.
    async fn ask(&self, questions: Vec<Question>, state: Option<Vec<u8>>) -> Result<Replies, ToolError>;
    /// What an earlier round of this call left for this one.
    fn state(&self) -> Option<&[u8]>;
    /// Ends the current stream early where the protocol can resume it; otherwise nothing.
    fn end_stream(&self);
}

/// A question to the client.
#[derive(Clone, Debug)]
pub struct Question {
    /// Names the reply.
    pub key: String,
    /// Protocol method: `elicitation/create`, `sampling/createMessage`, `roots/list`.
    pub method: &'static str,
    /// Its parameters.
    pub params: Value,
}

/// Replies by question key.
pub type Replies = BTreeMap<String, Reply>;

/// A reply as the client sent it.
pub type Reply = Value;

/// Severity of a log line, as in syslog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Detail for developers.
    Debug,
    /// Normal events.
    Info,
    /// Normal but notable.
    Notice,
    /// Something odd.
    Warning,
    /// Something failed.
    Error,
    /// Something important failed.
    Critical,
    /// Act now.
    Alert,
    /// Unusable.
    Emergency,
}

/// An interaction with nobody: for embedders and tests without a client.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

#[async_trait]
impl Interaction for Silent {
    fn progress(&self, _: f64, _: Option<f64>, _: Option<&str>) {}
    fn log(&self, _: LogLevel, _: Value) {}
    async fn ask(&self, questions: Vec<Question>, state: Option<Vec<u8>>) -> Result<Replies, ToolError> {
        Err(ToolError::NeedsInput { questions, state })
    }
    fn state(&self) -> Option<&[u8]> {
        None
    }
    fn end_stream(&self) {}
}
