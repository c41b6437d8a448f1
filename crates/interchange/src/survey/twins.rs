//! Records with the external id of another.

use std::collections::{HashMap, HashSet};

use pm33_tenancy::Timestamp;

use crate::{github::ID_MAX, item::Draft, layout::Layout};

/// What becomes of a record that shares its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Another record of the same thing counts.
    Repeated { by: u32 },
    /// It is another thing, and gets an id of its own.
    Renamed { to: String },
}

#[derive(Clone, Copy, Debug)]
struct Facts {
    fingerprint: u64,
    updated: Option<Timestamp>,
}

/// Records by shared ids. Where a tracker gives the ids, one id is one thing, and the record that was updated last
/// counts, else the later one. A number without its repository may be several things: there, records that differ in
/// content all stay.
#[derive(Debug)]
pub(super) struct Twins {
    by_content: bool,
    facts: HashMap<u32, Facts>,
    groups: HashMap<Box<str>, Vec<u32>>,
    verdicts: HashMap<u32, Verdict>,
}

impl Twins {
    pub(super) fn new(layout: &Layout) -> Self {
        Self {
            by_content: matches!(layout, Layout::Github),
            facts: HashMap::new(),
            groups: HashMap::new(),
            verdicts: HashMap::new(),
        }
    }

    pub(super) fn first(&mut self, record: u32, draft: &Draft) {
        let facts = Facts { fingerprint: draft.fingerprint, updated: draft.imported.updated };
        self.facts.insert(record, facts);
    }

    pub(super) fn enter(&mut self, id: &str, earlier: u32, record: u32, draft: &Draft) {
        self.first(record, draft);
        self.groups.entry(id.into()).or_insert_with(|| vec![earlier]).push(record);
    }

    pub(super) fn skips(&self, record: u32) -> bool {
        matches!(self.verdicts.get(&record), Some(Verdict::Repeated { .. }))
    }

    pub(super) fn verdict(&self, record: u32) -> Option<&Verdict> {
        self.verdicts.get(&record)
    }

    /// Decides, and lets the ids lead to the records that stay.
    pub(super) fn settle(&mut self, by_id: &mut HashMap<Box<str>, u32>, ids: &mut HashMap<u32, Box<str>>) {
        let mut groups: Vec<_> = std::mem::take(&mut self.groups).into_iter().collect();
        groups.sort_unstable();
        let mut taken: HashSet<Box<str>> = HashSet::new();
        for (id, records) in groups {
            let stay = self.of_one_id(&records);
            if let Some(first) = stay.first() {
                by_id.insert(id.clone(), *first);
            }
            for record in stay.into_iter().skip(1) {
                let fingerprint = self.facts.get(&record).map_or(0, |facts| facts.fingerprint);
                let mut own =
                    format!("{}~{fingerprint:016x}", id.chars().take(ID_MAX - 40).collect::<String>());
                while by_id.contains_key(own.as_str()) || !taken.insert(own.as_str().into()) {
                    own.push('~');
                }
                ids.insert(record, own.as_str().into());
                self.verdicts.insert(record, Verdict::Renamed { to: own });
            }
        }
        self.facts = HashMap::new();
    }

    /// The records that stay, in the order of the file.
    fn of_one_id(&mut self, records: &[u32]) -> Vec<u32> {
        let mut stay: HashMap<u64, u32> = HashMap::new();
        for &record in records {
            let Some(facts) = self.facts.get(&record) else { continue };
            let thing = if self.by_content { facts.fingerprint } else { 0 };
            let Some(&earlier) = stay.get(&thing) else {
                stay.insert(thing, record);
                continue;
            };
            let before = self.facts.get(&earlier).and_then(|facts| facts.updated);
            let (winner, loser) = if facts.updated >= before { (record, earlier) } else { (earlier, record) };
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
        stay.sort_unstable();
        stay
    }
}
