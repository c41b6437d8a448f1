//! Table `credit_entry`: an entry of the ledger.

use sea_orm::entity::prelude::*;

/// An entry of the ledger.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "credit_entry")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) seq: i64,
    pub(crate) at: i64,
    pub(crate) kind: String,
    pub(crate) hold_id: Option<Uuid>,
    pub(crate) resolves: Option<Uuid>,
    pub(crate) funding: i64,
    pub(crate) available: i64,
    pub(crate) held: i64,
    pub(crate) spent: i64,
    pub(crate) overdraft: i64,
    pub(crate) loss: i64,
    pub(crate) actor: Option<Uuid>,
    pub(crate) note: String,
}

/// No relations: queries are scoped, joins are not used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
