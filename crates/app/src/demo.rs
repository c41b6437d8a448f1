//! The sample workspace: teams, epics, two years of finished items, objectives and competitors, written for this
//! project and the same on every machine but for its dates, which end today.

mod documents;
mod sample;
mod seed;
mod sprints;

pub(crate) use seed::names;
pub use seed::{SampleOutcome, seed_sample};
