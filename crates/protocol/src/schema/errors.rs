//! Data of errors that carry some.

use serde::{Deserialize, Serialize};

use super::capabilities::ClientCapabilities;

/// Data of -32022.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UnsupportedVersionData {
    /// Versions that are served.
    pub supported: Vec<String>,
    /// The version that was asked for.
    pub requested: String,
}

/// Data of -32021.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MissingCapabilityData {
    /// What the client would have to declare.
    pub required_capabilities: ClientCapabilities,
}

/// Data of an error about a resource that does not exist.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ResourceNotFoundData {
    /// URI.
    pub uri: String,
}
