//! Table `document`: which documents there are, and the newest version of each.

use sea_orm::entity::prelude::*;

/// A document.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "document")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) document_id: Uuid,
    pub(crate) version: i32,
    pub(crate) kind: String,
    pub(crate) template: String,
    pub(crate) title: String,
    pub(crate) folded: String,
    pub(crate) status: String,
    pub(crate) about_id: Option<Uuid>,
    pub(crate) created: i64,
    pub(crate) updated: i64,
}

/// No relations: queries are scoped, joins are not used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
