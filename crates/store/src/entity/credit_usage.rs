//! Table `credit_usage`: what one call of a provider used and cost.

use sea_orm::entity::prelude::*;

/// What one call of a provider used and cost.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "credit_usage")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) hold_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) call_number: i32,
    pub(crate) provider: String,
    #[expect(clippy::struct_field_names, reason = "the table's column")]
    pub(crate) model: String,
    pub(crate) price: String,
    pub(crate) tokens: String,
    pub(crate) source: String,
    pub(crate) amount: i64,
    pub(crate) raw: String,
}

/// No relations: queries are scoped, joins are not used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
