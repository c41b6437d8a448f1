//! What a client and a server can.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::shapes::Object;

/// What a client can.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ClientCapabilities {
    /// Asking the person; an empty object means by form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elicitation: Option<ElicitationCapability>,
    /// Outside the standard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub experimental: Option<BTreeMap<String, Object>>,
    /// Extensions, by identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extensions: Option<BTreeMap<String, Object>>,
    /// Telling its roots.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roots: Option<RootsCapability>,
    /// Asking its model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sampling: Option<SamplingCapability>,
    /// Tasks of 2025-11-25.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tasks: Option<Object>,
}

/// Ways of asking the person.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ElicitationCapability {
    /// By form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<Object>,
    /// By sending them to a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<Object>,
}

/// Telling roots.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RootsCapability {
    /// Tells when they change; legacy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list_changed: Option<bool>,
}

/// Asking the client's model.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SamplingCapability {
    /// With context of other servers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<Object>,
    /// With tools.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<Object>,
}

/// What a server can.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ServerCapabilities {
    /// Completing arguments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completions: Option<Object>,
    /// Outside the standard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub experimental: Option<BTreeMap<String, Object>>,
    /// Extensions, by identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extensions: Option<BTreeMap<String, Object>>,
    /// Log messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logging: Option<Object>,
    /// Prompts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompts: Option<ListCapability>,
    /// Resources.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<ResourcesCapability>,
    /// Tasks of 2025-11-25.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tasks: Option<Object>,
    /// Tools.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<ListCapability>,
}

/// Offering a list.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListCapability {
    /// Tells when it changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list_changed: Option<bool>,
}

/// Offering resources.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourcesCapability {
    /// Tells when the list changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list_changed: Option<bool>,
    /// Tells when a resource changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscribe: Option<bool>,
}
