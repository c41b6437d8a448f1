//! Behaviour of imports as their callers see it.
#![expect(clippy::disallowed_methods, reason = "tests are told by the environment where real data lies")]

mod any_bytes_balance;
mod identities_are_told_apart;
mod nothing_is_lost_silently;
mod odd_records_cost_no_other;
mod plan;
mod real_backlog;
mod times_are_never_invented;
