//! Records with the external id of another.

use std::collections::{HashMap, HashSet};

use pm33_tenancy::Timestamp;

use super::ids::Ids;
use crate::{github::ID_MAX, item::Draft, layout::Layout};

/// What becomes of a record that shares its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Another record of the same thing counts.
    Repeated { by: u32 },
    /// It is another thing, and gets an id of its own.
    Renamed { to: String },
}

/// Before every time that a record may tell.
const NEVER: Timestamp = Timestamp::from_micros(i64::MIN);

/// Records by shared ids. Where a tracker gives the ids, one id is one thing, and the record that was updated last
/// counts, else the later one. A number without its repository may be several things: there, records that differ in
/// content all stay.
#[derive(Debug)]
pub(super) struct Twins {
    by_content: bool,
    /// By the record's place; only where content decides.
    fingerprints: Vec<u64>,
    /// By the record's place; only where content decides.
    created: Vec<Timestamp>,
    /// By the record's place.
    updated: Vec<Timestamp>,
    groups: HashMap<Box<str>, Vec<u32>>,
    verdicts: HashMap<u32, Verdict>,
}

impl Twins {
    pub(super) fn new(layout: &Layout) -> Self {
        Self {
            by_content: matches!(layout, Layout::Github),
            fingerprints: Vec::new(),
            created: Vec::new(),
            updated: Vec::new(),
            groups: HashMap::new(),
            verdicts: HashMap::new(),
        }
    }

    /// Enters a record; what is kept of it is needed only if another has its id.
    pub(super) fn first(&mut self, draft: &Draft) {
        let imported = &draft.imported;
        self.keep(draft.fingerprint, imported.item.created, imported.updated);
    }

    /// Enters a record that gives no item.
    pub(super) fn first_none(&mut self) {
        self.keep(0, None, None);
    }

    fn keep(&mut self, fingerprint: u64, created: Option<Timestamp>, updated: Option<Timestamp>) {
        self.updated.push(updated.unwrap_or(NEVER));
        if self.by_content {
            self.fingerprints.push(fingerprint);
            self.created.push(created.unwrap_or(NEVER));
        }
    }

    /// Notes that two records have one id.
    pub(super) fn enter(&mut self, id: &str, earlier: u32, record: u32) {
        self.groups.entry(id.into()).or_insert_with(|| vec![earlier]).push(record);
    }

    fn fingerprint(&self, record: u32) -> u64 {
        place(record).and_then(|place| self.fingerprints.get(place)).copied().unwrap_or(0)
    }

    fn updated(&self, record: u32) -> Timestamp {
        place(record).and_then(|place| self.updated.get(place)).copied().unwrap_or(NEVER)
    }

    fn created(&self, record: u32) -> Timestamp {
        place(record).and_then(|place| self.created.get(place)).copied().unwrap_or(NEVER)
    }

    pub(super) fn skips(&self, record: u32) -> bool {
        matches!(self.verdicts.get(&record), Some(Verdict::Repeated { .. }))
    }

    pub(super) fn verdict(&self, record: u32) -> Option<&Verdict> {
        self.verdicts.get(&record)
    }

    /// Gives a record another id than the file's.
    pub(super) fn rename(&mut self, record: u32, to: String, ids: &mut Ids) {
        ids.rename(record, &to);
        self.verdicts.insert(record, Verdict::Renamed { to });
    }

    /// Decides; gives each shared id with the record that it leads to.
    pub(super) fn settle(&mut self, ids: &mut Ids) -> Vec<(Box<str>, u32)> {
        let mut groups: Vec<_> = std::mem::take(&mut self.groups).into_iter().collect();
        groups.sort_unstable();
        let mut leads = Vec::new();
        // Only where ids are shared can a new one be taken already.
        let mut taken: HashSet<Box<str>> =
            if groups.is_empty() { HashSet::new() } else { ids.entered().map(Box::from).collect() };
        for (id, records) in groups {
            let stay = self.of_one_id(&records);
            if let Some(first) = stay.first() {
                leads.push((id.clone(), *first));
            }
            for record in stay.into_iter().skip(1) {
                let fingerprint = self.fingerprint(record);
                let mut own =
                    format!("{}~{fingerprint:016x}", id.chars().take(ID_MAX - 40).collect::<String>());
                while !taken.insert(own.as_str().into()) {
                    own.push('~');
                }
                self.rename(record, own, ids);
            }
        }
        (self.fingerprints, self.created, self.updated) = (Vec::new(), Vec::new(), Vec::new());
        leads
    }

    /// The records that stay, the oldest thing first: which of them keeps the id must not hang on the order of the file,
    /// or another order would give it to another.
    fn of_one_id(&mut self, records: &[u32]) -> Vec<u32> {
        let mut stay: HashMap<u64, u32> = HashMap::new();
        for &record in records {
            let thing = self.fingerprint(record);
            let Some(&earlier) = stay.get(&thing) else {
                stay.insert(thing, record);
                continue;
            };
            let is_newer = self.updated(record) >= self.updated(earlier);
            let (winner, loser) = if is_newer { (record, earlier) } else { (earlier, record) };
            stay.insert(thing, winner);
            self.verdicts.insert(loser, Verdict::Repeated { by: winner });
        }
        // A record that lost to one which lost later is told of the last winner.
        for &record in records {
            let Some(Verdict::Repeated { by }) = self.verdicts.get(&record).cloned() else { continue };
            let mut last = by;
            while let Some(Verdict::Repeated { by }) = self.verdicts.get(&last) {
                last = *by;
            }
            self.verdicts.insert(record, Verdict::Repeated { by: last });
        }
        let mut stay: Vec<u32> = stay.into_values().collect();
        stay.sort_unstable_by_key(|record| (self.created(*record), self.fingerprint(*record)));
        stay
    }
}

fn place(record: u32) -> Option<usize> {
    usize::try_from(record).ok()?.checked_sub(1)
}
