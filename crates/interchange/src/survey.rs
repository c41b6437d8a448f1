//! What only the whole file tells: which records repeat others, which references lead where, which links make circles,
//! which epics are named and not described. Held are ids and links, never contents.

mod circles;
mod epics;
mod ids;
mod twins;

use std::{
    collections::{HashMap, HashSet},
    fmt::Write as _,
    hash::{DefaultHasher, Hash, Hasher},
};

use pm33_product::External;
use serde_json::Value;

use crate::{
    item::{Draft, ImportedNeed},
    layout::Layout,
    report::shorten,
    row::Row,
};
use circles::Circle;
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

/// Longest id shown in a circle, in characters.
const SHOWN: usize = 60;

/// The survey of a file. Records are counted from 1.
#[derive(Debug)]
pub(crate) struct Survey {
    /// Name of the origin in external ids.
    source: String,
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
    /// Records that came from another origin before, until they are settled.
    origins_told: Vec<(u32, External)>,
    /// Where records came from before, each origin once.
    origins: HashMap<u32, External>,
    /// Circles of parents, by the record whose link closes them.
    parent_circles: HashMap<u32, Circle>,
    /// Circles of dependencies, by the link between records that closes them: blocked, blocker.
    need_circles: HashMap<(u32, u32), Circle>,
    /// Blockers of a record that are told by the blocker's record only.
    told_by_blocker: HashMap<u32, Vec<u32>>,
}

