//! `resources/read` and legacy subscriptions.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Contents;

/// Parameters of `resources/read`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadParams {
    /// URI.
    pub uri: String,
    /// Answers to an earlier round's requests.
    #[serde(default)]
    pub input_responses: Option<Map<String, Value>>,
    /// What an earlier round handed out.
    #[serde(default)]
    pub request_state: Option<String>,
}

/// Result of `resources/read`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadResult<'a> {
    /// `complete`, for modern peers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_type: Option<&'static str>,
    /// Milliseconds for which it may be kept, for modern peers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl_ms: Option<u64>,
    /// Who may keep it, for modern peers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_scope: Option<&'static str>,
    /// What it holds.
    pub contents: Vec<Contents<'a>>,
    /// Metadata.
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<&'a Value>,
}

/// Parameters of legacy `resources/subscribe` and `resources/unsubscribe`.
#[derive(Debug, Deserialize)]
pub struct SubscribeParams {
    /// URI.
    pub uri: String,
}
