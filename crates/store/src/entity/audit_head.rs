//! Table `audit_head`: where a tenant's audit chain ends, signed.

use sea_orm::entity::prelude::*;

/// Where a tenant's audit chain ends, signed.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_head")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    pub(crate) seq: i64,
    pub(crate) hash: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

/// No relations: queries are scoped, joins are not used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
