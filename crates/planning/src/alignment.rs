//! Alignment: which objectives an item may serve (proposals, found by their words), what judged bindings add up to, and
//! where the effort of a backlog goes. No model here: judgements come in as values.

mod portfolio;
mod propose;
mod score;
mod stem;

pub use portfolio::{EffortShare, Portfolio, portfolio};
pub use propose::{Aim, Proposal, Proposer, Text};
pub use score::{Bound, Contribution, score};
