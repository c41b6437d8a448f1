//! Behaviours of planning that need more than one module, or real data.
#![expect(clippy::unwrap_used, reason = "a test ends at what it cannot go on without")]

mod forecast_waits;
mod place;
mod portfolio;
mod priorities;
mod scenario;
mod scenario_example;
mod schedule;
mod stories;
mod waits;
mod workspace;
