//! What an import would do.

use crate::{ImportedItem, LossReport};

/// The items that a file gives, and what became of everything in it. Nothing is written yet.
#[derive(Clone, Debug)]
pub struct ImportPlan {
    /// The items in the order of the file; each external id occurs once.
    pub items: Vec<ImportedItem>,
    /// What became of every record and column.
    pub report: LossReport,
}
