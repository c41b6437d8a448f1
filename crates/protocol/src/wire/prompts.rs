//! `prompts/get` and `completion/complete`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Block;

/// Parameters of `prompts/get`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GetPromptParams {
    /// Name.
    pub name: String,
    /// Arguments.
    #[serde(default)]
    pub arguments: BTreeMap<String, String>,
    /// Answers to an earlier round's requests.
    #[serde(default)]
    pub input_responses: Option<Map<String, Value>>,
    /// What an earlier round handed out.
    #[serde(default)]
    pub request_state: Option<String>,
}

/// Result of `prompts/get`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GetPromptResult<'a> {
    /// `complete`, for modern peers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_type: Option<&'static str>,
    /// What the prompt is for.
    pub description: &'a str,
    /// Messages.
    pub messages: Vec<PromptMessage<'a>>,
    /// Metadata.
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<&'a Value>,
}

/// One message.
#[derive(Debug, Serialize)]
pub struct PromptMessage<'a> {
    /// `user` or `assistant`.
    pub role: &'static str,
    /// What.
    pub content: Block<'a>,
}

/// Parameters of `completion/complete`.
#[derive(Debug, Deserialize)]
pub struct CompleteParams {
    /// What is completed.
    #[serde(rename = "ref")]
    pub reference: CompletionRef,
    /// The argument and what was typed.
    pub argument: TypedArgument,
    /// Arguments that are known already.
    #[serde(default)]
    pub context: KnownArguments,
}

/// What is completed.
#[derive(Debug, Deserialize)]
#[serde(tag = "type")]
pub enum CompletionRef {
    /// A prompt's argument.
    #[serde(rename = "ref/prompt")]
    Prompt {
        /// Prompt name.
        name: String,
    },
    /// A template's variable.
    #[serde(rename = "ref/resource")]
    Resource {
        /// Template.
        uri: String,
    },
}

/// An argument and what was typed.
#[derive(Debug, Deserialize)]
pub struct TypedArgument {
    /// Argument or variable.
    pub name: String,
    /// What was typed.
    pub value: String,
}

/// Arguments that are known already.
#[derive(Debug, Default, Deserialize)]
pub struct KnownArguments {
    /// By name.
    #[serde(default)]
    pub arguments: BTreeMap<String, String>,
}

/// Result of `completion/complete`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CompleteResult<'a> {
    /// `complete`, for modern peers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_type: Option<&'static str>,
    /// The values.
    pub completion: CompletionValues,
    /// Metadata.
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<&'a Value>,
}

/// Values for completion.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CompletionValues {
    /// At most 100.
    pub values: Vec<String>,
    /// How many there are.
    pub total: usize,
    /// Whether there are more.
    pub has_more: bool,
}
