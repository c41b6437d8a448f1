//! What a backlog query asks for: filter, order and place to go on from.

use pm33_tenancy::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ItemId, ItemType, ObjectiveId, Priority, SprintId, Status, TeamId};

/// Which items are wanted; all conditions hold together, the values of one condition are alternatives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BacklogFilter {
    /// Active hides finished and archived items.
    pub mode: Mode,
    /// Types.
    pub types: Vec<ItemType>,
    /// Statuses.
    pub statuses: Vec<Status>,
    /// Priorities.
    pub priorities: Vec<Priority>,
    /// Teams.
    pub teams: Vec<TeamId>,
    /// Sprints.
    pub sprints: Vec<SprintId>,
    /// Items below these (an epic's children, at any depth).
    pub under: Vec<ItemId>,
    /// Items linked to these objectives.
    pub objectives: Vec<ObjectiveId>,
    /// Labels, compared ignoring case.
    pub labels: Vec<String>,
    /// Assignees, compared ignoring case.
    pub assignees: Vec<String>,
    /// Changed at or after.
    pub updated_since: Option<Timestamp>,
    /// These items only, whatever their state.
    pub ids: Vec<ItemId>,
}

impl BacklogFilter {
    /// Whether nothing but the mode is asked for.
    pub fn is_plain(&self) -> bool {
        *self == Self { mode: self.mode, ..Self::default() }
    }
}

/// How much of the backlog a query looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Open items that are not archived.
    #[default]
    Active,
    /// Everything, finished and archived items too.
    Full,
}

/// What a list is ordered by. Ties are broken by item number, newest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Most important first, then newest.
    #[default]
    Priority,
    /// Last changed first.
    Updated,
    /// Newest first.
    Created,
    /// Earliest due first; items without a due date last.
    Due,
    /// Lowest number first.
    Key,
}

/// The value that an order compares, and the number that breaks ties; ascending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SortKey(pub i64, pub i64);

/// Where a page ended: the next one begins after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The order.
    pub sort: Sort,
    /// The last item's sort key.
    pub after: SortKey,
}
