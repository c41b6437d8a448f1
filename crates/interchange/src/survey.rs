//! What only the whole file tells: which records repeat others, which references lead where, which links make circles,
//! which epics are named and not described. Held are ids and links, never contents.

mod circles;
mod epics;
mod ids;
mod twins;

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use serde_json::Value;

use crate::{item::Draft, layout::Layout, row::Row};
use epics::Epics;
pub(crate) use epics::NewEpic;
use ids::Ids;
use twins::{Twins, Verdict};

/// An id in the place of its text: with 64 bits, two of a million ids share one once in some ten million files. As
/// bytes, so that it and a record's number take 12 and not 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Print([u8; 8]);

fn print(id: &str) -> Print {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    Print(hasher.finish().to_ne_bytes())
}

/// In place of a record: several have the id.
const SEVERAL: u32 = 0;

/// Links as the file has them, each with the record that tells of it, in the order of the file.
#[derive(Debug, Default)]
struct Links {
    parents: Vec<(u32, Print)>,
    blocked_by: Vec<(u32, Print)>,
    blocks: Vec<(u32, Print)>,
}

/// The survey of a file. Records are counted from 1.
#[derive(Debug)]
pub(crate) struct Survey {
    records: u32,
    items: usize,
    /// The record of each external id.
    by_id: HashMap<Print, u32>,
    /// The record of each other id, or [`SEVERAL`].
    aliases: HashMap<Print, u32>,
    /// Until they are settled.
    links: Links,
    ids: Ids,
    twins: Twins,
    epics: Epics,
    /// Circles of parents, by the record whose link closes them.
    parent_circles: HashMap<u32, String>,
    /// Links between records that close a circle of dependencies: blocked, blocker.
    need_circles: HashSet<(u32, u32)>,
    /// Blockers of a record that are told by the blocker's record only.
    told_by_blocker: HashMap<u32, Vec<u32>>,
}

impl Survey {
    pub(crate) fn new(layout: &Layout) -> Self {
        Self {
            records: 0,
            items: 0,
            by_id: HashMap::new(),
            aliases: HashMap::new(),
            links: Links::default(),
            ids: Ids::default(),
            twins: Twins::new(layout),
            epics: Epics::default(),
            parent_circles: HashMap::new(),
            need_circles: HashSet::new(),
            told_by_blocker: HashMap::new(),
        }
    }

    pub(crate) fn records(&self) -> usize {
        self.records as usize
    }

    pub(crate) fn items(&self) -> usize {
        self.items
    }

    /// Enters a record that gives no item.
    pub(crate) fn enter_none(&mut self) {
        self.records += 1;
        self.ids.enter("");
        self.twins.first_none();
    }

    /// Enters a record.
    pub(crate) fn enter(&mut self, draft: &Draft) {
        self.records += 1;
        self.items += 1;
        let record = self.records;
        let id = draft.id();
        self.twins.first(draft);
        if let Some(earlier) = self.by_id.insert(print(id), record) {
            self.twins.enter(id, earlier, record);
        }
        for alias in &draft.other_ids {
            let known = self.aliases.entry(print(alias)).or_insert(record);
            if *known != record {
                *known = SEVERAL;
            }
        }
        let to = |id: &str| (record, print(id));
        self.links.parents.extend(draft.imported.parent.as_deref().map(to));
        self.links.blocked_by.extend(draft.imported.blocked_by.iter().map(|id| to(id)));
        self.links.blocks.extend(draft.blocks.iter().map(|id| to(id)));
        self.ids.enter(id);
        if let Some(epic) = &draft.epic {
            self.epics.enter(epic, record as usize, draft.imported.item.status);
        }
    }

    /// Draws the conclusions once every record is entered.
    pub(crate) fn settle(&mut self) {
        for (id, first) in self.twins.settle(&mut self.ids) {
            self.by_id.insert(print(&id), first);
        }
        let Links { parents, blocked_by, blocks } = std::mem::take(&mut self.links);
        self.forget(parents.iter().chain(&blocked_by).chain(&blocks));
        let counts = |record: u32| !self.twins.skips(record);
        let found = |(record, id): (u32, Print)| {
            counts(record).then(|| self.find_print(id)).flatten().map(|target| (record, target))
        };
        let parents: HashMap<u32, u32> = parents.into_iter().filter_map(found).collect();
        let mut needs: Vec<(u32, u32)> = blocked_by.into_iter().filter_map(found).collect();
        let told: Vec<(u32, u32)> = blocks.into_iter().filter_map(found).collect();
        for (record, blocked) in told {
            needs.push((blocked, record));
            self.told_by_blocker.entry(blocked).or_default().push(record);
        }
        needs.sort_unstable();
        needs.dedup();
        let name = |record: u32| self.ids.of(record).unwrap_or_default();
        self.parent_circles = circles::of_parents(&parents)
            .into_iter()
            .map(|(record, path)| (record, path.into_iter().map(name).collect::<Vec<_>>().join(" > ")))
            .collect();
        self.need_circles = circles::of_needs(&needs);
    }

