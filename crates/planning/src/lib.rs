//! Pure calculation on the product model: working calendars, flow metrics, forecasts, priorities, schedules. Everything
//! is a function of its arguments: the time "as of" and every seed come from outside, so the same question gives the same
//! answer. No clock, no I/O, no async.

pub mod alignment;
pub mod calendar;
mod error;
pub mod flow;
pub mod forecast;
mod normal;
pub mod priorities;
pub mod scenario;
pub mod schedule;
mod seed;
pub mod threats;
pub mod workspace;

pub use error::PlanningError;
pub use seed::Seed;
