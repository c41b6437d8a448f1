//! One page of a filtered, ordered list. Every filter is answered by sets of numbers, so a page costs the matching items
//! at most, never the backlog.

use std::{collections::BinaryHeap, sync::Arc};

use roaring::RoaringBitmap;

use super::{
    Snapshot,
    facets::{self, Facet},
    orders,
};
use crate::{BacklogFilter, ItemId, Mode, Position, Sort, SortKey, WorkItem, sort_key};

/// One page of a query.
#[derive(Clone, Debug)]
pub struct Page {
    /// The items.
    pub items: Vec<Arc<WorkItem>>,
    /// How many items match in all.
    pub total: usize,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<Position>,
}

/// Places of an order that are looked at for each wanted item before the matches are sorted instead.
const PATIENCE: usize = 64;

impl Snapshot {
    /// The page of matching items after a position.
    pub fn page(&self, filter: &BacklogFilter, sort: Sort, after: Option<Position>, limit: usize) -> Page {
        let place = after.map(|position| position.after);
        let (total, mut keys) = match self.matching(filter) {
            None => {
                let keys = self.orders.after(sort, filter.mode, place).take(limit + 1).collect();
                (self.orders.len(filter.mode), keys)
            }
            Some(numbers) => {
                let total = usize::try_from(numbers.len()).unwrap_or(usize::MAX);
                let keys = self
                    .walk(&numbers, filter, sort, place, limit + 1)
                    .unwrap_or_else(|| self.select(&numbers, sort, place, limit + 1));
                (total, keys)
            }
        };
        let has_more = keys.len() > limit;
        keys.truncate(limit);
        let next = keys.last().filter(|_| has_more).map(|last| Position { sort, after: *last });
        let items = keys.into_iter().filter_map(|key| self.by_number(orders::number(sort, key)));
        Page { items: items.cloned().collect(), total, next }
    }

    /// The numbers that a filter selects; `None` when it selects all that its mode shows.
    fn matching(&self, filter: &BacklogFilter) -> Option<RoaringBitmap> {
        if filter.is_plain() {
            return None;
        }
        if !filter.ids.is_empty() {
            return Some(filter.ids.iter().filter_map(|id| Some(self.get(*id)?.number)).collect());
        }
        let mut all: Option<RoaringBitmap> = None;
        let mut only = |numbers: RoaringBitmap| match &mut all {
            None => all = Some(numbers),
            Some(all) => *all &= numbers,
        };
        let mut any = |facets: Vec<Facet>| {
            if !facets.is_empty() {
                only(self.facets.any(facets.into_iter()));
            }
        };
        any(filter.types.iter().copied().map(Facet::Type).collect());
        any(filter.statuses.iter().copied().map(Facet::Status).collect());
        any(filter.priorities.iter().copied().map(Facet::Priority).collect());
        any(filter.teams.iter().copied().map(Facet::Team).collect());
        any(filter.sprints.iter().copied().map(Facet::Sprint).collect());
        any(filter.objectives.iter().copied().map(Facet::Objective).collect());
        any(filter.labels.iter().map(|text| facets::label(text)).collect());
        any(filter.assignees.iter().map(|name| facets::assignee(name)).collect());
        if !filter.under.is_empty() {
            only(self.below(&filter.under));
        }
        if let Some(since) = filter.updated_since {
            let keys = self.orders.after(Sort::Updated, filter.mode, None);
            only(
                keys.take_while(|key| key.0 <= -since.micros())
                    .map(|key| orders::number(Sort::Updated, key))
                    .collect(),
            );
        }
        let mut all = all.unwrap_or_default();
        if filter.mode == Mode::Active {
            match self.facets.get(&Facet::Active) {
                Some(active) => all &= active,
                None => all.clear(),
            }
        }
        Some(all)
    }

    /// Everything below some items, at any depth.
    fn below(&self, ancestors: &[ItemId]) -> RoaringBitmap {
        let mut found = RoaringBitmap::new();
        let mut open: Vec<ItemId> = ancestors.to_vec();
        while let Some(parent) = open.pop() {
            let Some(children) = self.facets.get(&Facet::Parent(parent)) else { continue };
            // What was found already is not entered again: parents make no circle, but data may be broken elsewhere.
            let new = children - &found;
            open.extend(new.iter().filter_map(|number| Some(self.by_number(number)?.id)));
            found |= new;
        }
        found
    }

    /// Walks the order and keeps what matches; gives up when matches are too thin for that.
    fn walk(
        &self,
        numbers: &RoaringBitmap,
        filter: &BacklogFilter,
        sort: Sort,
        place: Option<SortKey>,
        wanted: usize,
    ) -> Option<Vec<SortKey>> {
        let mode = if filter.ids.is_empty() { filter.mode } else { Mode::Full };
        let matches = usize::try_from(numbers.len()).unwrap_or(usize::MAX);
        let shown = self.orders.len(mode);
        if matches < wanted || shown / matches > PATIENCE {
            return None;
        }
        let mut keys = Vec::with_capacity(wanted);
        for (step, key) in self.orders.after(sort, mode, place).enumerate() {
            if step > wanted * PATIENCE {
                return None;
            }
            if numbers.contains(orders::number(sort, key)) {
                keys.push(key);
                if keys.len() == wanted {
                    break;
                }
            }
        }
        Some(keys)
    }

    /// The first of the matches by their own keys.
    fn select(
        &self,
        numbers: &RoaringBitmap,
        sort: Sort,
        place: Option<SortKey>,
        wanted: usize,
    ) -> Vec<SortKey> {
        let keys = numbers
            .iter()
            .filter_map(|number| self.by_number(number))
            .map(|item| sort_key(item, sort))
            .filter(|key| place.is_none_or(|place| *key > place));
        let mut first = BinaryHeap::with_capacity(wanted + 1);
        for key in keys {
            if first.len() < wanted {
                first.push(key);
            } else if first.peek().is_some_and(|last| key < *last) {
                first.pop();
                first.push(key);
            }
        }
        first.into_sorted_vec()
    }
}
