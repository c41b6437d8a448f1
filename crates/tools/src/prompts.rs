//! Prompts of the product.

mod backlog_triage;
mod conversations;

pub(crate) use backlog_triage::BacklogTriage;
pub(crate) use conversations::{
    COMPETITOR_BRIEF, FORECAST_EXPLAINED, PRD_INTERVIEW, QUARTER_PLANNING, WEEKLY_REVIEW,
};
