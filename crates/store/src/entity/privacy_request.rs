//! Table `privacy_request`: a request about somebody's data.

use sea_orm::entity::prelude::*;

/// A request about somebody's data.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "privacy_request")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) request_id: Uuid,
    pub(crate) kind: String,
    pub(crate) subject: Option<Uuid>,
    pub(crate) law: String,
    pub(crate) state: String,
    pub(crate) received: i64,
    pub(crate) filed_by: Option<Uuid>,
    pub(crate) details: Option<String>,
    pub(crate) identity: Option<String>,
    pub(crate) verified: Option<i64>,
    pub(crate) extended: Option<i64>,
    pub(crate) extension: Option<String>,
    pub(crate) closed: Option<i64>,
    pub(crate) closing: Option<String>,
}

/// No relations: queries are scoped, joins are not used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
