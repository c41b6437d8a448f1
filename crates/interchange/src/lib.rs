//! Foreign file formats: tracker exports are read into work items, and a report says what became of every column and
//! record. Nothing here touches a store or the clock.

mod decode;
mod error;
mod fingerprint;
mod format;
mod github;
mod options;
mod plan;
mod records;
mod report;
mod row;

pub use error::InterchangeError;
pub use format::{Format, detect};
pub use github::github;
pub use options::{ImportLimits, ImportOptions};
pub use plan::ImportPlan;
pub use report::{ColumnReport, LossReport, Outcome, Problem, Totals};
