//! Table `work_item`: a work item without its description.

use sea_orm::entity::prelude::*;

/// A work item without its description.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "work_item")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) item_id: Uuid,
    pub(crate) number: i32,
    pub(crate) item_type: String,
    pub(crate) title: String,
    pub(crate) status: String,
    pub(crate) priority: String,
    pub(crate) points: Option<f64>,
    pub(crate) estimate_days: Option<f64>,
    pub(crate) parent_id: Option<Uuid>,
    pub(crate) team_id: Option<Uuid>,
    pub(crate) sprint_id: Option<Uuid>,
    pub(crate) assignee: Option<String>,
    pub(crate) labels: String,
    pub(crate) skills: String,
    pub(crate) objectives: String,
    pub(crate) dependencies: String,
    pub(crate) release_day: Option<String>,
    pub(crate) due_day: Option<String>,
    pub(crate) scoring: Option<String>,
    pub(crate) external_source: Option<String>,
    pub(crate) external_id: Option<String>,
    pub(crate) custom: Option<String>,
    pub(crate) description_chars: i32,
    pub(crate) version: i32,
    pub(crate) created: Option<i64>,
    pub(crate) started: Option<i64>,
    pub(crate) finished: Option<i64>,
    pub(crate) updated: i64,
    pub(crate) archived: Option<i64>,
    pub(crate) author: Option<Uuid>,
    /// The workspace's version that last changed it.
    pub(crate) moved: i64,
    pub(crate) related: String,
}

/// No relations: queries are scoped, joins are not used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
