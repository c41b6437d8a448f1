//! Teams (lanes) and their sprints.

use std::sync::Arc;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{SprintId, TeamId};

/// A team.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Team {
    /// Identifier.
    pub id: TeamId,
    /// Name, unique in the workspace ignoring case.
    pub name: Arc<str>,
    /// Points (or items, where the team does not estimate) per week.
    pub capacity_per_week: Option<f64>,
    /// Work-in-progress limit.
    pub wip_limit: Option<u32>,
    /// Skills that the team has.
    pub skills: Vec<String>,
}

/// A sprint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sprint {
    /// Identifier.
    pub id: SprintId,
    /// The team.
    pub team: TeamId,
    /// Name, unique in the team.
    pub name: Arc<str>,
    /// First day.
    #[schemars(with = "String")]
    pub start: Date,
    /// Last day.
    #[schemars(with = "String")]
    pub end: Date,
}
