//! Mission, objectives and key results.

use std::sync::Arc;

use jiff::civil::Date;
use pm33_tenancy::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ObjectiveId;

/// Why the workspace's product exists.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Mission {
    /// One or two sentences.
    pub statement: String,
    /// Themes that objectives belong to.
    pub themes: Vec<String>,
}

/// An objective of a period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Objective {
    /// Identifier.
    pub id: ObjectiveId,
    /// Title.
    pub title: Arc<str>,
    /// What is to be true at its end.
    pub statement: String,
    /// Period: `2026-Q4`.
    pub period: String,
    /// Theme.
    pub theme: Option<String>,
    /// Weight against the other active objectives, 0 to 1.
    pub weight: f64,
    /// Where it stands.
    pub status: ObjectiveStatus,
    /// Who answers for it.
    pub owner: Option<String>,
    /// How it is measured.
    pub key_results: Vec<KeyResult>,
}

/// Where an objective stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ObjectiveStatus {
    /// Written, not begun.
    Draft,
    /// Being pursued.
    Active,
    /// Reached or ended.
    Closed,
}

impl ObjectiveStatus {
    /// The word in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Active => "active",
            Self::Closed => "closed",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Draft, Self::Active, Self::Closed].into_iter().find(|status| status.as_str() == word)
    }
}

/// A measure of an objective.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KeyResult {
    /// What is measured.
    pub title: String,
    /// Where it was at the start.
    pub baseline: f64,
    /// Where it is to be.
    pub target: f64,
    /// Where it is.
    pub current: f64,
    /// Unit: `%`, `ms`, `customers`.
    pub unit: String,
    /// When it is due.
    #[schemars(with = "Option<String>")]
    pub due: Option<Date>,
    /// What was measured along the way, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub check_ins: Vec<CheckIn>,
}

/// A measurement of a key result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CheckIn {
    /// When it was told.
    pub at: Timestamp,
    /// The value.
    pub value: f64,
    /// What there is to say about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}
