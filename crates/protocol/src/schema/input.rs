//! Multi-round-trip results: what a server asks before it can go on, and the answers.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::value::RawValue;

use super::{
    elicitation::{ElicitParams, ElicitResult},
    roots::ListRootsResult,
    sampling::{CreateMessageParams, CreateMessageResult},
    shapes::{Meta, RequestParams, ResultType},
};

/// Questions, by key.
pub type InputRequests = BTreeMap<String, InputRequest>;

/// Answers, by key.
pub type InputResponses = BTreeMap<String, InputResponse>;

/// One question.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "method", content = "params")]
pub enum InputRequest {
    /// To the person.
    #[serde(rename = "elicitation/create")]
    Elicit(ElicitParams),
    /// To the client's model.
    #[serde(rename = "sampling/createMessage")]
    CreateMessage(CreateMessageParams),
    /// For the client's roots.
    #[serde(rename = "roots/list")]
    ListRoots(RequestParams),
}

impl<'de> Deserialize<'de> for InputRequest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A derived reader would buffer the parameters, and raw schemas in them cannot be buffered.
        #[derive(Deserialize)]
        struct Raw {
            method: String,
            params: Option<Box<RawValue>>,
        }
        fn read<T: de::DeserializeOwned, E: de::Error>(params: Option<&RawValue>) -> Result<T, E> {
            serde_json::from_str(params.map_or("{}", RawValue::get)).map_err(E::custom)
        }
        let Raw { method, params } = Raw::deserialize(deserializer)?;
        match method.as_str() {
            "elicitation/create" => read(params.as_deref()).map(Self::Elicit),
            "sampling/createMessage" => read(params.as_deref()).map(Self::CreateMessage),
            "roots/list" => read(params.as_deref()).map(Self::ListRoots),
            other => Err(de::Error::unknown_variant(
                other,
                &["elicitation/create", "sampling/createMessage", "roots/list"],
            )),
        }
    }
}

/// One answer. The kinds are told apart by their fields.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum InputResponse {
    /// Of the person.
    Elicit(ElicitResult),
    /// Of the client's model.
    CreateMessage(Box<CreateMessageResult>),
    /// The client's roots.
    ListRoots(ListRootsResult),
}

/// A result that asks before the call can go on; questions or state or both are given.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InputRequiredResult {
    /// `input_required`.
    pub result_type: ResultType,
    /// Questions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_requests: Option<InputRequests>,
    /// To be given back as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_state: Option<String>,
    /// Metadata.
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}
