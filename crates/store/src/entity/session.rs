//! Table `session`: a legacy session.

use sea_orm::entity::prelude::*;

/// A legacy session.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) session_id: String,
    pub(crate) principal: String,
    pub(crate) revision: String,
    pub(crate) capabilities: String,
    pub(crate) client: String,
    pub(crate) opened: i64,
    pub(crate) used: i64,
}

/// No relations: queries are scoped, joins are not used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
