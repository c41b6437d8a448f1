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
    /// By the record's place.
    facts: Vec<Facts>,
    groups: HashMap<Box<str>, Vec<u32>>,
    verdicts: HashMap<u32, Verdict>,
}

impl Twins {
    pub(super) fn new(layout: &Layout) -> Self {
        Self {
            by_content: matches!(layout, Layout::Github),
            facts: Vec::new(),
            groups: HashMap::new(),
            verdicts: HashMap::new(),
        }
    }

    /// Enters a record; its facts are needed only if another has its id.
    pub(super) fn first(&mut self, draft: &Draft) {
        self.facts.push(Facts { fingerprint: draft.fingerprint, updated: draft.imported.updated });
    }

    /// Enters a record that gives no item.
    pub(super) fn first_none(&mut self) {
        self.facts.push(Facts { fingerprint: 0, updated: None });
    }

    /// Notes that two records have one id.
    pub(super) fn enter(&mut self, id: &str, earlier: u32, record: u32) {
        self.groups.entry(id.into()).or_insert_with(|| vec![earlier]).push(record);
    }

    fn facts(&self, record: u32) -> Option<Facts> {
        self.facts.get(usize::try_from(record).ok()?.checked_sub(1)?).copied()
    }

    pub(super) fn skips(&self, record: u32) -> bool {
        matches!(self.verdicts.get(&record), Some(Verdict::Repeated { .. }))
    }

    pub(super) fn verdict(&self, record: u32) -> Option<&Verdict> {
        self.verdicts.get(&record)
    }

    /// Decides; gives each shared id with the record that it leads to.
    pub(super) fn settle(&mut self, ids: &mut [Box<str>]) -> Vec<(Box<str>, u32)> {
        let mut groups: Vec<_> = std::mem::take(&mut self.groups).into_iter().collect();
        groups.sort_unstable();
        let mut leads = Vec::new();
        // Only where ids are shared can a new one be taken already.
        let mut taken: HashSet<Box<str>> =
            if groups.is_empty() { HashSet::new() } else { ids.iter().cloned().collect() };
        for (id, records) in groups {
            let stay = self.of_one_id(&records);
            if let Some(first) = stay.first() {
                leads.push((id.clone(), *first));
            }
            for record in stay.into_iter().skip(1) {
                let fingerprint = self.facts(record).map_or(0, |facts| facts.fingerprint);
                let mut own =
                    format!("{}~{fingerprint:016x}", id.chars().take(ID_MAX - 40).collect::<String>());
                while !taken.insert(own.as_str().into()) {
                    own.push('~');
                }
                if let Some(place) = ids.get_mut((record - 1) as usize) {
                    *place = own.as_str().into();
                }
                self.verdicts.insert(record, Verdict::Renamed { to: own });
            }
        }
        self.facts = Vec::new();
        leads
    }

    /// The records that stay, in the order of the file.
    fn of_one_id(&mut self, records: &[u32]) -> Vec<u32> {
        let mut stay: HashMap<u64, u32> = HashMap::new();
        for &record in records {
            let Some(facts) = self.facts(record) else { continue };
            let thing = if self.by_content { facts.fingerprint } else { 0 };
            let Some(&earlier) = stay.get(&thing) else {
                stay.insert(thing, record);
                continue;
            };
            let before = self.facts(earlier).and_then(|facts| facts.updated);
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
