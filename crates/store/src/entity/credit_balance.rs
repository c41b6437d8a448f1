//! Table `credit_balance`: a tenant's accounts, as the sum of its ledger.

use sea_orm::entity::prelude::*;

/// A tenant's accounts, as the sum of its ledger.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "credit_balance")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    pub(crate) seq: i64,
    pub(crate) funding: i64,
    pub(crate) available: i64,
    pub(crate) held: i64,
    pub(crate) spent: i64,
    pub(crate) overdraft: i64,
    pub(crate) loss: i64,
    pub(crate) frozen: i32,
}

/// No relations: queries are scoped, joins are not used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
