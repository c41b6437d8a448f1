//! What is asked to be created, changed or imported.

use jiff::civil::Date;
use pm33_tenancy::Timestamp;

use crate::{
    CustomFields, Dependency, External, ItemId, ItemType, ObjectiveLink, Priority, Scoring, SprintId,
    StateChange, Status, TeamId,
};

/// An item to be created. References are resolved ids of the same workspace.
#[derive(Clone, Debug, PartialEq)]
pub struct NewItem {
    /// Identifier, made by the caller.
    pub id: ItemId,
    /// What sort of work.
    pub item_type: ItemType,
    /// Title.
    pub title: String,
    /// Description; may be empty.
    pub description: String,
    /// Where it stands.
    pub status: Status,
    /// How much it matters.
    pub priority: Priority,
    /// Story points.
    pub points: Option<f64>,
    /// Estimate in working days.
    pub estimate_days: Option<f64>,
    /// The item that holds it.
    pub parent: Option<ItemId>,
    /// The team.
    pub team: Option<TeamId>,
    /// The sprint.
    pub sprint: Option<SprintId>,
    /// Who does it.
    pub assignee: Option<String>,
    /// Labels.
    pub labels: Vec<String>,
    /// Skills.
    pub skills: Vec<String>,
    /// Objectives.
    pub objectives: Vec<ObjectiveLink>,
    /// Dependencies.
    pub dependencies: Vec<Dependency>,
    /// Not before.
    pub release: Option<Date>,
    /// Due.
    pub due: Option<Date>,
    /// Scoring inputs.
    pub scoring: Option<Scoring>,
    /// Origin.
    pub external: Option<External>,
    /// Custom fields.
    pub custom: CustomFields,
    /// When it was created, where the origin says so.
    pub created: Option<Timestamp>,
    /// When work began.
    pub started: Option<Timestamp>,
    /// When it was finished.
    pub finished: Option<Timestamp>,
    /// State changes that the origin tells of, oldest first; empty: one change, at creation.
    pub history: Vec<StateChange>,
}

impl NewItem {
    /// An item with nothing but a type and a title.
    pub fn titled(id: ItemId, item_type: ItemType, title: impl Into<String>) -> Self {
        Self {
            id,
            item_type,
            title: title.into(),
            description: String::new(),
            status: Status::Backlog,
            priority: Priority::None,
            points: None,
            estimate_days: None,
            parent: None,
            team: None,
            sprint: None,
            assignee: None,
            labels: Vec::new(),
            skills: Vec::new(),
            objectives: Vec::new(),
            dependencies: Vec::new(),
            release: None,
            due: None,
            scoring: None,
            external: None,
            custom: CustomFields::new(),
            created: None,
            started: None,
            finished: None,
            history: Vec::new(),
        }
    }
}

/// A change of an item: an absent field stays; `Some(None)` clears an optional one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ItemPatch {
    /// Only if the item still has this version.
    pub if_version: Option<u32>,
    /// Sort of work.
    pub item_type: Option<ItemType>,
    /// Title.
    pub title: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Where it stands.
    pub status: Option<Status>,
    /// How much it matters.
    pub priority: Option<Priority>,
    /// Story points.
    pub points: Option<Option<f64>>,
    /// Estimate.
    pub estimate_days: Option<Option<f64>>,
    /// Parent.
    pub parent: Option<Option<ItemId>>,
    /// Team.
    pub team: Option<Option<TeamId>>,
    /// Sprint.
    pub sprint: Option<Option<SprintId>>,
    /// Assignee.
    pub assignee: Option<Option<String>>,
    /// All labels.
    pub labels: Option<Vec<String>>,
    /// All skills.
    pub skills: Option<Vec<String>>,
    /// All objective links.
    pub objectives: Option<Vec<ObjectiveLink>>,
    /// All dependencies.
    pub dependencies: Option<Vec<Dependency>>,
    /// All related items.
    pub related: Option<Vec<ItemId>>,
    /// Not before.
    pub release: Option<Option<Date>>,
    /// Due.
    pub due: Option<Option<Date>>,
    /// Scoring inputs.
    pub scoring: Option<Option<Scoring>>,
    /// Origin.
    pub external: Option<Option<External>>,
    /// Custom fields to set; the others stay.
    pub custom: Option<CustomFields>,
    /// Archived or back.
    pub archived: Option<Option<Timestamp>>,
    /// When it was created in the origin.
    pub created: Option<Timestamp>,
    /// When work began, where the origin says so.
    pub started: Option<Option<Timestamp>>,
    /// When it was finished, where the origin says so.
    pub finished: Option<Option<Timestamp>>,
}
