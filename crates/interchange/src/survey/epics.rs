//! Epics that records name and no record describes.

use std::collections::HashMap;

use pm33_product::{Status, StatusCategory};

use crate::item::NamedEpic;

/// An epic with what its items say of it.
#[derive(Clone, Debug)]
pub(crate) struct NewEpic {
    pub(crate) id: String,
    pub(crate) name: String,
    first: usize,
    items: usize,
    begun: usize,
    finished: usize,
}

impl NewEpic {
    /// Done when all its items are finished, in progress when one has begun, else backlog.
    pub(crate) fn status(&self) -> Status {
        if self.finished == self.items {
            Status::Done
        } else if self.begun + self.finished > 0 {
            Status::InProgress
        } else {
            Status::Backlog
        }
    }
}

/// Epics by id.
#[derive(Debug, Default)]
pub(super) struct Epics {
    all: HashMap<String, NewEpic>,
}

impl Epics {
    pub(super) fn enter(&mut self, epic: &NamedEpic, record: usize, status: Status) {
        if !self.all.contains_key(&epic.id) {
            let (id, name) = (epic.id.clone(), epic.name.clone());
            let new = NewEpic { id: id.clone(), name, first: record, items: 0, begun: 0, finished: 0 };
            self.all.insert(id, new);
        }
        if let Some(known) = self.all.get_mut(&epic.id) {
            known.items += 1;
            known.begun += usize::from(status.category() == StatusCategory::Doing);
            known.finished += usize::from(status.category() == StatusCategory::Finished);
        }
    }

    pub(super) fn first_named_by(&self, id: &str, record: usize) -> Option<&NewEpic> {
        self.all.get(id).filter(|epic| epic.first == record)
    }
}
