//! Rows that lists have shown, kept for the next list: most are asked for again before they change. They go with what they
//! show: a changed item takes its row along, and a changed name of a team or sprint all of them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Snapshot;
use crate::WorkItem;

/// Rows of one workspace at most, about a mebibyte: each number has one place, which it shares with others.
const PLACES: usize = 1_024;

/// An item as lists show it.
#[derive(Debug)]
pub struct Row {
    /// As JSON.
    pub json: String,
    /// The same as the inside of a JSON string.
    pub escaped: String,
}

/// What is kept for a workspace, through all versions of its snapshot.
#[derive(Debug, Default)]
pub(super) struct Shown(Mutex<Places>);

#[derive(Debug, Default)]
struct Places {
    /// The version that rows are kept of: what is shown of an older one goes unkept, or it would outlive its item.
    newest: i64,
    rows: Vec<Option<Kept>>,
    bytes: usize,
}

#[derive(Debug)]
struct Kept {
    item: Arc<WorkItem>,
    row: Arc<Row>,
}

impl Kept {
    fn bytes(&self) -> usize {
        self.row.json.len() + self.row.escaped.len() + size_of::<Row>()
    }
}

impl Places {
    fn at(item: &WorkItem) -> usize {
        item.number as usize % PLACES
    }

    fn find(&self, item: &Arc<WorkItem>) -> Option<&Arc<Row>> {
        let kept = self.rows.get(Self::at(item))?.as_ref()?;
        Arc::ptr_eq(&kept.item, item).then_some(&kept.row)
    }

    fn take(&mut self, item: &WorkItem) {
        let old = self.rows.get_mut(Self::at(item)).and_then(Option::take);
        self.bytes -= old.map_or(0, |old| old.bytes());
    }

    fn put(&mut self, kept: Kept) {
        self.take(&kept.item);
        let at = Self::at(&kept.item);
        // No longer than it must be: there may be many small workspaces.
        if self.rows.len() <= at {
            self.rows.resize_with(at + 1, || None);
        }
        self.bytes += kept.bytes();
        self.rows[at] = Some(kept);
    }
}

impl Shown {
    fn places(&self) -> MutexGuard<'_, Places> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Goes on to a version in which these items are others.
    pub(super) fn moved(&self, version: i64, items: &[Arc<WorkItem>]) {
        let mut places = self.places();
        places.newest = places.newest.max(version);
        if places.rows.is_empty() {
            return;
        }
        for item in items {
            places.take(item);
        }
    }

    /// Bytes of the rows.
    pub(super) fn bytes(&self) -> usize {
        let places = self.places();
        places.bytes + places.rows.len() * size_of::<Option<Kept>>()
    }

    fn find(&self, items: &[Arc<WorkItem>]) -> Vec<Option<Arc<Row>>> {
        let places = self.places();
        items.iter().map(|item| places.find(item).map(Arc::clone)).collect()
    }

    fn keep(&self, version: i64, made: Vec<Kept>) {
        let mut places = self.places();
        if version >= places.newest {
            for kept in made {
                places.put(kept);
            }
        }
    }
}

impl Snapshot {
    /// The rows of a list's items, in their order; those that are not at hand are made and kept.
    ///
    /// # Errors
    /// What making one says.
    pub fn rows<E>(
        &self,
        items: &[Arc<WorkItem>],
        make: impl Fn(&Arc<WorkItem>) -> Result<Row, E>,
    ) -> Result<Vec<Arc<Row>>, E> {
        let mut made = Vec::new();
        let found = self.shown.find(items).into_iter().zip(items);
        let rows = found.map(|(row, item)| {
            if let Some(row) = row {
                return Ok(row);
            }
            let row = Arc::new(make(item)?);
            // A parent that is not here yet would be missing from the row for as long as it is kept.
            if item.parent.is_none_or(|parent| self.numbers.contains_key(&parent)) {
                made.push(Kept { item: Arc::clone(item), row: Arc::clone(&row) });
            }
            Ok(row)
        });
        let rows = rows.collect::<Result<_, E>>()?;
        if !made.is_empty() {
            self.shown.keep(self.version, made);
        }
        Ok(rows)
    }
}
