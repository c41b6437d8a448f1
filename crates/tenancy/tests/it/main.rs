//! Tenancy as its callers see it: the way to a workspace, and what the audit chain notices.
#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod any_line;
mod audit_chain;
mod audit_export;
mod audit_rows;
mod workspaces;
