//! Data-subject rights in the store: requests, limits of processing, what is gathered of a subject, and its erasure.

mod limits;
mod requests;
mod rules;

pub(crate) use rules::RulesCache;
