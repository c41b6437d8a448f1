//! Behaviour of imports as their callers see it.
#![expect(clippy::disallowed_methods, reason = "tests are told by the environment where real data lies")]

mod any_bytes_balance;
mod any_export;
mod any_table_balances;
mod archive_schema;
mod bad_tables;
mod every_layout_is_read;
#[path = "../exports/mod.rs"]
mod exports;
mod identities_are_told_apart;
mod jira_json;
mod nothing_is_lost_silently;
mod odd_records_cost_no_other;
mod plan;
mod real_backlog;
mod tables_are_read;
mod times_are_never_invented;
