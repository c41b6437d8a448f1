//! The extension for calls that go on after their request was answered (SEP-2663).

use serde::Serialize;
use serde_json::Value;

/// The extension's identifier among the capabilities of either side.
pub const TASKS_EXTENSION: &str = "io.modelcontextprotocol/tasks";

/// Where a task stands, as `tools/call` and `tasks/get` tell it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskResult<'a> {
    /// `task` for a new one, `complete` where it was asked for.
    pub result_type: &'static str,
    /// Its id.
    pub task_id: &'a str,
    /// `working`, `input_required`, `completed`, `failed` or `cancelled`.
    pub status: &'static str,
    /// What it is at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_message: Option<String>,
    /// When it began.
    pub created_at: String,
    /// When its status last changed.
    pub last_updated_at: String,
    /// How long it can be asked for, from its beginning.
    pub ttl_ms: u64,
    /// How often to ask.
    pub poll_interval_ms: u64,
    /// What the call would have answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
    /// The error that the call would have answered with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Value>,
    /// What it asks the client, by key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_requests: Option<Value>,
    /// Metadata.
    #[serde(rename = "_meta")]
    pub meta: &'a Value,
}
