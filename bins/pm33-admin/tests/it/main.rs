//! The real admin binary, as an operator and their scripts use it.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod backups;
mod beside_a_server;
mod care;
mod command;
mod importing;
mod life;
mod lists;
mod memberships;
mod no_secret;
mod postgres;
mod refusals;
mod serving;
mod tenant_settings;
mod vocabulary;
