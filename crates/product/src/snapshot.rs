//! The workspace snapshot: an immutable, indexed picture of a backlog that reads are served from. A change makes a new
//! snapshot that shares all unchanged structure with the old one.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use imbl::{OrdMap, OrdSet};
use pm33_tenancy::WorkspaceRef;

use crate::{
    BacklogFilter, External, ItemId, ItemKey, Mode, Objective, ObjectiveId, Position, Sort, SortKey, Sprint,
    SprintId, Team, TeamId, WorkItem,
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

type Order = OrdSet<(SortKey, ItemId)>;

/// Every order that an index is kept for.
const SORTS: [Sort; 5] = [Sort::Priority, Sort::Updated, Sort::Created, Sort::Due, Sort::Key];

/// An immutable picture of a workspace.
#[derive(Clone, Debug)]
pub struct Snapshot {
    at: WorkspaceRef,
    prefix: Arc<str>,
    version: i64,
    items: OrdMap<ItemId, Arc<WorkItem>>,
    numbers: OrdMap<u32, ItemId>,
    externals: OrdMap<External, ItemId>,
    /// Items by each order: those that are open and not archived, and all.
    active: [Order; 5],
    all: [Order; 5],
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
            active: Default::default(),
            all: Default::default(),
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
                for (index, sort) in SORTS.into_iter().enumerate() {
                    let place = (sort_key(&old, sort), old.id);
                    next.active[index].remove(&place);
                    next.all[index].remove(&place);
                }
                if let Some(external) = &old.external {
                    next.externals.remove(external.as_ref());
                }
            }
            next.numbers.insert(item.number, item.id);
            for (index, sort) in SORTS.into_iter().enumerate() {
                let place = (sort_key(item, sort), item.id);
                if is_active(item) {
                    next.active[index].insert(place);
                }
                next.all[index].insert(place);
            }
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

    /// The page of matching items after a position. Without conditions beside the mode it costs the page, not the
    /// backlog; the total is then the index's size, otherwise it is counted.
    pub fn page(&self, filter: &BacklogFilter, sort: Sort, after: Option<Position>, limit: usize) -> Page {
        let orders =
            if filter.mode == Mode::Active && filter.ids.is_empty() { &self.active } else { &self.all };
        let index = SORTS.iter().position(|one| *one == sort).unwrap_or(0);
        let order = &orders[index];
        let mut page = Page { items: Vec::with_capacity(limit.min(200)), total: 0, next: None };
        let mut last = None;
        let plain = filter.is_plain();
        if plain {
            page.total = order.len();
        }
        let walk: Box<dyn Iterator<Item = &(SortKey, ItemId)>> = match (plain, after) {
            (true, Some(position)) => Box::new(order.range((position.after, ItemId::MAX)..)),
            _ => Box::new(order.iter()),
        };
        for (key, id) in walk {
            let Some(item) = self.get(*id).filter(|item| self.matches(filter, item)) else { continue };
            page.total += usize::from(!plain);
            if after.is_some_and(|position| *key <= position.after) {
                continue;
            }
            if page.items.len() < limit {
                page.items.push(Arc::clone(item));
                last = Some(*key);
            } else {
                page.next = page.next.or(last.map(|after| Position { sort, after }));
                if plain {
                    break;
                }
            }
        }
        page
    }

    /// Whether a filter selects an item.
    pub fn selects(&self, filter: &BacklogFilter, item: &WorkItem) -> bool {
        self.matches(filter, item)
    }

    fn matches(&self, filter: &BacklogFilter, item: &WorkItem) -> bool {
        let any = |list: bool, hit: bool| !list || hit;
        if !filter.ids.is_empty() {
            return filter.ids.contains(&item.id);
        }
        (filter.mode == Mode::Full || is_active(item))
            && any(!filter.types.is_empty(), filter.types.contains(&item.item_type))
            && any(!filter.statuses.is_empty(), filter.statuses.contains(&item.status))
            && any(!filter.priorities.is_empty(), filter.priorities.contains(&item.priority))
            && any(!filter.teams.is_empty(), item.team.is_some_and(|team| filter.teams.contains(&team)))
            && any(
                !filter.sprints.is_empty(),
                item.sprint.is_some_and(|sprint| filter.sprints.contains(&sprint)),
            )
            && any(
                !filter.objectives.is_empty(),
                item.objectives.iter().any(|link| filter.objectives.contains(&link.objective)),
            )
            && any(
                !filter.labels.is_empty(),
                item.labels
                    .iter()
                    .any(|label| filter.labels.iter().any(|wanted| wanted.eq_ignore_ascii_case(label))),
            )
            && filter.updated_since.is_none_or(|since| item.updated >= since)
            && any(!filter.under.is_empty(), self.is_under(item, &filter.under))
    }

    fn is_under(&self, item: &WorkItem, ancestors: &[ItemId]) -> bool {
        let mut parent = item.parent;
        // Parents make no circle; the bound is for data that was broken elsewhere.
        for _ in 0..1_000 {
            match parent {
                None => return false,
                Some(id) if ancestors.contains(&id) => return true,
                Some(id) => parent = self.get(id).and_then(|found| found.parent),
            }
        }
        false
    }

    /// Items whose title shares most of its words with a text, best first: Dice's coefficient over words, each word
    /// weighted by its rarity among the titles (inverse document frequency). 1 is the same set of words.
    pub fn similar(&self, text: &str, least: f64, most: usize) -> Vec<Similar> {
        let wanted = title_words(text);
        if wanted.is_empty() {
            return Vec::new();
        }
        let mut frequency: HashMap<String, f64> = HashMap::new();
        let titles: Vec<_> = self
            .items
            .values()
            .filter(|item| item.archived.is_none())
            .map(|item| (item, title_words(&item.title)))
            .filter(|(_, words)| words.iter().any(|word| wanted.contains(word)))
            .collect();
        for word in titles.iter().flat_map(|(_, words)| words) {
            *frequency.entry(word.clone()).or_default() += 1.0;
        }
        #[expect(clippy::cast_precision_loss, reason = "a count of items")]
        let all = self.items.len().max(1) as f64;
        let weight = |word: &String| 1.0 + (all / frequency.get(word).copied().unwrap_or(1.0)).ln().max(0.0);
        let sum = |words: &BTreeSet<String>| words.iter().map(weight).sum::<f64>();
        let wanted_sum = sum(&wanted);
        let mut found: Vec<_> = titles
            .into_iter()
            .filter_map(|(item, words)| {
                let shared: BTreeSet<_> = words.intersection(&wanted).cloned().collect();
                let score = 2.0 * sum(&shared) / (sum(&words) + wanted_sum);
                (score >= least).then(|| Similar {
                    item: Arc::clone(item),
                    score,
                    words: shared.into_iter().collect(),
                })
            })
            .collect();
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.item.number.cmp(&b.item.number)));
        found.truncate(most);
        found
    }
}

fn title_words(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

fn is_active(item: &WorkItem) -> bool {
    item.status.is_open() && item.archived.is_none()
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
