//! The real server binary, as its clients and its enemies meet it.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]
#![expect(clippy::disallowed_methods, reason = "a test of times reads the clock")]

mod audit_of_reads;
mod bad_arguments;
mod bad_planning;
mod bounds;
mod collector;
mod complaints;
mod crash;
mod crash_credits;
mod demo;
mod desk;
mod documents;
mod drain;
mod egress;
mod forecasts;
mod foreign;
mod home;
mod hostile;
mod isolation;
mod key_end;
mod keys;
mod long_planning;
mod looks;
mod no_secret;
mod privacy_request;
mod promises;
mod registry;
mod running;
mod rust_client;
mod scenarios;
mod scopes;
mod served;
mod surface;
mod telemetry;
mod tool_rules;
mod two_servers;
mod usage;
mod views;
mod vocabulary;
mod writing;
