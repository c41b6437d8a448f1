//! Bounds of the server, each with a sane default.

use std::time::Duration;

/// Bounds and words that a deployment may change.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// Name that the server gives itself.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What a model should know before it uses the server.
    pub instructions: String,
    /// Deepest nesting of a message.
    pub json_depth: usize,
    /// Open change subscriptions (`subscriptions/listen` and legacy GET streams) per principal.
    pub listens_per_principal: usize,
    /// Open change subscriptions in all.
    pub listens: usize,
    /// Messages that wait in one stream before the oldest notices are dropped.
    pub queued_messages: usize,
    /// Events kept per legacy stream for resuming.
    pub replay_events: usize,
    /// Time limit of a light call.
    pub light_call: Duration,
    /// Time limit of a heavy or AI call.
    pub heavy_call: Duration,
    /// Longest life of a request state of a multi-round-trip call.
    pub request_state_life: Duration,
    /// How long a cursor is good.
    pub cursor_life: Duration,
    /// How long a finished call is remembered by its idempotency key; at least 24 hours.
    pub idempotency_life: Duration,
    /// How long a call of a client that takes tasks runs before it becomes one.
    pub task_after: Duration,
    /// How long a task can be asked for, from its beginning.
    pub task_life: Duration,
    /// How long after its server's last sign of life a task is told as failed.
    pub task_lease: Duration,
    /// Page size of tool, resource and prompt lists.
    pub list_page: usize,
    /// Whether list and discovery answers are logged by `notifications/message` (the conformance fixture only).
    pub offers_logging: bool,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            name: "pm33".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            instructions: String::new(),
            json_depth: 64,
            listens_per_principal: 16,
            listens: 10_000,
            queued_messages: 256,
            replay_events: 64,
            light_call: Duration::from_secs(30),
            heavy_call: Duration::from_mins(5),
            request_state_life: Duration::from_mins(10),
            cursor_life: Duration::from_hours(24),
            idempotency_life: Duration::from_hours(48),
            task_after: Duration::from_millis(250),
            task_life: Duration::from_hours(1),
            task_lease: Duration::from_secs(30),
            list_page: 100,
            offers_logging: false,
        }
    }
}
