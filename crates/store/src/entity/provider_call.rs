//! Table `provider_call`: what was sent to a provider.

use sea_orm::entity::prelude::*;

/// What was sent to a provider.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "provider_call")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) hold_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) call_number: i32,
    pub(crate) at: i64,
    pub(crate) provider: String,
    #[expect(clippy::struct_field_names, reason = "the table's column")]
    pub(crate) model: String,
    pub(crate) categories: String,
    pub(crate) bytes: i64,
    pub(crate) redactions: i32,
}

/// No relations: queries are scoped, joins are not used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
