//! Table `credit_hold`: what a call may cost, set aside.

use sea_orm::entity::prelude::*;

/// What a call may cost, set aside.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "credit_hold")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) hold_id: Uuid,
    pub(crate) key_id: Option<String>,
    pub(crate) tool: String,
    pub(crate) amount: i64,
    pub(crate) at: i64,
    pub(crate) expires: i64,
    pub(crate) backing: String,
    pub(crate) state: String,
}

/// No relations: queries are scoped, joins are not used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
