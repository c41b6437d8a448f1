//! Custom fields: what a tracker knows of an item and our model has no place for.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Custom fields by name; names are 1 to 100 characters, at most 100 per item.
pub type CustomFields = BTreeMap<String, CustomValue>;

/// A typed value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum CustomValue {
    /// A number.
    Number(f64),
    /// A text, a date (`2026-03-01`) or a URL.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
}

impl CustomValue {
    /// Bytes of its texts, roughly.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Number(_) => 0,
            Self::Text(text) => text.len(),
            Self::List(texts) => texts.iter().map(|text| text.len() + size_of::<String>()).sum(),
        }
    }
}
