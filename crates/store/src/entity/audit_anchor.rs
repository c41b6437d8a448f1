//! Table `audit_anchor`: which rows were removed from the beginning of an audit log, signed.

use sea_orm::entity::prelude::*;

/// Which rows were removed from the beginning of an audit log, signed.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_anchor")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    pub(crate) from_seq: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) to_seq: i64,
    pub(crate) removed: i64,
    pub(crate) hash: Vec<u8>,
    pub(crate) policy: String,
    pub(crate) actor: String,
    pub(crate) at: i64,
    pub(crate) signature: Vec<u8>,
}

/// No relations: queries are scoped, joins are not used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
