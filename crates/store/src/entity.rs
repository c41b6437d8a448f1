//! Rows as sea-orm entities; they never leave this crate.

pub(crate) mod api_key;
pub(crate) mod app_user;
pub(crate) mod audit_head;
pub(crate) mod audit_personal;
pub(crate) mod audit_row;
pub(crate) mod competitor;
pub(crate) mod epoch;
pub(crate) mod idempotency;
pub(crate) mod item_text;
pub(crate) mod key_route;
pub(crate) mod membership;
pub(crate) mod mission;
pub(crate) mod objective;
pub(crate) mod session;
pub(crate) mod sprint;
pub(crate) mod state_change;
pub(crate) mod team;
pub(crate) mod tenant;
pub(crate) mod tenant_setting;
pub(crate) mod work_item;
pub(crate) mod workspace;