impl Survey {
    pub(crate) fn new(layout: &Layout, source: &str) -> Self {
        Self {
            source: source.to_owned(),
            records: 0,
            items: 0,
            by_id: HashMap::new(),
            aliases: HashMap::new(),
            links: Links::default(),
            ids: Ids::default(),
            twins: Twins::new(layout),
            epics: Epics::default(),
            origins_told: Vec::new(),
            origins: HashMap::new(),
            parent_circles: HashMap::new(),
            need_circles: HashMap::new(),
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
        self.links.parents.extend(draft.parent.as_deref().map(to));
        self.links.blocked_by.extend(draft.blocked_by.iter().map(|(id, _)| to(id)));
        self.links.blocks.extend(draft.blocks.iter().map(|id| to(id)));
        self.ids.enter(id);
        self.origins_told.extend(draft.origin.clone().map(|origin| (record, origin)));
        if let Some(epic) = &draft.epic {
            self.epics.enter(epic, record as usize, draft.imported.item.status);
        }
    }

    /// Draws the conclusions once every record is entered.
    pub(crate) fn settle(&mut self) {
        for (id, first) in self.twins.settle(&mut self.ids) {
            self.by_id.insert(print(&id), first);
        }
        self.settle_origins();
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
        self.parent_circles = circles::of_parents(&parents);
        self.need_circles = circles::of_needs(&needs);
    }

    /// Each origin is of one record. A record that is known by its own id makes way where another came from what it would
    /// be known by.
    fn settle_origins(&mut self) {
        let mut taken = HashSet::new();
        for (record, origin) in std::mem::take(&mut self.origins_told) {
            if !self.twins.skips(record) && taken.insert(origin.clone()) {
                self.origins.insert(record, origin);
            }
        }
        let mut making_way: Vec<u32> = self
            .origins
            .values()
            .filter(|origin| origin.source == self.source)
            .filter_map(|origin| self.by_id.get(&print(&origin.id)).copied())
            .filter(|record| !self.origins.contains_key(record))
            .collect();
        making_way.sort_unstable();
        for record in making_way {
            let mut own = format!("{}~here", self.ids.of(record).unwrap_or_default());
            while self.by_id.contains_key(&print(&own)) {
                own.push('~');
            }
            self.twins.rename(record, own, &mut self.ids);
        }
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
    fn external_of(&self, record: u32) -> Option<External> {
        self.origins.get(&record).cloned().or_else(|| self.ids.of(record).map(|id| self.elsewhere(id)))
    }

    /// The external id of what is not in this file.
    fn elsewhere(&self, id: &str) -> External {
        External { source: self.source.clone(), id: id.to_owned() }
    }

    /// A circle by the ids of its records.
    fn shown(&self, circle: &Circle) -> String {
        let name = |record: &u32| shorten(self.ids.of(*record).unwrap_or_default(), SHOWN);
        let mut path = circle.head.iter().map(name).collect::<Vec<_>>().join(" -> ");
        if circle.left_out > 0 {
            _ = write!(path, " -> … ({} more)", circle.left_out);
        }
        for record in &circle.tail {
            _ = write!(path, " -> {}", name(record));
        }
        path
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
        if let Some(origin) = &draft.origin {
            if self.origins.get(&record) == Some(origin) {
                draft.imported.item.external = Some(origin.clone());
            } else {
                let told = "another record of this file came from there; this one goes by its own id, and this is a custom field";
                row.give_back(&draft.origin_column, &Value::from(origin.id.as_str()), told);
            }
        }
        self.resolve_parent(record, draft, row);
        self.resolve_needs(record, draft, row);
        self.resolve_blocked(record, draft, row);
        let related = draft.related.iter().map(|id| match self.find(id) {
            Some(found) => self.external_of(found).filter(|_| found != record),
            None => Some(self.elsewhere(id)),
        });
        draft.imported.related = related.flatten().collect();
    }

    fn resolve_parent(&self, record: u32, draft: &mut Draft, row: &mut Row) {
        let Some(parent) = &draft.parent else { return };
        if let Some(circle) = self.parent_circles.get(&record) {
            let path = self.shown(circle);
            let told = format!(
                "the parents make a circle, {path}; this link is left out and kept as a custom field"
            );
            row.give_back(&draft.parent_column, &Value::from(parent.as_str()), &told);
            return;
        }
        let found = self.find(parent).and_then(|found| self.external_of(found));
        draft.imported.parent = Some(found.unwrap_or_else(|| self.elsewhere(parent)));
    }

    /// Whether a dependency closes a circle; then it is told and left out.
    fn closes(&self, blocked: u32, blocker: u32, column: &str, id: &str, row: &mut Row) -> bool {
        let told = match self.need_circles.get(&(blocked, blocker)) {
            Some(circle) => {
                format!("the dependencies make a circle, {}; this one is left out", self.shown(circle))
            }
            None if blocked == blocker => "it waits for itself; this dependency is left out".to_owned(),
            None => return false,
        };
        row.warn(column, &told, Some(&Value::from(id)));
        true
    }

    fn resolve_needs(&self, record: u32, draft: &mut Draft, row: &mut Row) {
        let mut needs: Vec<ImportedNeed> = Vec::new();
        for (id, lag_days) in &draft.blocked_by {
            let on = match self.find(id) {
                Some(blocker) if self.closes(record, blocker, &draft.blocked_by_column, id, row) => None,
                Some(blocker) => self.external_of(blocker),
                None => Some(self.elsewhere(id)),
            };
            needs.extend(on.map(|on| ImportedNeed { on, lag_days: *lag_days }));
        }
        let told = self.told_by_blocker.get(&record).into_iter().flatten();
        let told = told
            .filter(|blocker| **blocker != record && !self.need_circles.contains_key(&(record, **blocker)));
        let told = told.filter_map(|blocker| self.external_of(*blocker));
        needs.extend(told.map(|on| ImportedNeed { on, lag_days: None }));
        let mut seen = HashSet::new();
        needs.retain(|need| seen.insert(need.on.clone()));
        draft.imported.blocked_by = needs;
    }

    fn resolve_blocked(&self, record: u32, draft: &Draft, row: &mut Row) {
        let mut elsewhere = Vec::new();
        for id in &draft.blocks {
            match self.find(id) {
                None => elsewhere.push(id.clone()),
                Some(blocked) => _ = self.closes(blocked, record, &draft.blocks_column, id, row),
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
