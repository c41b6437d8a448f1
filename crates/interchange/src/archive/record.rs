//! The lines of an archive.

use jiff::civil::Date;
use pm33_product::{
    Competitor, CustomFields, Dependency, Document, DocumentTemplate, External, ItemId, ItemType, Mission,
    Objective, ObjectiveLink, Priority, SavedForecast, Scoring, Sprint, SprintId, StateChange, Status, Team,
    TeamId, Vocabulary, WorkItem,
};
use pm33_tenancy::Timestamp;
use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};

/// The version that is written. A later one may add fields and kinds of lines; readers refuse a version they do not know.
pub const VERSION: u32 = 1;

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Line {
    /// The first line.
    Pm33Workspace {
        /// Version of the form.
        version: u32,
        /// When it was written.
        exported: Timestamp,
        /// The prefix of the item keys.
        prefix: String,
    },
    /// The workspace's status words and types of custom fields.
    Vocabulary(Vocabulary),
    /// A team.
    Team(Team),
    /// A sprint.
    Sprint(Sprint),
    /// Mission and themes.
    Mission(Mission),
    /// An objective.
    Objective(Objective),
    /// A competitor.
    Competitor(Competitor),
    /// A work item.
    Item(Box<ItemRecord>),
    /// A template of documents.
    DocumentTemplate(DocumentTemplate),
    /// A document at a version; its versions follow one another from the first.
    Document(Box<Document>),
    /// A saved forecast.
    Forecast(Box<SavedForecast>),
}

/// A work item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ItemRecord {
    /// Identifier.
    pub id: ItemId,
    /// Number inside the workspace.
    pub number: u32,
    /// What sort of work.
    #[serde(rename = "type")]
    pub item_type: ItemType,
    /// Title.
    pub title: String,
    /// Description.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Where it stands.
    pub status: Status,
    /// How much it matters.
    pub priority: Priority,
    /// Story points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub story_points: Option<f64>,
    /// Estimate in working days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate_days: Option<f64>,
    /// The item that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<ItemId>,
    /// The team.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamId>,
    /// The sprint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sprint: Option<SprintId>,
    /// Who does it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    /// Labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// Skills it needs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skills: Vec<String>,
    /// Objectives it serves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objectives: Vec<ObjectiveLink>,
    /// What must be finished before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<Dependency>,
    /// Items that have to do with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<ItemId>,
    /// Not to be started before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub release_date: Option<Date>,
    /// To be finished by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub due_date: Option<Date>,
    /// Inputs of the scoring methods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scoring: Option<Scoring>,
    /// Where it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external: Option<External>,
    /// Custom fields.
    #[serde(default, skip_serializing_if = "CustomFields::is_empty")]
    pub custom_fields: CustomFields,
    /// When it was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
    /// When work began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<Timestamp>,
    /// When it was finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<Timestamp>,
    /// When it last changed.
    pub updated: Timestamp,
    /// When it was archived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived: Option<Timestamp>,
    /// State changes, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<Change>,
}

/// A change of status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// Before; absent at creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Status>,
    /// After.
    pub to: Status,
    /// When.
    pub at: Timestamp,
}

impl From<&StateChange> for Change {
    fn from(change: &StateChange) -> Self {
        Self { from: change.from, to: change.to, at: change.at }
    }
}

impl ItemRecord {
    /// The record of an item.
    pub fn new(item: &WorkItem, description: String, history: &[StateChange]) -> Self {
        let words = |words: &[std::sync::Arc<str>]| words.iter().map(ToString::to_string).collect();
        Self {
            id: item.id,
            number: item.number,
            item_type: item.item_type,
            title: item.title.to_string(),
            description,
            status: item.status,
            priority: item.priority,
            story_points: item.points,
            estimate_days: item.estimate_days,
            parent: item.parent,
            team: item.team,
            sprint: item.sprint,
            assignee: item.assignee.as_deref().map(str::to_owned),
            labels: words(&item.labels),
            skills: words(&item.skills),
            objectives: item.objectives.to_vec(),
            dependencies: item.dependencies.to_vec(),
            related: item.related.to_vec(),
            release_date: item.release,
            due_date: item.due,
            scoring: item.scoring.as_deref().cloned(),
            external: item.external.as_deref().cloned(),
            custom_fields: item.custom.as_deref().cloned().unwrap_or_default(),
            created: item.created,
            started: item.started,
            finished: item.finished,
            updated: item.updated,
            archived: item.archived,
            history: history.iter().map(Change::from).collect(),
        }
    }
}

/// The JSON Schema (2020-12) of a line.
pub fn line_schema() -> Schema {
    schemars::schema_for!(Line)
}
