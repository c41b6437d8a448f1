//! Writing imported items through the ports: what is there already is updated by its external id, references are
//! resolved, and those whose target comes later are resolved at the end.

mod known;
mod lanes;
mod links;
mod trial;
mod update;

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    fmt,
};

use pm33_product::{
    Author, Backlog, Dependency, External, ItemId, NewItem, ProductError, Strategy, check_item,
};
use pm33_tenancy::{Timestamp, UserId, WorkspaceRef};
use serde::Serialize;

use crate::{Archival, Evidence, ImportedItem};
use known::Known;
use lanes::Lanes;
use links::{Linked, Waiting};
pub use trial::Trial;
use update::Overtaken;

/// What an import wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Written {
    /// New items.
    pub created: usize,
    /// Items that were there and changed.
    pub updated: usize,
    /// Items that said the same already.
    pub unchanged: usize,
    /// New teams.
    pub teams: usize,
    /// New sprints.
    pub sprints: usize,
    /// Parents, dependencies and related items that lead to nothing, or would make a circle with what is there; each is kept as a
    /// custom field.
    pub unresolved: usize,
}

/// A link that could not be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unresolved {
    /// The record that has it.
    pub record: usize,
    /// Parent, dependency or related item.
    pub link: &'static str,
    /// The id that it leads to.
    pub target: String,
    /// Why not.
    pub reason: String,
}

/// Why items were not written, and which records they come from.
#[derive(Debug)]
pub struct NotWritten {
    /// The first record that it may be about.
    pub first: usize,
    /// The last one.
    pub last: usize,
    /// What the store says.
    pub error: ProductError,
}

impl fmt::Display for NotWritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, last, error } = self;
        if first == last {
            write!(f, "record {first}: {error}")
        } else {
            write!(f, "records {first} to {last}: {error}")
        }
    }
}

impl std::error::Error for NotWritten {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.error)
    }
}

fn of_all(batch: &[ImportedItem]) -> impl FnOnce(ProductError) -> NotWritten + use<> {
    let first = batch.first().map_or(0, |one| one.record);
    let last = batch.last().map_or(first, |one| one.record);
    move |error| NotWritten { first, last, error }
}

/// Most links listed one by one.
const LISTED: usize = 1_000;

/// An item with its references resolved, but for those that wait.
struct Placed {
    item: NewItem,
    author: Author,
    evidence: Evidence,
    archival: Archival,
    waiting: Waiting,
}

/// Since when an item is put away; one that is already stays so where the file tells no time.
fn archived(archival: Archival, known: Option<Timestamp>, author: Author) -> Option<Timestamp> {
    match archival {
        Archival::No => None,
        Archival::Since(time) => Some(time),
        Archival::Undated => known.or(Some(author.at)),
    }
}

/// Writes items one by one. Nothing is committed here: the caller's units of work do that.
#[derive(Debug)]
pub struct Writer {
    at: WorkspaceRef,
    user: Option<UserId>,
    now: Timestamp,
    fields: BTreeSet<&'static str>,
    lanes: Lanes,
    waiting: VecDeque<Waiting>,
    written: Written,
    unresolved: Vec<Unresolved>,
    overtaken: Overtaken,
}

