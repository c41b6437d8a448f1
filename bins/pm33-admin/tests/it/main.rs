//! The real admin binary, as an operator and their scripts use it.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod audit;
mod backups;
mod bad_files;
mod beside_a_server;
mod care;
mod command;
mod credits;
mod disclosures;
mod documents;
mod erasure;
#[path = "../../../../crates/interchange/tests/exports/mod.rs"]
mod exports;
mod importing;
mod large_import;
mod life;
mod lists;
mod memberships;
mod moved;
mod no_secret;
mod piped;
mod postgres;
mod privacy;
mod privacy_requests;
mod privacy_verify;
mod provider_keys;
mod refusals;
mod serving;
mod tenant_settings;
mod three_at_once;
mod vocabulary;
