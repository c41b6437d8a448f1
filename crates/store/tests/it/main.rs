//! The store's contract, run on both engines, and what each engine alone must keep.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends at the first surprise")]

mod administration;
mod audit_chain;
mod audit_retention;
mod audit_tampering;
mod backlog_reads;
mod backlog_writes;
mod bank;
mod bench;
mod credits;
mod data_map;
mod documents;
mod erasure;
mod forecasts;
mod judgements;
mod keys;
mod legacy_sessions;
mod many_writers;
mod moved_rows;
mod postgres_guards;
mod postgres_residue;
mod postgres_traps;
mod rights;
mod schema;
mod several_processes;
mod shared_fairness;
mod shared_limits;
mod spooled;
mod strategy;
mod tasks;
mod twin_erasure;
mod twins;
mod unit_of_work;
mod vocabulary;