impl Writer {
    /// A writer into a workspace, for a file that has these fields.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn begin<S: Backlog + Strategy + ?Sized>(
        store: &S,
        at: WorkspaceRef,
        user: Option<UserId>,
        now: Timestamp,
        fields: BTreeSet<&'static str>,
    ) -> Result<Self, ProductError> {
        let lanes = Lanes::read(store, at).await?;
        Ok(Self {
            at,
            user,
            now,
            fields,
            lanes,
            waiting: VecDeque::new(),
            written: Written::default(),
            unresolved: Vec::new(),
            overtaken: Overtaken::default(),
        })
    }

    /// What was written so far.
    pub fn written(&self) -> Written {
        self.written
    }

    /// Links that could not be made, the first of them.
    pub fn unresolved(&self) -> &[Unresolved] {
        &self.unresolved
    }

    /// Notes on the file that only writing it tells.
    pub fn notes(&self) -> Vec<String> {
        self.overtaken.told().into_iter().collect()
    }

    /// Links that wait for [`Self::link_next`].
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Creates items, or updates those with their external ids. Few statements serve all of them, and what can be looked up
    /// is looked up before the first write.
    ///
    /// # Errors
    /// What the store refuses, with the records that it may be about.
    pub async fn items<S: Backlog + Strategy + ?Sized>(
        &mut self,
        store: &S,
        batch: Vec<ImportedItem>,
    ) -> Result<(), NotWritten> {
        let of_batch = of_all(&batch);
        let known = Known::read(store, self.at, &batch).await.map_err(of_all(&batch))?;
        let (mut new, mut changed) = (Vec::new(), Vec::new());
        let mut coming: HashMap<External, ItemId> = HashMap::new();
        for imported in batch {
            let record = imported.record;
            let refused = |error| NotWritten { first: record, last: record, error };
            let Placed { item, author, evidence, archival, waiting } =
                self.place(store, imported, &known, &coming).await.map_err(refused)?;
            if !waiting.is_empty() {
                self.waiting.push_back(waiting);
            }
            let external = item.external.as_ref();
            match external.and_then(|external| known.get(external)) {
                None => {
                    check_item(&item).map_err(refused)?;
                    coming.extend(external.cloned().map(|external| (external, item.id)));
                    new.push((item, author));
                }
                Some(_) if evidence == Evidence::Name => self.written.unchanged += 1,
                Some(known) => changed.push((record, known, item, archival, author)),
            }
        }
        let created = new.len();
        store.create_all(self.at, new).await.map_err(of_batch)?;
        self.written.created += created;
        for (record, known, item, archival, author) in changed {
            let refused = |error| NotWritten { first: record, last: record, error };
            let changed =
                self.update(store, record, known, (item, archival), author).await.map_err(refused)?;
            if changed { self.written.updated += 1 } else { self.written.unchanged += 1 }
        }
        Ok(())
    }

    /// An item with its references resolved, but for those that wait.
    async fn place<S: Backlog + Strategy + ?Sized>(
        &mut self,
        store: &S,
        imported: ImportedItem,
        known: &Known,
        coming: &HashMap<External, ItemId>,
    ) -> Result<Placed, ProductError> {
        let ImportedItem { mut item, team_name, parent, blocked_by, sprint, .. } = imported;
        let ImportedItem { related, archival, updated, record, evidence, .. } = imported;
        let Some(external) = item.external.clone() else {
            return Err(ProductError::invalid("external", "an imported item has an external id"));
        };
        let author = Author { user: self.user, at: updated.unwrap_or(self.now) };
        if let Some(name) = team_name {
            item.team = Some(self.lanes.team(store, &name, self.now, &mut self.written).await?);
        }
        if let Some(sprint) = sprint {
            item.sprint = self.lanes.sprint(store, item.team, &sprint, self.now, &mut self.written).await?;
        }
        let old = known.get(&external);
        let find = |external: &External| {
            known.get(external).map(|found| found.id).or_else(|| coming.get(external).copied())
        };
        let id = old.map_or(item.id, |old| old.id);
        let updated = old.map_or(author.at, |old| old.updated.max(author.at));
        let of_item = Linked { item: id, record, updated };
        let mut waiting = Waiting::of(of_item);
        // A new item cannot close a circle. The links of one that is there are made at the end, where the store may
        // refuse them one by one.
        if let Some(parent) = parent {
            match (find(&parent), old) {
                (Some(found), None) => item.parent = Some(found),
                (Some(found), Some(old)) if old.parent == Some(found) => {}
                _ => waiting.parent = Some(parent),
            }
        }
        for need in blocked_by {
            let lag = need.lag_days;
            let says = |on, known: &Dependency| known.on == on && lag.is_none_or(|lag| lag == known.lag_days);
            let has = |on| old.is_some_and(|old| old.dependencies.iter().any(|known| says(on, known)));
            match (find(&need.on), old) {
                (Some(on), None) => item.dependencies.push(Dependency { on, lag_days: lag.unwrap_or(0) }),
                (Some(on), Some(_)) if has(on) => {}
                _ => waiting.blocked_by.push(need),
            }
        }
        let is_new = |other: &External| {
            let found = find(other);
            old.is_none_or(|old| !found.is_some_and(|found| old.related.contains(&found)))
        };
        waiting.related = related.into_iter().filter(is_new).collect();
        if old.is_none() {
            waiting.archived = archived(archival, None, author);
        }
        Ok(Placed { item, author, evidence, archival, waiting })
    }
}
