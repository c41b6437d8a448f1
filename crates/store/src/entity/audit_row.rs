//! Table `audit_row`: the hashed part of an audit record.

use sea_orm::entity::prelude::*;

/// The hashed part of an audit record.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_row")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) seq: i64,
    pub(crate) prev_hash: Vec<u8>,
    pub(crate) hash: Vec<u8>,
    pub(crate) schema_version: i32,
    pub(crate) at: i64,
    pub(crate) correlation: Uuid,
    pub(crate) traceparent: Option<String>,
    pub(crate) actor_kind: String,
    pub(crate) actor: Option<Vec<u8>>,
    pub(crate) key_id: Option<String>,
    pub(crate) scopes: String,
    pub(crate) method: String,
    pub(crate) target: Option<String>,
    pub(crate) arguments: Option<Vec<u8>>,
    pub(crate) workspace_id: Option<Uuid>,
    pub(crate) outcome: String,
    pub(crate) code: String,
    pub(crate) latency_micros: i64,
    pub(crate) tokens: Option<i64>,
    pub(crate) micro_credits: Option<i64>,
    pub(crate) hold: Option<Uuid>,
    pub(crate) provider: Option<String>,
    #[expect(clippy::struct_field_names, reason = "the table's column")]
    pub(crate) model: Option<String>,
    pub(crate) removed_characters: i32,
    pub(crate) limit_verdict: String,
    pub(crate) personal: Vec<u8>,
}

/// No relations: queries are scoped, joins are not used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
