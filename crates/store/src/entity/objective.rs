//! Table `objective`: an objective with its key results.

use sea_orm::entity::prelude::*;

/// An objective with its key results.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "objective")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) objective_id: Uuid,
    pub(crate) title: String,
    pub(crate) statement: String,
    pub(crate) period: String,
    pub(crate) theme: Option<String>,
    pub(crate) weight: f64,
    pub(crate) status: String,
    pub(crate) owner: Option<String>,
    pub(crate) key_results: String,
}

/// No relations: queries are scoped, joins are not used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
