//! `elicitation/create`: asking the person.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Number;

use super::{
    elicitation_schema::PrimitiveSchema,
    shapes::{Meta, Object},
};

/// Parameters of `elicitation/create`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ElicitParams {
    /// By sending the person to a page.
    Url(ElicitUrlParams),
    /// By a form.
    Form(ElicitFormParams),
}

/// Asks by a form.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ElicitFormParams {
    /// `form`; absent means the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<FormMode>,
    /// What is asked, and why.
    pub message: String,
    /// The form.
    pub requested_schema: RequestedSchema,
    /// Wish to run as a task (2025-11-25).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<Object>,
    /// Metadata.
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}

/// Asks by sending the person to a page (2025-11-25 and later).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ElicitUrlParams {
    /// `url`.
    pub mode: UrlMode,
    /// What is asked, and why.
    pub message: String,
    /// The page.
    pub url: String,
    /// Names the elicitation; 2025-11-25 alone, where it must be given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elicitation_id: Option<String>,
    /// Wish to run as a task (2025-11-25).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<Object>,
    /// Metadata.
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}

/// Mode of a form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum FormMode {
    /// `form`.
    #[default]
    #[serde(rename = "form")]
    Form,
}

/// Mode of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum UrlMode {
    /// `url`.
    #[default]
    #[serde(rename = "url")]
    Url,
}

/// A form: a flat object of primitive fields.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RequestedSchema {
    /// Dialect of JSON Schema.
    #[serde(rename = "$schema", skip_serializing_if = "Option::is_none")]
    pub dialect: Option<String>,
    /// `object`.
    #[serde(rename = "type")]
    pub kind: ObjectKind,
    /// Fields, by name.
    pub properties: BTreeMap<String, PrimitiveSchema>,
    /// Fields that must be filled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required: Option<Vec<String>>,
}

/// Type of a form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ObjectKind {
    /// `object`.
    #[default]
    #[serde(rename = "object")]
    Object,
}

/// Result of `elicitation/create`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ElicitResult {
    /// What the person did.
    pub action: ElicitAction,
    /// What was filled in, on `accept`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<BTreeMap<String, ElicitValue>>,
    /// Metadata.
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
}

/// What the person did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ElicitAction {
    /// Answered.
    Accept,
    /// Dismissed without a choice.
    Cancel,
    /// Refused.
    Decline,
}

/// What was filled into one field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ElicitValue {
    /// Yes or no.
    Boolean(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(String),
    /// Several choices.
    Choices(Vec<String>),
}
