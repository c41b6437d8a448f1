//! Competitors, what they can do against what we can, and dated signals.

use std::sync::Arc;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{CompetitorId, ItemId};

/// A competitor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Competitor {
    /// Identifier.
    pub id: CompetitorId,
    /// Name, unique in the workspace.
    pub name: Arc<str>,
    /// Tier: 1 is the closest.
    pub tier: u8,
    /// One paragraph.
    pub summary: String,
    /// Capabilities against ours.
    pub capabilities: Vec<Capability>,
    /// What was seen, when, where.
    pub signals: Vec<Signal>,
}

/// One capability, theirs and ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Capability {
    /// What it is.
    pub name: String,
    /// How far they have it.
    pub theirs: Coverage,
    /// How far we have it.
    pub ours: Coverage,
    /// Work items that would close the gap.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<ItemId>,
}

/// How far a capability is covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Coverage {
    /// Fully.
    Covered,
    /// In part.
    Partly,
    /// Not at all.
    Not,
}

impl Coverage {
    /// As a part of the whole: 1, 0.5 or 0.
    pub const fn part(self) -> f64 {
        match self {
            Self::Covered => 1.0,
            Self::Partly => 0.5,
            Self::Not => 0.0,
        }
    }
}

/// Something that was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Signal {
    /// Sort: `launch`, `pricing`, `hiring`, `funding`, …
    pub kind: String,
    /// What.
    pub note: String,
    /// When it was seen; undated signals count nothing.
    #[schemars(with = "Option<String>")]
    pub date: Option<Date>,
    /// Where; unsourced signals count nothing.
    pub source: Option<String>,
    /// 0 to 1.
    pub strength: f64,
}
