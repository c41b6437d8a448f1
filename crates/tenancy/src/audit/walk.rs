//! The check of a log, row by row in constant memory: every defect with its kind, and nothing that is none. The database
//! and an exported file are checked by the same walk.

use std::collections::BTreeMap;

use super::{Anchor, AuditKeys, AuditRow, Break, BreakKind, ChainHead, PersonalRow, row::commitment};
use crate::{Digest, TenantId};

/// Runs of missing rows that are kept open at once, because a row may still be found out of its place.
const GAPS: usize = 4_096;
/// How far a row is looked for from its place when its content does not fit its number.
const NEAR: u64 = 16;

/// A row as it is stored: with its number, its hash and the hash of the row before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainedRow {
    /// Number.
    pub seq: u64,
    /// Hash of the row before, as stored.
    pub previous: Digest,
    /// Hash of this row, as stored.
    pub hash: Digest,
    /// The row.
    pub row: AuditRow,
    /// Its personal side; `None` when it was erased or left out.
    pub personal: Option<PersonalRow>,
}

/// A stored row, or the number of one that cannot be read.
#[derive(Clone, Debug)]
pub enum StoredRow {
    /// Readable.
    Read(Box<ChainedRow>),
    /// Not readable.
    Unreadable {
        /// Its number.
        seq: u64,
    },
}

impl StoredRow {
    /// Its number.
    pub fn seq(&self) -> u64 {
        match self {
            Self::Read(row) => row.seq,
            Self::Unreadable { seq } => *seq,
        }
    }
}

/// A run of numbers that did not come, with the hashes on both sides.
struct Gap {
    first: u64,
    last: u64,
    before: Option<Digest>,
    after: Option<Digest>,
}

/// A walk over one tenant's log.
pub struct Walk<'k> {
    tenant: TenantId,
    keys: Option<&'k AuditKeys>,
    /// Hashes that heads outside the database name, by number.
    known: BTreeMap<u64, Digest>,
    /// Where the walk is. The hash is `None` after a row whose own hash is in doubt.
    seq: u64,
    hash: Option<Digest>,
    /// The number below which rows were removed.
    removed: u64,
    has_begun: bool,
    rows: u64,
    gaps: Vec<Gap>,
    breaks: Vec<Break>,
}

impl<'k> Walk<'k> {
    /// Begins at the start of a tenant's log. Without keys signatures are not checked; `known` are heads that had left
    /// the machine, whose signatures the caller has checked.
    pub fn new(
        tenant: TenantId,
        keys: Option<&'k AuditKeys>,
        known: impl IntoIterator<Item = ChainHead>,
    ) -> Self {
        let known = known.into_iter().filter(|head| head.tenant == tenant && head.seq > 0);
        Self {
            tenant,
            keys,
            known: known.map(|head| (head.seq, head.hash)).collect(),
            seq: 0,
            hash: Some(Digest::default()),
            removed: 0,
            has_begun: false,
            rows: 0,
            gaps: Vec::new(),
            breaks: Vec::new(),
        }
    }

    /// Rows that were looked at.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Number of the last row in order.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// Goes over rows that were told of as unreadable, when the next row's number leaves room for them.
    pub(super) fn skip_unread(&mut self, lines: u64, next: u64) {
        let room = next.saturating_sub(self.seq.saturating_add(1));
        if lines > 0 && room > 0 {
            let seq = self.seq.saturating_add(room.min(lines));
            self.advance(seq, None);
        }
    }

    /// Takes the defects found so far, so that a long list need not lie in memory.
    pub fn take_breaks(&mut self) -> Vec<Break> {
        std::mem::take(&mut self.breaks)
    }

    fn tell(&mut self, seq: u64, kind: BreakKind) {
        self.breaks.push(Break::at(seq, kind));
    }

    fn tell_run(&mut self, seq: u64, last: u64, kind: BreakKind) {
        self.breaks.push(Break { seq, last, kind });
    }

    /// Goes over a note of removed rows; before the first row, in order.
    pub fn anchor(&mut self, anchor: &Anchor, signature: &Digest) {
        let follows = anchor.from == self.seq.saturating_add(1)
            && anchor.to >= anchor.from
            && anchor.rows == anchor.to - anchor.from + 1
            && anchor.tenant == self.tenant;
        let is_ours = self.keys.is_none_or(|keys| keys.is_anchor_signed(anchor, signature));
        if !follows || !is_ours {
            self.tell_run(anchor.from, anchor.to, BreakKind::Anchor);
            // What is not ours removes nothing: the rows are missing.
            return;
        }
        (self.seq, self.hash, self.removed) = (anchor.to, Some(anchor.hash), anchor.to);
        self.compare_known();
    }

    /// Goes on after a row that is not among those that come: a log that was exported in parts.
    pub fn resume(&mut self, after: u64, hash: Digest) {
        if after == self.seq {
            if self.hash.is_some_and(|own| own != hash) {
                self.tell(after, BreakKind::Unlinked);
            }
        } else if !self.has_begun && after > self.seq {
            (self.seq, self.hash, self.removed) = (after, Some(hash), after);
            self.compare_known();
        }
    }

    /// Looks at the next row in stored order.
    pub fn row(&mut self, stored: &StoredRow) {
        self.rows += 1;
        match stored {
            StoredRow::Unreadable { seq } => {
                self.tell(*seq, BreakKind::Unreadable);
                if *seq > self.seq {
                    self.open_gap(*seq, None);
                    self.advance(*seq, None);
                } else {
                    self.take_from_gap(*seq);
                }
            }
            StoredRow::Read(row) => self.chained(row),
        }
    }

    fn fits(&self, row: &ChainedRow, seq: u64) -> bool {
        let base = ChainHead { tenant: self.tenant, seq: seq.wrapping_sub(1), hash: row.previous };
        seq > 0 && base.next(&row.row).hash == row.hash && row.row.tenant == self.tenant
    }

