//! Judgements that were made: the same texts are judged once by the same model.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use pm33_planning::alignment::Contribution;

/// Judgements remembered at most.
const MOST: usize = 10_000;

/// A judgement whose quotes were found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Judgement {
    pub(crate) contribution: Contribution,
    pub(crate) confidence: f64,
    pub(crate) item_quote: String,
    pub(crate) objective_quote: String,
    pub(crate) reason: String,
    /// What each vote said.
    pub(crate) votes: Vec<Contribution>,
}

/// Judgements by the digest of everything that went into them.
#[derive(Debug, Default)]
pub(crate) struct Judgements(Mutex<HashMap<[u8; 32], Judgement>>);

impl Judgements {
    pub(crate) fn find(&self, digest: &[u8; 32]) -> Option<Judgement> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(digest).cloned()
    }

    pub(crate) fn keep(&self, digest: [u8; 32], judgement: Judgement) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(digest, judgement);
    }
}
