//! Table `idempotency`: a finished call by its idempotency key.

use sea_orm::entity::prelude::*;

/// A finished call by its idempotency key.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) principal: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tool: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) idem_key: String,
    pub(crate) arguments: Vec<u8>,
    pub(crate) answer: String,
    pub(crate) at: i64,
    pub(crate) expires: i64,
}

/// No relations: queries are scoped, joins are not used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
