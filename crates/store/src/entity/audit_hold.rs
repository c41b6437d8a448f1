//! Table `audit_hold`: what keeps rows of an audit log beyond their time.

use sea_orm::entity::prelude::*;

/// What keeps rows of an audit log beyond their time.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_hold")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) hold_id: Uuid,
    pub(crate) subject: String,
    pub(crate) subject_id: Option<Uuid>,
    pub(crate) reason: String,
    pub(crate) placed: i64,
    pub(crate) released: Option<i64>,
}

/// No relations: queries are scoped, joins are not used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
