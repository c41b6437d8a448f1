//! Prompts of the product.

mod backlog_triage;
mod conversations;

pub(crate) use backlog_triage::BacklogTriage;
pub(crate) use conversations::{COMPETITOR_BRIEF, FORECAST_EXPLAINED, QUARTER_PLANNING, WEEKLY_REVIEW};