    fn chained(&mut self, row: &ChainedRow) {
        let expected = self.seq.saturating_add(1);
        let mut seq = row.seq;
        let is_sound = self.fits(row, seq);
        if !is_sound {
            // A number that was changed: the row is the one that is expected.
            let is_renumbered = seq != expected && self.fits(row, expected);
            let is_elsewhere = !is_renumbered && self.is_from_near(row);
            self.tell(seq, if is_elsewhere { BreakKind::Swapped } else { BreakKind::Edited });
            if is_renumbered {
                seq = expected;
            }
        }
        if row.personal.as_ref().is_some_and(|personal| commitment(personal) != row.row.personal) {
            self.tell(row.seq, BreakKind::Personal);
        }
        if seq <= self.seq {
            self.out_of_order(seq, is_sound.then_some(row));
            return;
        }
        let previous = is_sound.then_some(row.previous);
        if seq == expected {
            if let (Some(own), Some(named)) = (self.hash, previous)
                && own != named
            {
                self.tell(seq, BreakKind::Unlinked);
            }
        } else {
            self.open_gap(seq, previous);
        }
        self.advance(seq, is_sound.then_some(row.hash));
        self.compare_known();
    }

    /// Whether a row whose content does not fit its number is one of its neighbours.
    fn is_from_near(&self, row: &ChainedRow) -> bool {
        let from = row.seq.saturating_sub(NEAR).max(1);
        (from..=row.seq.saturating_add(NEAR)).any(|seq| seq != row.seq && self.fits(row, seq))
    }

    fn advance(&mut self, seq: u64, hash: Option<Digest>) {
        (self.seq, self.hash, self.has_begun) = (seq, hash, true);
    }

    fn open_gap(&mut self, seq: u64, after: Option<Digest>) {
        if seq == self.seq.saturating_add(1) {
            return;
        }
        if self.gaps.len() >= GAPS {
            let oldest = self.gaps.remove(0);
            self.close_gap(&oldest);
        }
        self.gaps.push(Gap { first: self.seq + 1, last: seq - 1, before: self.hash, after });
    }

    /// A row that comes after a later one: it was missed before, or there is one too many.
    fn out_of_order(&mut self, seq: u64, sound: Option<&ChainedRow>) {
        let Some((before, after)) = self.take_from_gap(seq) else {
            self.tell(seq, BreakKind::Inserted);
            return;
        };
        let Some(row) = sound else { return };
        self.tell(seq, BreakKind::Swapped);
        let is_linked =
            before.is_none_or(|hash| hash == row.previous) && after.is_none_or(|hash| hash == row.hash);
        if !is_linked {
            self.tell(seq, BreakKind::Unlinked);
        }
    }

    /// Takes a number out of the gap that it lies in; the hashes beside it, as far as they are known.
    fn take_from_gap(&mut self, seq: u64) -> Option<(Option<Digest>, Option<Digest>)> {
        let at = self.gaps.iter().position(|gap| (gap.first..=gap.last).contains(&seq))?;
        let gap = self.gaps.remove(at);
        let before = gap.before.filter(|_| seq == gap.first);
        let after = gap.after.filter(|_| seq == gap.last);
        let mut parts = Vec::new();
        if seq > gap.first {
            parts.push(Gap { first: gap.first, last: seq - 1, before: gap.before, after: None });
        }
        if seq < gap.last {
            parts.push(Gap { first: seq + 1, last: gap.last, before: None, after: gap.after });
        }
        self.gaps.splice(at..at, parts);
        Some((before, after))
    }

    fn close_gap(&mut self, gap: &Gap) {
        let is_first = gap.first == self.removed.saturating_add(1);
        let kind = if is_first { BreakKind::MissingFirst } else { BreakKind::MissingMiddle };
        self.tell_run(gap.first, gap.last, kind);
    }

    /// Compares the place with a head that had left the machine.
    fn compare_known(&mut self) {
        let known = self.known.get(&self.seq);
        if let (Some(known), Some(own)) = (known, self.hash)
            && *known != own
        {
            self.tell(self.seq, BreakKind::Rechained);
        }
    }

    /// Goes over the head of a part, with its signature; more may follow.
    pub fn pass(&mut self, head: &ChainHead, signature: &Digest) {
        self.compare_head(head, signature);
    }

    /// Ends the walk at the stored head with its signature; what was found and not taken yet.
    #[must_use]
    pub fn end(mut self, head: Option<(ChainHead, Digest)>) -> Vec<Break> {
        for gap in std::mem::take(&mut self.gaps) {
            self.close_gap(&gap);
        }
        match head {
            Some((head, signature)) => self.compare_head(&head, &signature),
            None if self.seq > 0 => self.tell(self.seq, BreakKind::HeadLost),
            None => {}
        }
        if let Some((&last, _)) = self.known.last_key_value()
            && last > self.seq
        {
            self.tell_run(self.seq + 1, last, BreakKind::Truncated);
        }
        self.breaks
    }

    fn compare_head(&mut self, head: &ChainHead, signature: &Digest) {
        let is_ours =
            head.tenant == self.tenant && self.keys.is_none_or(|keys| keys.is_signed(head, signature));
        if !is_ours {
            self.tell(head.seq, BreakKind::Rechained);
        }
        if head.seq > self.seq {
            self.tell_run(self.seq + 1, head.seq, BreakKind::MissingLast);
        } else if head.seq < self.seq {
            self.tell_run(head.seq + 1, self.seq, BreakKind::Inserted);
        } else if is_ours && self.hash.is_some_and(|own| own != head.hash) {
            self.tell(head.seq, BreakKind::Rechained);
        }
    }
}
