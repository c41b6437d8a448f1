//! Table `workspace`: a workspace with its data version, the last item number and its vocabulary.

use sea_orm::entity::prelude::*;

/// A workspace with its data version, the last item number and its vocabulary (JSON).
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "workspace")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) workspace_id: Uuid,
    pub(crate) slug: String,
    pub(crate) prefix: String,
    pub(crate) name: String,
    pub(crate) created: i64,
    pub(crate) version: i64,
    pub(crate) last_number: i32,
    pub(crate) vocabulary: String,
}

/// No relations: queries are scoped, joins are not used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
