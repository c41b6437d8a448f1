//! How items serve objectives: bind (links; proposals are proposals), judge (a model, one item and one objective at a time,
//! with checked quotes), score, abstain.

mod binding;
mod instructions;
mod judge;
mod judged;
mod portfolio_view;
mod views;

pub(super) use binding::{Binding, bind, proposer, statement};
pub(super) use judge::{Case, Judge, plan};
pub(super) use judged::{Judgement, find as judged_before, keep as keep_judgement};
pub(super) use portfolio_view::{PortfolioView, portfolio_of};
pub(super) use views::{Basis, BindingView, Bucket, ItemAlignment, ProposalView};
