//! Table `provider_key`: a tenant's own keys of providers of language models, sealed.

use sea_orm::entity::prelude::*;

/// A sealed key.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "provider_key")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) provider: String,
    pub(crate) sealed: Vec<u8>,
    pub(crate) since: i64,
}

/// No relations: queries are scoped, joins are not used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
