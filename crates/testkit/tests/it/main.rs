//! Whole servers on a real store, without sockets and with a clock that the tests move; several of them are several
//! processes on one database.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends at the first surprise")]

mod aimock;
mod alignment;
mod arguments;
mod asking;
mod attacks;
mod audit;
mod boundary;
mod cost_table;
mod counting_peer;
mod fallback;
mod house;
mod idempotency;
mod injection;
mod isolation;
mod keys;
mod limits;
mod litellm;
mod model_peer;
mod narrowed;
mod pins;
mod provider_keys;
mod provider_surfaces;
mod queues;
mod roles;
mod rows;
mod sessions;
mod tasks;
mod timing;
mod weekdays;
mod written_prds;
