//! Table `forecast`: a saved forecast; rows are added and never changed.

use sea_orm::entity::prelude::*;

/// A saved forecast.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "forecast")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) forecast_id: Uuid,
    pub(crate) name: String,
    pub(crate) folded: String,
    pub(crate) saved: i64,
    pub(crate) as_of: i64,
    pub(crate) author: Option<Uuid>,
    pub(crate) question: String,
    pub(crate) recipe: String,
    pub(crate) answer: String,
}

/// No relations: queries are scoped, joins are not used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
