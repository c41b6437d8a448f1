//! What only the whole file tells: which records repeat others, which references lead where, which links make circles,
//! which epics are named and not described. Held are ids and links, never contents.

mod circles;
mod epics;
mod twins;

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use serde_json::Value;

use crate::{item::Draft, layout::Layout, row::Row};
use epics::Epics;
pub(crate) use epics::NewEpic;
use twins::{Twins, Verdict};

/// An id in the place of its text: with 64 bits, two of a million ids share one once in some ten million files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Print(u64);

fn print(id: &str) -> Print {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    Print(hasher.finish())
}

/// A record's links as the file has them.
#[derive(Debug)]
struct Links {
    record: u32,
    parent: Option<Print>,
    /// None, for most records, costs no allocation.
    blocked_by: Box<[Print]>,
    blocks: Box<[Print]>,
}

/// The survey of a file. Records are counted from 1.
#[derive(Debug)]
pub(crate) struct Survey {
    records: u32,
    items: usize,
    /// The record of each external id.
    by_id: HashMap<Print, u32>,
    /// The record of each other id; none where several have it.
    aliases: HashMap<Print, Option<u32>>,
    /// Links of the records that have some, until they are settled.
    links: Vec<Links>,
    /// The external id of each record, by its place; empty where it gives no item.
    ids: Vec<Box<str>>,
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
            links: Vec::new(),
            ids: Vec::new(),
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
        self.ids.push("".into());
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
            let known = self.aliases.entry(print(alias)).or_insert(Some(record));
            if known.is_some_and(|known| known != record) {
                *known = None;
            }
        }
        let links = Links {
            record,
            parent: draft.imported.parent.as_deref().map(print),
            blocked_by: draft.imported.blocked_by.iter().map(|id| print(id)).collect(),
            blocks: draft.blocks.iter().map(|id| print(id)).collect(),
        };
        if links.parent.is_some() || !links.blocked_by.is_empty() || !links.blocks.is_empty() {
            self.links.push(links);
        }
        self.ids.push(id.into());
        if let Some(epic) = &draft.epic {
            self.epics.enter(epic, record as usize, draft.imported.item.status);
        }
    }

    /// Draws the conclusions once every record is entered.
    pub(crate) fn settle(&mut self) {
        for (id, first) in self.twins.settle(&mut self.ids) {
            self.by_id.insert(print(&id), first);
        }
        let links = std::mem::take(&mut self.links);
        let mut parents: HashMap<u32, u32> = HashMap::new();
        let mut needs: Vec<(u32, u32)> = Vec::new();
        for links in links.into_iter().filter(|links| !self.twins.skips(links.record)) {
            let record = links.record;
            if let Some(parent) = links.parent.and_then(|id| self.find_print(id)) {
                parents.insert(record, parent);
            }
            needs.extend(links.blocked_by.iter().filter_map(|id| Some((record, self.find_print(*id)?))));
            let blocked: Vec<u32> = links.blocks.iter().filter_map(|id| self.find_print(*id)).collect();
            for blocked in blocked {
                needs.push((blocked, record));
                self.told_by_blocker.entry(blocked).or_default().push(record);
            }
        }
        needs.sort_unstable();
        needs.dedup();
        let name = |record: u32| self.id_of(record).unwrap_or_default();
        self.parent_circles = circles::of_parents(&parents)
            .into_iter()
            .map(|(record, path)| (record, path.into_iter().map(name).collect::<Vec<_>>().join(" > ")))
            .collect();
        self.need_circles = circles::of_needs(&needs);
    }

    fn find(&self, id: &str) -> Option<u32> {
        self.find_print(print(id))
    }

    fn find_print(&self, id: Print) -> Option<u32> {
        self.by_id.get(&id).copied().or_else(|| self.aliases.get(&id).copied().flatten())
    }

    /// The external id that a record ends up with.
    fn id_of(&self, record: u32) -> Option<String> {
        let id = self.ids.get(usize::try_from(record).ok()?.checked_sub(1)?)?;
        (!id.is_empty()).then(|| id.to_string())
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
