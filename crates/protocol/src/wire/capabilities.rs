//! Discovery and the legacy handshake.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Cache;

/// A program's name and version.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Implementation {
    /// Name.
    pub name: String,
    /// Name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Version.
    pub version: String,
}

/// What the server can.
#[derive(Clone, Debug, Serialize)]
pub struct ServerCapabilities(pub Map<String, Value>);

/// Result of `server/discover`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DiscoverResult<'a> {
    /// `complete`.
    pub result_type: &'static str,
    /// Versions that may be put into metadata.
    pub supported_versions: Vec<&'static str>,
    /// Capabilities.
    pub capabilities: ServerCapabilities,
    /// What a model should know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instructions: Option<&'a str>,
    /// How long it may be kept.
    #[serde(flatten)]
    pub cache: Cache,
    /// Metadata.
    #[serde(rename = "_meta")]
    pub meta: &'a Value,
}

/// Parameters of `initialize`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InitializeParams {
    /// The version that the client would like.
    pub protocol_version: String,
    /// Client capabilities.
    #[serde(default)]
    pub capabilities: Map<String, Value>,
    /// Client name and version.
    #[serde(default)]
    pub client_info: Option<Implementation>,
}

/// Result of `initialize`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InitializeResult<'a> {
    /// The version that will be spoken.
    pub protocol_version: &'static str,
    /// Capabilities.
    pub capabilities: ServerCapabilities,
    /// Server name and version.
    pub server_info: Implementation,
    /// What a model should know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instructions: Option<&'a str>,
}
