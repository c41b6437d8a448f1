//! Table `competitor`: a competitor with capabilities and signals.

use sea_orm::entity::prelude::*;

/// A competitor with capabilities and signals.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "competitor")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) competitor_id: Uuid,
    pub(crate) name: String,
    pub(crate) tier: i32,
    pub(crate) summary: String,
    pub(crate) capabilities: String,
    pub(crate) signals: String,
}

/// No relations: queries are scoped, joins are not used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
