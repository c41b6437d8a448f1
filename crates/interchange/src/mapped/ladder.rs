//! Parents told by depth: a record belongs to the last one above it that is less deep.

use crate::item::Draft;

/// The ids of the last record of each depth.
#[derive(Debug, Default)]
pub(crate) struct Ladder {
    rungs: Vec<String>,
}

impl Ladder {
    /// Puts a record at its depth; without a parent of its own it gets the one above.
    pub(super) fn place(&mut self, depth: usize, id: &str, draft: &mut Draft) {
        self.rungs.truncate(depth);
        let above = self.rungs.iter().rev().find(|rung| !rung.is_empty());
        if draft.parent.is_none() {
            draft.parent = above.cloned();
        }
        self.rungs.resize(depth, String::new());
        self.rungs.push(id.to_owned());
    }
}
