//! The workspace snapshot: an immutable, indexed picture of a backlog that reads are served from. A change makes a new
//! snapshot that shares all unchanged structure with the old one, so that it costs the changed items and not the backlog.

mod facets;
mod orders;
mod page;
mod selects;
mod shown;
mod similar;

use std::sync::Arc;

use imbl::{OrdMap, Vector};
use pm33_tenancy::WorkspaceRef;

use self::{facets::Facets, orders::Orders, shown::Shown, similar::TitleWords};
pub use self::{page::Page, shown::Row, similar::Similar};
use crate::{
    External, ItemId, ItemKey, Objective, ObjectiveId, Sort, SortKey, Sprint, SprintId, Team, TeamId,
    Vocabulary, WorkItem,
};

/// What a snapshot is built from, or moved by: whole lists replace what was there, items are added or replaced.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Items that are new or different.
    pub items: Vec<Arc<WorkItem>>,
    /// All teams, when one changed.
    pub teams: Option<Vec<Team>>,
    /// All sprints, when one changed.
    pub sprints: Option<Vec<Sprint>>,
    /// All objectives, when one changed.
    pub objectives: Option<Vec<Objective>>,
    /// The vocabulary, when it changed.
    pub vocabulary: Option<Vocabulary>,
}

/// An immutable picture of a workspace.
#[derive(Clone, Debug)]
pub struct Snapshot {
    at: WorkspaceRef,
    prefix: Arc<str>,
    version: i64,
    /// By number, from 1; a number whose item was erased has none.
    items: Vector<Option<Arc<WorkItem>>>,
    count: usize,
    bytes: usize,
    numbers: OrdMap<ItemId, u32>,
    externals: OrdMap<Arc<External>, u32>,
    orders: Orders,
    facets: Facets,
    words: TitleWords,
    shown: Arc<Shown>,
    teams: Arc<[Team]>,
    sprints: Arc<[Sprint]>,
    /// Where each sprint is in the list, by id: a workspace has hundreds, and a page asks for one per item.
    sprint_places: Arc<[(SprintId, usize)]>,
    objectives: Arc<[Objective]>,
    vocabulary: Arc<Vocabulary>,
}

/// Bytes that the indexes take for each item, measured over backlogs of 100,000 and 1,000,000 items.
const INDEX_BYTES: usize = 220;

impl Snapshot {
    /// The picture of a workspace without anything in it; [`Snapshot::with`] fills it.
    pub fn empty(at: WorkspaceRef, prefix: &str) -> Self {
        Self {
            at,
            prefix: prefix.into(),
            version: 0,
            items: Vector::new(),
            count: 0,
            bytes: 0,
            numbers: OrdMap::new(),
            externals: OrdMap::new(),
            orders: Orders::default(),
            facets: Facets::default(),
            words: TitleWords::default(),
            shown: Arc::default(),
            teams: Arc::default(),
            sprints: Arc::default(),
            sprint_places: Arc::default(),
            objectives: Arc::default(),
            vocabulary: Arc::default(),
        }
    }

    /// This snapshot moved by changes; unchanged structure is shared.
    #[must_use]
    pub fn with(&self, version: i64, changes: &Changes) -> Self {
        let mut next = self.clone();
        next.version = version;
        for item in &changes.items {
            next.put(item);
        }
        // A picture of what might be has rows of its own; so has one in which names have changed.
        let is_newer = version > self.version;
        if is_newer && changes.teams.is_none() && changes.sprints.is_none() {
            next.shown.moved(version, &changes.items);
        } else {
            next.shown = Arc::default();
        }
        if let Some(teams) = &changes.teams {
            next.teams = teams.as_slice().into();
        }
        if let Some(sprints) = &changes.sprints {
            next.sprints = sprints.as_slice().into();
            let mut places: Vec<_> = sprints.iter().map(|sprint| sprint.id).zip(0..).collect();
            places.sort_unstable_by_key(|(id, _)| *id);
            next.sprint_places = places.into();
        }
        if let Some(objectives) = &changes.objectives {
            next.objectives = objectives.as_slice().into();
        }
        if let Some(vocabulary) = &changes.vocabulary {
            next.vocabulary = Arc::new(vocabulary.clone());
        }
        next
    }

