//! The orders that lists are offered in: sorted sets of sort keys, open and other items apart, shared between versions.

use std::ops::Bound;

use imbl::OrdSet;

use crate::{Mode, Sort, SortKey, WorkItem, sort_key};

/// Orders that need a set of their own; by key the numbers themselves are the order.
const KEPT: [Sort; 4] = [Sort::Priority, Sort::Updated, Sort::Created, Sort::Due];

/// One order, in two parts that are walked together when both are wanted.
#[derive(Clone, Debug, Default)]
struct Order {
    active: OrdSet<SortKey>,
    other: OrdSet<SortKey>,
}

/// Every order of a workspace's items.
#[derive(Clone, Debug, Default)]
pub(super) struct Orders([Order; 5]);

/// The item number that a sort key ends with.
pub(super) fn number(sort: Sort, key: SortKey) -> u32 {
    let number = if sort == Sort::Key { key.0 } else { -key.1 };
    u32::try_from(number).unwrap_or(0)
}

impl Orders {
    /// Puts an item where it belongs and takes it from where it was.
    pub(super) fn place(&mut self, old: Option<&WorkItem>, new: &WorkItem) {
        for (order, sort) in self.0.iter_mut().zip(KEPT.into_iter().chain([Sort::Key])) {
            let key = sort_key(new, sort);
            if let Some(old) = old {
                let was = sort_key(old, sort);
                if was == key && old.is_active() == new.is_active() {
                    continue;
                }
                order.part(old).remove(&was);
            }
            order.part(new).insert(key);
        }
    }

    /// How many items a mode shows.
    pub(super) fn len(&self, mode: Mode) -> usize {
        let order = &self.0[0];
        order.active.len() + if mode == Mode::Full { order.other.len() } else { 0 }
    }

    /// The sort keys of a mode after a place, ascending.
    pub(super) fn after(
        &self,
        sort: Sort,
        mode: Mode,
        place: Option<SortKey>,
    ) -> impl Iterator<Item = SortKey> {
        let order = &self.0[KEPT.iter().position(|kept| *kept == sort).unwrap_or(KEPT.len())];
        let mut active = from(&order.active, place).peekable();
        let mut other = (mode == Mode::Full).then(|| from(&order.other, place).peekable());
        std::iter::from_fn(move || {
            let Some(other) = &mut other else { return active.next() };
            match (active.peek(), other.peek()) {
                (Some(one), Some(two)) if two < one => other.next(),
                (None, Some(_)) => other.next(),
                _ => active.next(),
            }
        })
    }
}

fn from(keys: &OrdSet<SortKey>, place: Option<SortKey>) -> impl Iterator<Item = SortKey> {
    let start = place.map_or(Bound::Unbounded, Bound::Excluded);
    keys.range((start, Bound::Unbounded)).copied()
}

impl Order {
    fn part(&mut self, item: &WorkItem) -> &mut OrdSet<SortKey> {
        if item.is_active() { &mut self.active } else { &mut self.other }
    }
}
