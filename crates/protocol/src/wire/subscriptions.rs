//! `subscriptions/listen`.

use serde::{Deserialize, Serialize};

/// Parameters of `subscriptions/listen`.
#[derive(Debug, Default, Deserialize)]
pub struct ListenParams {
    /// Which notices are wanted.
    #[serde(default)]
    pub notifications: Filter,
}

/// Which notices are wanted, or honoured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Filter {
    /// Changes of the tool list.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tools_list_changed: bool,
    /// Changes of the prompt list.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub prompts_list_changed: bool,
    /// Changes of the resource list.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub resources_list_changed: bool,
    /// Changes of these resources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resource_subscriptions: Vec<String>,
}