    fn put(&mut self, item: &Arc<WorkItem>) {
        let Some(place) = (item.number as usize).checked_sub(1) else { return };
        while self.items.len() <= place {
            self.items.push_back(None);
        }
        let old = self.items[place].replace(Arc::clone(item));
        let old = old.as_deref();
        self.count += usize::from(old.is_none());
        self.bytes += item.bytes() + INDEX_BYTES;
        self.bytes -= old.map_or(0, |old| old.bytes() + INDEX_BYTES);
        self.numbers.insert(item.id, item.number);
        if let Some(external) = old.and_then(|old| old.external.as_ref()) {
            self.externals.remove(external);
        }
        if let Some(external) = &item.external {
            self.externals.insert(Arc::clone(external), item.number);
        }
        self.orders.place(old, item);
        self.facets.place(old, item);
        self.words.place(old, item);
    }

    /// The workspace.
    pub fn at(&self) -> WorkspaceRef {
        self.at
    }

    /// The workspace's data version: rises with every write.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// The workspace's key prefix.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// How many items there are, archived ones too.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// An item by id.
    pub fn get(&self, id: ItemId) -> Option<&Arc<WorkItem>> {
        self.by_number(*self.numbers.get(&id)?)
    }

    /// An item by its number.
    pub fn by_number(&self, number: u32) -> Option<&Arc<WorkItem>> {
        self.items.get((number as usize).checked_sub(1)?)?.as_ref()
    }

    /// An item by its key; the prefix must be this workspace's.
    pub fn by_key(&self, key: &ItemKey) -> Option<&Arc<WorkItem>> {
        if key.prefix != *self.prefix {
            return None;
        }
        self.by_number(key.number)
    }

    /// An item by its external id.
    pub fn by_external(&self, external: &External) -> Option<&Arc<WorkItem>> {
        self.by_number(*self.externals.get(external)?)
    }

    /// Every item with this id in some tracker, by source. Costs a step per source, not per item.
    pub fn by_external_id(&self, id: &str) -> Vec<&Arc<WorkItem>> {
        let mut found = Vec::new();
        let mut from = External { source: String::new(), id: String::new() };
        while let Some((next, _)) = self.externals.range(Arc::new(from)..).next() {
            let source = next.source.clone();
            found.extend(self.by_external(&External { source: source.clone(), id: id.to_owned() }));
            // The least word after this source.
            from = External { source: source + "\0", id: String::new() };
        }
        found
    }

    /// The key of an item.
    pub fn key(&self, item: &WorkItem) -> ItemKey {
        ItemKey { prefix: self.prefix.to_string(), number: item.number }
    }

    /// Teams by name.
    pub fn teams(&self) -> &[Team] {
        &self.teams
    }

    /// A team by id.
    pub fn team(&self, id: TeamId) -> Option<&Team> {
        self.teams.iter().find(|team| team.id == id)
    }

    /// Sprints, earliest first.
    pub fn sprints(&self) -> &[Sprint] {
        &self.sprints
    }

    /// A sprint by id.
    pub fn sprint(&self, id: SprintId) -> Option<&Sprint> {
        let place = self.sprint_places.binary_search_by_key(&id, |(known, _)| *known).ok()?;
        self.sprints.get(self.sprint_places.get(place)?.1)
    }

    /// Objectives by period and title.
    pub fn objectives(&self) -> &[Objective] {
        &self.objectives
    }

    /// An objective by id.
    pub fn objective(&self, id: ObjectiveId) -> Option<&Objective> {
        self.objectives.iter().find(|objective| objective.id == id)
    }

    /// The workspace's own words and field types.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// The number that the next item is likely to have: another writer may take it first.
    pub fn next_number(&self) -> u32 {
        u32::try_from(self.items.len()).map_or(u32::MAX, |last| last.saturating_add(1))
    }

    /// Every item, by number.
    pub fn items(&self) -> impl Iterator<Item = &Arc<WorkItem>> {
        self.items.iter().flatten()
    }

    /// Bytes that it takes in memory, roughly; structure that it shares with other versions counts as its own.
    pub fn bytes(&self) -> usize {
        self.bytes + self.shown.bytes() + size_of::<Self>()
    }
}

/// What an order compares of an item.
pub fn sort_key(item: &WorkItem, sort: Sort) -> SortKey {
    let newest_first = -i64::from(item.number);
    match sort {
        Sort::Priority => SortKey(item.priority as i64, newest_first),
        Sort::Updated => SortKey(-item.updated.micros(), newest_first),
        Sort::Created => SortKey(item.created.map_or(i64::MAX, |at| -at.micros()), newest_first),
        Sort::Due => SortKey(item.due.map_or(i64::MAX, day_number), newest_first),
        Sort::Key => SortKey(i64::from(item.number), 0),
    }
}

/// Days since 1970-01-01.
fn day_number(date: jiff::civil::Date) -> i64 {
    let epoch = jiff::civil::date(1970, 1, 1);
    date.since(epoch).map_or(i64::MAX, |span| i64::from(span.get_days()))
}
