//! Table `document_version`: a document as it was at a version; rows are added and never changed.

use sea_orm::entity::prelude::*;

/// A version.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "document_version")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) document_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) version: i32,
    pub(crate) kind: String,
    pub(crate) template: String,
    pub(crate) title: String,
    pub(crate) status: String,
    pub(crate) about_id: Option<Uuid>,
    pub(crate) sections: String,
    pub(crate) sources: String,
    pub(crate) provenance: String,
    pub(crate) author: Option<Uuid>,
    pub(crate) at: i64,
}

/// No relations: queries are scoped, joins are not used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
