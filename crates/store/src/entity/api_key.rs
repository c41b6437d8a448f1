//! Table `api_key`: an API key; never the key itself.

use sea_orm::entity::prelude::*;

/// An API key; never the key itself.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "api_key")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) key_id: String,
    pub(crate) user_id: Uuid,
    pub(crate) name: String,
    pub(crate) digest: Vec<u8>,
    pub(crate) pepper: String,
    pub(crate) hash: String,
    pub(crate) scopes: String,
    pub(crate) workspaces: Option<String>,
    pub(crate) parent: Option<String>,
    pub(crate) created: i64,
    pub(crate) expires: i64,
    pub(crate) rotated_until: Option<i64>,
    pub(crate) revoked: Option<i64>,
    pub(crate) last_used: Option<i64>,
    pub(crate) networks: Option<String>,
    pub(crate) last_ip: Option<Vec<u8>>,
    pub(crate) last_network: Option<String>,
    pub(crate) last_agent: Option<String>,
    pub(crate) noticed: Option<i32>,
    pub(crate) suspended_until: Option<i64>,
    pub(crate) exposed: Option<i64>,
}

/// No relations: queries are scoped, joins are not used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
