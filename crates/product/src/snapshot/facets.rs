//! Who has which property: for each value that a filter can ask for, the numbers of the items that have it. Values share
//! their sets between versions until a change touches them.

use std::sync::Arc;

use imbl::OrdMap;
use roaring::RoaringBitmap;

use crate::{ItemId, ItemType, ObjectiveId, Priority, SprintId, Status, TeamId, WorkItem};

/// A property that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Facet {
    Active,
    Type(ItemType),
    Status(Status),
    Priority(Priority),
    Team(TeamId),
    Sprint(SprintId),
    Objective(ObjectiveId),
    /// Directly below an item.
    Parent(ItemId),
    /// A label, its ASCII letters small.
    Label(Arc<str>),
    /// Who does it, in small letters.
    Assignee(Arc<str>),
}

/// Numbers of items by property.
#[derive(Clone, Debug, Default)]
pub(super) struct Facets(OrdMap<Facet, Arc<RoaringBitmap>>);

/// A label as it is compared.
pub(super) fn label(text: &str) -> Facet {
    Facet::Label(text.to_ascii_lowercase().into())
}

/// An assignee as it is compared.
pub(super) fn assignee(name: &str) -> Facet {
    Facet::Assignee(name.to_lowercase().into())
}

impl Facets {
    /// Notes an item's properties and forgets those that it has no more.
    pub(super) fn place(&mut self, old: Option<&WorkItem>, new: &WorkItem) {
        let after = of(new);
        let before = old.map(of).unwrap_or_default();
        for gone in before.iter().filter(|facet| !after.contains(facet)) {
            self.remove(gone, new.number);
        }
        for come in after.into_iter().filter(|facet| !before.contains(facet)) {
            Arc::make_mut(self.0.entry(come).or_default()).insert(new.number);
        }
    }

    fn remove(&mut self, facet: &Facet, number: u32) {
        let Some(numbers) = self.0.get_mut(facet) else { return };
        let numbers = Arc::make_mut(numbers);
        numbers.remove(number);
        if numbers.is_empty() {
            self.0.remove(facet);
        }
    }

    /// Items that have a property.
    pub(super) fn get(&self, facet: &Facet) -> Option<&RoaringBitmap> {
        self.0.get(facet).map(|numbers| &**numbers)
    }

    /// Items that have one of several properties.
    pub(super) fn any(&self, facets: impl Iterator<Item = Facet>) -> RoaringBitmap {
        let mut all = RoaringBitmap::new();
        for facet in facets {
            if let Some(numbers) = self.get(&facet) {
                all |= numbers;
            }
        }
        all
    }
}

fn of(item: &WorkItem) -> Vec<Facet> {
    let mut facets =
        vec![Facet::Type(item.item_type), Facet::Status(item.status), Facet::Priority(item.priority)];
    if item.is_active() {
        facets.push(Facet::Active);
    }
    facets.extend(item.team.map(Facet::Team));
    facets.extend(item.sprint.map(Facet::Sprint));
    facets.extend(item.parent.map(Facet::Parent));
    facets.extend(item.objectives.iter().map(|link| Facet::Objective(link.objective)));
    facets.extend(item.labels.iter().map(|text| label(text)));
    facets.extend(item.assignee.as_deref().map(assignee));
    facets.sort_unstable();
    facets.dedup();
    facets
}
