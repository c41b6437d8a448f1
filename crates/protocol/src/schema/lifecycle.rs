//! Discovery, the legacy handshake and what follows it.

use serde::{Deserialize, Serialize};

use super::{
    capabilities::{ClientCapabilities, ServerCapabilities},
    notifications::LoggingLevel,
    shapes::{CacheScope, Implementation, Meta, ResultType},
};

/// Result of `server/discover`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DiscoverResult {
    /// Kind of result; absent for legacy peers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_type: Option<ResultType>,
    /// Versions that may be put into metadata.
    pub supported_versions: Vec<String>,
    /// What the server can.
    pub capabilities: ServerCapabilities,
    /// What a model should know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    /// Milliseconds for which it may be kept; absent for legacy peers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl_ms: Option<u64>,
    /// Who may keep it; absent for legacy peers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_scope: Option<CacheScope>,
    /// Metadata.
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}

/// Parameters of `initialize`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InitializeParams {
    /// The version that the client would like.
    pub protocol_version: String,
    /// What the client can.
    pub capabilities: ClientCapabilities,
    /// Who the client is.
    pub client_info: Implementation,
    /// Metadata.
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}

/// Result of `initialize`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InitializeResult {
    /// The version that will be spoken.
    pub protocol_version: String,
    /// What the server can.
    pub capabilities: ServerCapabilities,
    /// Who the server is.
    pub server_info: Implementation,
    /// What a model should know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    /// Metadata.
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}

/// Parameters of `logging/setLevel`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SetLevelParams {
    /// Least severity that is sent.
    pub level: LoggingLevel,
    /// Metadata.
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}
