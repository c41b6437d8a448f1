//! Toolset: what a tenant sees of its own use.

mod privacy_request;
mod query_audit_log;
mod usage;

use crate::ToolEntry;

/// The toolset's tools.
pub(crate) fn tools() -> Result<Vec<ToolEntry>, String> {
    Ok(vec![
        ToolEntry::of::<query_audit_log::QueryAuditLog>()?,
        ToolEntry::of::<usage::Usage>()?,
        ToolEntry::of::<privacy_request::FilePrivacyRequest>()?,
    ])
}
