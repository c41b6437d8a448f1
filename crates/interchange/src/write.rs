//! Writing imported items through the ports: what is there already is updated by its external id, references are
//! resolved, and those whose target comes later are resolved at the end.

mod known;
mod lanes;
mod update;

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    fmt,
    sync::Arc,
};

use pm33_product::{
    Author, Backlog, CustomFields, CustomValue, Dependency, External, ItemId, ItemPatch, NewItem,
    ProductError, Strategy, WorkItem, check_item,
};
use pm33_tenancy::{Timestamp, UserId, WorkspaceRef};
use serde::Serialize;

use crate::{Evidence, ImportedItem};
use known::Known;
use lanes::Lanes;
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
    /// Parents and dependencies that lead to nothing, or would make a circle with what is there; each is kept as a
    /// custom field.
    pub unresolved: usize,
}

/// A link that could not be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unresolved {
    /// The record that has it.
    pub record: usize,
    /// Parent or dependency.
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

/// The item that a link is of.
#[derive(Clone, Copy, Debug)]
struct Linked {
    item: ItemId,
    record: usize,
    /// When it last changed: a link that is made late is no later change.
    updated: Timestamp,
}

/// Links whose targets were not there yet.
#[derive(Debug)]
struct Waiting {
    of: Linked,
    parent: Option<External>,
    blocked_by: Vec<External>,
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
            let (item, author, evidence, waiting) =
                self.place(store, imported, &known, &coming).await.map_err(refused)?;
            if waiting.parent.is_some() || !waiting.blocked_by.is_empty() {
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
                Some(known) => changed.push((record, known, item, author)),
            }
        }
        let created = new.len();
        store.create_all(self.at, new).await.map_err(of_batch)?;
        self.written.created += created;
        for (record, known, item, author) in changed {
            let refused = |error| NotWritten { first: record, last: record, error };
            let changed = self.update(store, record, known, item, author).await.map_err(refused)?;
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
    ) -> Result<(NewItem, Author, Evidence, Waiting), ProductError> {
        let ImportedItem { mut item, team_name, parent, blocked_by, sprint, updated, record, evidence } =
            imported;
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
        let of = |id: String| External { source: external.source.clone(), id };
        let find = |external: &External| {
            known.get(external).map(|found| found.id).or_else(|| coming.get(external).copied())
        };
        let id = old.map_or(item.id, |old| old.id);
        let updated = old.map_or(author.at, |old| old.updated.max(author.at));
        let of_item = Linked { item: id, record, updated };
        let mut waiting = Waiting { of: of_item, parent: None, blocked_by: Vec::new() };
        // A new item cannot close a circle. The links of one that is there are made at the end, where the store may
        // refuse them one by one.
        if let Some(parent) = parent.map(of) {
            match (find(&parent), old) {
                (Some(found), None) => item.parent = Some(found),
                (Some(found), Some(old)) if old.parent == Some(found) => {}
                _ => waiting.parent = Some(parent),
            }
        }
        for need in blocked_by.into_iter().map(of) {
            let has = |on| old.is_some_and(|old| old.dependencies.iter().any(|one| one.on == on));
            match (find(&need), old) {
                (Some(on), None) => item.dependencies.push(Dependency { on, lag_days: 0 }),
                (Some(on), Some(_)) if has(on) => {}
                _ => waiting.blocked_by.push(need),
            }
        }
        Ok((item, author, evidence, waiting))
    }

    /// Makes the links of the next item that waits; `false` when none does.
    ///
    /// # Errors
    /// What the store refuses.
    pub async fn link_next<S: Backlog + Strategy + ?Sized>(
        &mut self,
        store: &S,
    ) -> Result<bool, ProductError> {
        let Some(waiting) = self.waiting.pop_front() else { return Ok(false) };
        let Waiting { of, parent, blocked_by } = waiting;
        let Linked { item, record, updated } = of;
        let mut lost = CustomFields::new();
        if let Some(target) = parent {
            match self.target(store, &target).await? {
                None => {
                    self.lose(record, "parent", &target.id, "no item has this external id");
                    lost.insert("parent".to_owned(), CustomValue::Text(target.id));
                }
                Some(found) => {
                    let patch = ItemPatch { parent: Some(Some(found.id)), ..ItemPatch::default() };
                    if !self.link(store, of, patch, "parent", &target.id).await? {
                        lost.insert("parent".to_owned(), CustomValue::Text(target.id));
                    }
                }
            }
        }
        let mut lost_needs = Vec::new();
        for target in blocked_by {
            let made = match self.target(store, &target).await? {
                None => {
                    self.lose(record, "dependency", &target.id, "no item has this external id");
                    false
                }
                Some(found) => {
                    let mut dependencies = match self.by_id(store, item).await? {
                        Some(now) => now.dependencies.to_vec(),
                        None => Vec::new(),
                    };
                    if !dependencies.iter().any(|known| known.on == found.id) {
                        dependencies.push(Dependency { on: found.id, lag_days: 0 });
                    }
                    let patch = ItemPatch { dependencies: Some(dependencies), ..ItemPatch::default() };
                    self.link(store, of, patch, "dependency", &target.id).await?
                }
            };
            if !made {
                lost_needs.push(target.id);
            }
        }
        if !lost_needs.is_empty() {
            lost.insert("blocked by".to_owned(), CustomValue::List(lost_needs));
        }
        if !lost.is_empty() {
            let patch = ItemPatch { custom: Some(lost), ..ItemPatch::default() };
            let author = Author { user: self.user, at: updated };
            store.update(self.at, item, patch, author).await?;
        }
        Ok(true)
    }

    async fn target<S: Backlog + ?Sized>(
        &self,
        store: &S,
        target: &External,
    ) -> Result<Option<Arc<WorkItem>>, ProductError> {
        store.find_external(self.at, target).await
    }

    /// The item as this unit sees it: a patch of nothing changes nothing and gives it back.
    async fn by_id<S: Backlog + ?Sized>(
        &self,
        store: &S,
        item: ItemId,
    ) -> Result<Option<Arc<WorkItem>>, ProductError> {
        let author = Author { user: self.user, at: self.now };
        store.update(self.at, item, ItemPatch::default(), author).await.map(Some)
    }

    /// Whether the link was made; one that the store refuses is noted.
    async fn link<S: Backlog + ?Sized>(
        &mut self,
        store: &S,
        of: Linked,
        patch: ItemPatch,
        link: &'static str,
        target: &str,
    ) -> Result<bool, ProductError> {
        let author = Author { user: self.user, at: of.updated };
        match store.update(self.at, of.item, patch, author).await {
            Ok(_) => Ok(true),
            Err(refused @ ProductError::Circle { .. }) => {
                self.lose(of.record, link, target, &refused.to_string());
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    fn lose(&mut self, record: usize, link: &'static str, target: &str, reason: &str) {
        self.written.unresolved += 1;
        if self.unresolved.len() < LISTED {
            let (target, reason) = (target.to_owned(), reason.to_owned());
            self.unresolved.push(Unresolved { record, link, target, reason });
        }
    }
}
