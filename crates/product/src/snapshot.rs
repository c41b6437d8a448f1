//! The workspace snapshot: an immutable, indexed picture of a backlog that reads are served from. A change makes a new
//! snapshot that shares all unchanged structure with the old one.

use std::sync::Arc;

use imbl::{OrdMap, OrdSet};
use pm33_tenancy::WorkspaceRef;

use crate::{
    BacklogFilter, External, ItemId, ItemKey, Mode, Objective, ObjectiveId, Position, Sort, SortKey, Sprint, SprintId,
    Team, TeamId, WorkItem,
};

/// What a snapshot is built from.
#[derive(Clone, Debug, Default)]
pub struct SnapshotParts {
    /// The workspace's key prefix.
    pub prefix: String,
    /// The workspace's data version.
    pub version: i64,
    /// All items.
    pub items: Vec<WorkItem>,
    /// All teams.
    pub teams: Vec<Team>,
    /// All sprints.
    pub sprints: Vec<Sprint>,
    /// All objectives.
    pub objectives: Vec<Objective>,
}

/// An immutable picture of a workspace.
#[derive(Clone, Debug)]
pub struct Snapshot {
    at: WorkspaceRef,
    prefix: Arc<str>,
    version: i64,
    items: OrdMap<ItemId, Arc<WorkItem>>,
    numbers: OrdMap<u32, ItemId>,
    externals: OrdMap<External, ItemId>,
    order: OrdSet<(SortKey, ItemId)>,
    teams: Arc<[Team]>,
    sprints: Arc<[Sprint]>,
    objectives: Arc<[Objective]>,
}

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

/// A near-duplicate.
#[derive(Clone, Debug)]
pub struct Similar {
    /// The item.
    pub item: Arc<WorkItem>,
    /// 0 to 1; 1 is the same text.
    pub score: f64,
    /// The words that both share.
    pub words: Vec<String>,
}

impl Snapshot {
    /// Builds a snapshot from everything that a workspace has.
    pub fn build(at: WorkspaceRef, parts: SnapshotParts) -> Self {
        let empty = Self {
            at,
            prefix: parts.prefix.into(),
            version: parts.version,
            items: OrdMap::new(),
            numbers: OrdMap::new(),
            externals: OrdMap::new(),
            order: OrdSet::new(),
            teams: parts.teams.into(),
            sprints: parts.sprints.into(),
            objectives: parts.objectives.into(),
        };
        let items: Vec<_> = parts.items.into_iter().map(Arc::new).collect();
        empty.with(parts.version, &items)
    }

    /// This snapshot with items added or replaced; unchanged structure is shared.
    #[must_use]
    pub fn with(&self, version: i64, changed: &[Arc<WorkItem>]) -> Self {
        let mut next = self.clone();
        next.version = version;
        for item in changed {
            if let Some(old) = next.items.insert(item.id, Arc::clone(item)) {
                next.order.remove(&(sort_key(&old, Sort::Priority), old.id));
                if let Some(external) = &old.external {
                    next.externals.remove(external.as_ref());
                }
            }
            next.numbers.insert(item.number, item.id);
            next.order.insert((sort_key(item, Sort::Priority), item.id));
            if let Some(external) = &item.external {
                next.externals.insert(external.as_ref().clone(), item.id);
            }
        }
        next
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
        self.items.len()
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// An item by id.
    pub fn get(&self, id: ItemId) -> Option<&Arc<WorkItem>> {
        self.items.get(&id)
    }

    /// An item by its key; the prefix must be this workspace's.
    pub fn by_key(&self, key: &ItemKey) -> Option<&Arc<WorkItem>> {
        if key.prefix != *self.prefix {
            return None;
        }
        self.get(*self.numbers.get(&key.number)?)
    }

    /// An item by its external id.
    pub fn by_external(&self, external: &External) -> Option<&Arc<WorkItem>> {
        self.get(*self.externals.get(external)?)
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
        self.sprints.iter().find(|sprint| sprint.id == id)
    }

    /// Objectives by period and title.
    pub fn objectives(&self) -> &[Objective] {
        &self.objectives
    }

    /// An objective by id.
    pub fn objective(&self, id: ObjectiveId) -> Option<&Objective> {
        self.objectives.iter().find(|objective| objective.id == id)
    }

    /// Every item, by id.
    pub fn items(&self) -> impl Iterator<Item = &Arc<WorkItem>> {
        self.items.values()
    }

    /// The page of matching items after a position.
    pub fn page(&self, filter: &BacklogFilter, sort: Sort, after: Option<Position>, limit: usize) -> Page {
        let mut found: Vec<_> = self
            .items
            .values()
            .filter(|item| matches(filter, item))
            .map(|item| (sort_key(item, sort), item))
            .collect();
        found.sort_unstable_by_key(|(key, _)| *key);
        let total = found.len();
        let mut rest = found.into_iter().filter(|(key, _)| after.is_none_or(|position| *key > position.after));
        let taken: Vec<_> = rest.by_ref().take(limit).collect();
        let next = rest.next().and(taken.last()).map(|(key, _)| Position { sort, after: *key });
        Page { items: taken.into_iter().map(|(_, item)| Arc::clone(item)).collect(), total, next }
    }
}

fn matches(filter: &BacklogFilter, item: &WorkItem) -> bool {
    filter.mode == Mode::Full || (item.status.is_open() && item.archived.is_none())
}

fn sort_key(item: &WorkItem, sort: Sort) -> SortKey {
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
