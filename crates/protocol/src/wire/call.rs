//! `tools/call`, and results that ask for input first.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, value::RawValue};

use super::Block;

/// Parameters of `tools/call`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallParams<'a> {
    /// Tool name.
    #[serde(borrow)]
    pub name: Cow<'a, str>,
    /// Arguments; absent means none.
    #[serde(borrow, default)]
    pub arguments: Option<&'a RawValue>,
    /// Answers to an earlier round's requests.
    #[serde(default)]
    pub input_responses: Option<Map<String, Value>>,
    /// What an earlier round handed out.
    #[serde(default)]
    pub request_state: Option<String>,
    /// Metadata, unread.
    #[serde(rename = "_meta", borrow, default)]
    pub meta: Option<&'a RawValue>,
}

/// Result of `tools/call`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallResult<'a> {
    /// `complete`, for modern peers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_type: Option<&'static str>,
    /// Blocks for the model.
    pub content: Vec<Block<'a>>,
    /// The result as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub structured_content: Option<&'a RawValue>,
    /// Whether the tool failed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_error: bool,
    /// Metadata.
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<&'a Value>,
}

/// A result that asks the client for input before the call can go on (modern).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InputRequired<'a> {
    /// `input_required`.
    pub result_type: &'static str,
    /// What is asked, by key.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub input_requests: BTreeMap<String, InputRequest<'a>>,
    /// To be given back as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_state: Option<String>,
    /// Metadata.
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<&'a Value>,
}

/// One thing that is asked.
#[derive(Debug, Serialize)]
pub struct InputRequest<'a> {
    /// `elicitation/create`, `sampling/createMessage` or `roots/list`.
    pub method: &'static str,
    /// Its parameters.
    pub params: &'a Value,
}
