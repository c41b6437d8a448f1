//! A work item as it is read: everything but its description and history, which stay in the store.

use std::sync::Arc;

use jiff::civil::Date;
use pm33_tenancy::{Timestamp, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{CustomFields, ItemId, ItemType, Moscow, ObjectiveId, Priority, SprintId, Status, TeamId};

/// One item of a backlog.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkItem {
    /// Identifier (`UUIDv7`).
    pub id: ItemId,
    /// Number inside the workspace; with the workspace's prefix it is the key.
    pub number: u32,
    /// What sort of work.
    pub item_type: ItemType,
    /// Title, 1 to 500 characters.
    pub title: Arc<str>,
    /// Where it stands.
    pub status: Status,
    /// How much it matters.
    pub priority: Priority,
    /// Story points, 0 to 1,000.
    pub points: Option<f64>,
    /// Estimate in working days.
    pub estimate_days: Option<f64>,
    /// The item that holds this one.
    pub parent: Option<ItemId>,
    /// The team that does it.
    pub team: Option<TeamId>,
    /// The sprint it is committed to.
    pub sprint: Option<SprintId>,
    /// Who does it: a handle or a name, as given.
    pub assignee: Option<Arc<str>>,
    /// Labels, sorted.
    pub labels: Arc<[Arc<str>]>,
    /// Skills it needs, sorted.
    pub skills: Arc<[Arc<str>]>,
    /// Objectives it serves.
    pub objectives: Arc<[ObjectiveLink]>,
    /// What must be finished before it.
    pub dependencies: Arc<[Dependency]>,
    /// Items that have to do with it, sorted; each of them names it too.
    pub related: Arc<[ItemId]>,
    /// Not to be started before.
    pub release: Option<Date>,
    /// To be finished by.
    pub due: Option<Date>,
    /// Inputs of the scoring methods.
    pub scoring: Option<Arc<Scoring>>,
    /// Where it came from.
    pub external: Option<Arc<External>>,
    /// Custom fields.
    pub custom: Option<Arc<CustomFields>>,
    /// Characters in its description.
    pub description_chars: u32,
    /// Raised by every change of the item.
    pub version: u32,
    /// When it was created (in the tracker it came from, where that is known).
    pub created: Option<Timestamp>,
    /// When work began.
    pub started: Option<Timestamp>,
    /// When it was finished.
    pub finished: Option<Timestamp>,
    /// When it last changed.
    pub updated: Timestamp,
    /// When it was archived.
    pub archived: Option<Timestamp>,
    /// Who created it here.
    pub author: Option<UserId>,
}

impl WorkItem {
    /// Whether work is still to be done and the item is not archived.
    pub fn is_active(&self) -> bool {
        self.status.is_open() && self.archived.is_none()
    }

    /// Bytes that it takes in memory, roughly: itself and what it alone points to.
    pub fn bytes(&self) -> usize {
        let text = |text: &Option<Arc<str>>| text.as_ref().map_or(0, |text| text.len() + HEAP_EACH);
        let texts = |list: &[Arc<str>]| list.iter().map(|text| text.len() + HEAP_EACH).sum::<usize>();
        let external =
            self.external.as_ref().map_or(0, |one| one.source.len() + one.id.len() + 3 * HEAP_EACH);
        let custom = self.custom.as_ref().map_or(0, |fields| {
            fields.iter().map(|(name, value)| name.len() + value.bytes() + 3 * HEAP_EACH).sum()
        });
        size_of::<Self>()
            + HEAP_EACH
            + self.title.len()
            + text(&self.assignee)
            + texts(&self.labels)
            + texts(&self.skills)
            + size_of_val(&*self.objectives)
            + size_of_val(&*self.dependencies)
            + size_of_val(&*self.related)
            + self.scoring.as_ref().map_or(0, |_| size_of::<Scoring>())
            + external
            + custom
    }
}

/// Bytes of an allocation beside its content: counters and the allocator's own.
const HEAP_EACH: usize = 32;

/// A link from an item to an objective.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ObjectiveLink {
    /// The objective.
    pub objective: ObjectiveId,
    /// Share of the item's effect, 0 to 1.
    pub weight: f64,
}

/// A finish-to-start dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Dependency {
    /// The item that must be finished first.
    pub on: ItemId,
    /// Working days between that finish and this start; negative is a lead.
    pub lag_days: i32,
}

/// Where an item came from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct External {
    /// The tracker: `github`, `jira`, … or a name of the caller's own; 1 to 50 characters.
    pub source: String,
    /// Its id there; 1 to 500 characters. Unique per source in a workspace.
    pub id: String,
}

/// Inputs of the scoring methods, each optional.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Scoring {
    /// WSJF user-business value: 1, 2, 3, 5, 8, 13 or 20.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_value: Option<u8>,
    /// WSJF time criticality: 1, 2, 3, 5, 8, 13 or 20.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_criticality: Option<u8>,
    /// WSJF risk reduction or opportunity enablement: 1, 2, 3, 5, 8, 13 or 20.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk_reduction: Option<u8>,
    /// WSJF job size: 1, 2, 3, 5, 8, 13 or 20.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_size: Option<u8>,
    /// RICE reach: people or events per period, 0 or more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reach: Option<f64>,
    /// RICE impact: 0.25, 0.5, 1, 2 or 3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub impact: Option<f64>,
    /// RICE and ICE confidence, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// RICE effort in person-months, above 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effort: Option<f64>,
    /// ICE ease, 1 to 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ease: Option<f64>,
    /// MoSCoW class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moscow: Option<Moscow>,
    /// Technical risk: chance of failure, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk_likelihood: Option<f64>,
    /// Technical risk: how much breaks, 1 to 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blast_radius: Option<f64>,
    /// Technical risk: how fast it grows, 1 (not at all) to 3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk_growth: Option<f64>,
    /// Technical risk: how surely it is noticed before it harms, 1 (never) to 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detectability: Option<f64>,
}
