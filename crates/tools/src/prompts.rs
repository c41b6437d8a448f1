//! Prompts of the product.

mod backlog_triage;

pub(crate) use backlog_triage::BacklogTriage;
