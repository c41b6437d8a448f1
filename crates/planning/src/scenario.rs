//! Scenarios: typed what-if changes on a planned portfolio, compared with today's plan on common random numbers. Every
//! change gives its own reverse, so taking a list back gives the base exactly.

mod apply;
mod change;
mod compare;
mod workspace;

pub use apply::{ScenarioError, apply};
pub use change::{Base, Change, Valued};
pub use compare::{Comparison, Difference, EpicDifference, compare};
pub use workspace::{ValueUnit, base, fingerprint};
