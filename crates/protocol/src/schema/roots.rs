//! Roots: what the client works on.

use serde::{Deserialize, Serialize};

use super::shapes::{Meta, RequestParams};
use crate::RequestId;

/// The method of a question for roots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ListRootsMethod {
    /// `roots/list`.
    #[default]
    #[serde(rename = "roots/list")]
    ListRoots,
}

/// The question for the client's roots, as it stands inside a result or a legacy request.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ListRootsRequest {
    /// Identifier; absent inside a result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<RequestId>,
    /// Method.
    pub method: ListRootsMethod,
    /// Parameters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub params: Option<RequestParams>,
}

/// Result of `roots/list`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListRootsResult {
    /// The roots.
    pub roots: Vec<Root>,
    /// Metadata.
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}

/// A folder or file that the client works on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Root {
    /// `file:` URI.
    pub uri: String,
    /// Name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Metadata.
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}