    /// Keeps of the other ids those that links lead to: what is kept now is held until the last record is written.
    fn forget<'l>(&mut self, links: impl Iterator<Item = &'l (u32, Print)>) {
        let elsewhere = links.map(|(_, id)| *id).filter(|id| !self.by_id.contains_key(id));
        let asked: HashSet<Print> = elsewhere.collect();
        self.aliases.retain(|id, _| asked.contains(id));
        self.aliases.shrink_to_fit();
        self.ids.shrink();
    }

    fn find(&self, id: &str) -> Option<u32> {
        self.find_print(print(id))
    }

    fn find_print(&self, id: Print) -> Option<u32> {
        self.by_id
            .get(&id)
            .copied()
            .or_else(|| self.aliases.get(&id).copied().filter(|record| *record != SEVERAL))
    }

    /// The external id that a record ends up with.
    fn id_of(&self, record: u32) -> Option<String> {
        self.ids.of(record).map(str::to_owned)
    }

    /// Applies to a record what the whole file tells of it.
    pub(crate) fn apply(&self, number: usize, draft: &mut Draft, row: &mut Row) {
        let Ok(record) = u32::try_from(number) else { return };
        match self.twins.verdict(record) {
            Some(Verdict::Repeated { by }) => {
                let told = "exported twice; the record named here is newer or comes later, and counts";
                row.skip(None, told, Some(format!("record {by}")));
                return;
            }
            Some(Verdict::Renamed { to }) => {
                let told = "another record of this file has the same external id; this one's gets an ending";
                row.warn("number", told, Some(&Value::from(to.as_str())));
                if let Some(external) = &mut draft.imported.item.external {
                    external.id.clone_from(to);
                }
            }
            None => {}
        }
        self.resolve_parent(record, draft, row);
        self.resolve_needs(record, draft, row);
    }

    fn resolve_parent(&self, record: u32, draft: &mut Draft, row: &mut Row) {
        let Some(parent) = &draft.imported.parent else { return };
        if let Some(path) = self.parent_circles.get(&record) {
            let told = format!(
                "the parents make a circle, {path}; this link is left out and kept as a custom field"
            );
            row.give_back(&draft.parent_column, &Value::from(parent.as_str()), &told);
            draft.imported.parent = None;
            return;
        }
        if let Some(id) = self.find(parent).and_then(|found| self.id_of(found)) {
            draft.imported.parent = Some(id);
        }
    }

    fn resolve_needs(&self, record: u32, draft: &mut Draft, row: &mut Row) {
        let mut needs = Vec::new();
        for id in std::mem::take(&mut draft.imported.blocked_by) {
            match self.find(&id) {
                Some(blocker) if blocker == record || self.need_circles.contains(&(record, blocker)) => {
                    let told = "the dependencies make a circle; this one is left out";
                    row.warn(&draft.blocked_by_column, told, Some(&Value::from(id)));
                }
                Some(blocker) => needs.extend(self.id_of(blocker)),
                None => needs.push(id),
            }
        }
        let told = self.told_by_blocker.get(&record).into_iter().flatten();
        let told =
            told.filter(|blocker| **blocker != record && !self.need_circles.contains(&(record, **blocker)));
        needs.extend(told.filter_map(|blocker| self.id_of(*blocker)));
        needs.sort_unstable();
        needs.dedup();
        draft.imported.blocked_by = needs;
        let mut elsewhere = Vec::new();
        for id in &draft.blocks {
            match self.find(id) {
                None => elsewhere.push(id.clone()),
                Some(blocked) if blocked == record || self.need_circles.contains(&(blocked, record)) => {
                    let told = "the dependencies make a circle; this one is left out";
                    row.warn(&draft.blocks_column, told, Some(&Value::from(id.as_str())));
                }
                Some(_) => {}
            }
        }
        if !elsewhere.is_empty() {
            let shown = Value::from(elsewhere.clone());
            row.warn(&draft.blocks_column, "not in this file; kept as a custom field", Some(&shown));
            row.keep_beside(&draft.blocks_column, &elsewhere);
        }
    }

    /// The epic, where this record is the first to name it and no record describes it.
    pub(crate) fn epic_first_named_by(&self, id: &str, record: usize) -> Option<&NewEpic> {
        self.epics.first_named_by(id, record).filter(|_| !self.by_id.contains_key(&print(id)))
    }
}
