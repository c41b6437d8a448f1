//! `tools/call`, and results that ask for input first.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, value::RawValue};

use super::Block;

/// Parameters of `tools/call`.
#[derive(Debug)]
pub struct CallParams {
    /// Tool name.
    pub name: String,
    /// Arguments; absent means none.
    pub arguments: Option<Box<RawValue>>,
    /// Answers to an earlier round's requests.
    pub input_responses: Option<Map<String, Value>>,
    /// What an earlier round handed out.
    pub request_state: Option<String>,
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
    pub meta: Option<&'a RawValue>,
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
