//! Fields of a form.

use serde::{Deserialize, Serialize};
use serde_json::Number;

/// One field. The order of the kinds matters to reading: the narrower first.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PrimitiveSchema {
    /// One of titled choices.
    TitledSingleSelect(TitledSingleSelect),
    /// One of choices; in 2025-06-18 with `enumNames` for titles.
    SingleSelect(SingleSelect),
    /// Several of choices.
    MultiSelect(MultiSelect),
    /// A text.
    String(StringSchema),
    /// A number.
    Number(NumberSchema),
    /// Yes or no.
    Boolean(BooleanSchema),
}

/// A text.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StringSchema {
    /// `string`.
    #[serde(rename = "type")]
    pub kind: StringKind,
    /// Label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Least length.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_length: Option<u64>,
    /// Most length.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u64>,
    /// Format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<StringFormat>,
    /// Filled in already (2025-11-25 and later).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

/// Type of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum StringKind {
    /// `string`.
    #[default]
    #[serde(rename = "string")]
    Text,
}

/// Format of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StringFormat {
    /// A day.
    Date,
    /// A day and time.
    #[serde(rename = "date-time")]
    DateTime,
    /// An e-mail address.
    Email,
    /// A URI.
    Uri,
}

/// A number.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NumberSchema {
    /// Type.
    #[serde(rename = "type")]
    pub kind: NumberKind,
    /// Label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Number>,
    /// Most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum: Option<Number>,
    /// Filled in already (2025-11-25 and later).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<Number>,
}

/// Type of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberKind {
    /// A whole number.
    Integer,
    /// Any number.
    Number,
}

/// Yes or no.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct BooleanSchema {
    /// `boolean`.
    #[serde(rename = "type")]
    pub kind: BooleanKind,
    /// Label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Filled in already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<bool>,
}

/// Type of yes or no.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum BooleanKind {
    /// `boolean`.
    #[default]
    #[serde(rename = "boolean")]
    Boolean,
}

/// One of choices.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SingleSelect {
    /// `string`.
    #[serde(rename = "type")]
    pub kind: StringKind,
    /// Label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Choices.
    #[serde(rename = "enum")]
    pub choices: Vec<String>,
    /// Titles, in the order of the choices; legacy.
    #[serde(rename = "enumNames", skip_serializing_if = "Option::is_none")]
    pub choice_titles: Option<Vec<String>>,
    /// Filled in already (2025-11-25 and later).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

/// One of titled choices (2025-11-25 and later).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct TitledSingleSelect {
    /// `string`.
    #[serde(rename = "type")]
    pub kind: StringKind,
    /// Label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Choices.
    #[serde(rename = "oneOf")]
    pub choices: Vec<Choice>,
    /// Filled in already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

/// A titled choice.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Choice {
    /// Value.
    #[serde(rename = "const")]
    pub value: String,
    /// Title.
    pub title: String,
}

/// Several of choices (2025-11-25 and later).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MultiSelect {
    /// `array`.
    #[serde(rename = "type")]
    pub kind: ArrayKind,
    /// Label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Fewest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_items: Option<u64>,
    /// Most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_items: Option<u64>,
    /// Choices.
    pub items: MultiSelectItems,
    /// Filled in already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<Vec<String>>,
}

/// Type of several choices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ArrayKind {
    /// `array`.
    #[default]
    #[serde(rename = "array")]
    Array,
}

/// Choices of which several may be taken.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum MultiSelectItems {
    /// With titles.
    Titled {
        /// Choices.
        #[serde(rename = "anyOf")]
        choices: Vec<Choice>,
    },
    /// Without.
    Untitled {
        /// `string`.
        #[serde(rename = "type")]
        kind: StringKind,
        /// Choices.
        #[serde(rename = "enum")]
        choices: Vec<String>,
    },
}
