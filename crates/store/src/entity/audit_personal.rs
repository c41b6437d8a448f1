//! Table `audit_personal`: the personal part of an audit record.

use sea_orm::entity::prelude::*;

/// The personal part of an audit record.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_personal")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) seq: i64,
    pub(crate) salt: Vec<u8>,
    pub(crate) user_id: Option<Uuid>,
    pub(crate) ip: Option<Vec<u8>>,
    pub(crate) ip_prefix: Option<String>,
    pub(crate) agent: Option<String>,
}

/// No relations: queries are scoped, joins are not used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
