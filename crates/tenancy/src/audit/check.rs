//! The offline check of an exported log, line by line in constant memory.

use super::{AuditKeys, Break, BreakKind, ChainHead, ExportLine, StoredRow, Walk, export::read_line};
use crate::{Digest, TenantId};

/// A check of one export, in one file or in parts that follow each other.
pub struct ExportCheck<'k> {
    keys: Option<&'k AuditKeys>,
    known: Vec<ChainHead>,
    /// The row that the first part is expected to go on after.
    after: u64,
    walk: Option<(TenantId, Walk<'k>)>,
    /// Lines that could not be read since the last row.
    unread: u64,
    head: Option<(ChainHead, Digest)>,
    breaks: Vec<Break>,
}

/// What a check came to.
#[derive(Debug)]
pub struct Checked {
    /// Whose log; `None` when no line could be read.
    pub tenant: Option<TenantId>,
    /// Rows that were looked at.
    pub rows: u64,
    /// Where the log ends by its last line.
    pub head: Option<ChainHead>,
    /// What was found and not taken yet.
    pub breaks: Vec<Break>,
}

impl<'k> ExportCheck<'k> {
    /// A check that has seen nothing. Without keys signatures are not checked; `known` are heads that had left the
    /// machine, whose signatures the caller has checked; `after` is the row that the export goes on after, 0 for all.
    pub fn new(keys: Option<&'k AuditKeys>, known: Vec<ChainHead>, after: u64) -> Self {
        Self { keys, known, after, walk: None, unread: 0, head: None, breaks: Vec::new() }
    }

    fn walk(&mut self, tenant: TenantId) -> &mut Walk<'k> {
        let (keys, known) = (self.keys, &mut self.known);
        let (_, walk) =
            self.walk.get_or_insert_with(|| (tenant, Walk::new(tenant, keys, std::mem::take(known))));
        walk
    }

    /// Looks at the next line, without its end; `None` is one that is no text or is longer than any line.
    pub fn line(&mut self, text: Option<&str>) {
        self.read(text.and_then(read_line));
    }

    /// Looks at the next line as it was read; `None` is one that cannot be.
    pub(super) fn read(&mut self, line: Option<ExportLine>) {
        let Some(line) = line else {
            self.unread += 1;
            let last = self.walk.as_ref().map_or(0, |(_, walk)| walk.seq());
            self.breaks.push(Break::at(last.saturating_add(self.unread), BreakKind::Unreadable));
            return;
        };
        match line {
            ExportLine::Start(start) => {
                let (is_first, after) = (self.walk.is_none(), self.after);
                let passed = self.head.take();
                let walk = self.walk(start.tenant);
                if let Some((head, signature)) = passed {
                    walk.pass(&head, &signature);
                }
                if is_first && start.after != after {
                    let kind = BreakKind::MissingFirst;
                    self.breaks.push(Break { seq: 1, last: start.after.max(1), kind });
                }
                self.walk(start.tenant).resume(start.after, start.hash);
            }
            ExportLine::Anchor(anchor, signature) => self.walk(anchor.tenant).anchor(&anchor, &signature),
            ExportLine::Row(row) => {
                let unread = std::mem::take(&mut self.unread);
                let walk = self.walk(row.row.tenant);
                walk.skip_unread(unread, row.seq);
                walk.row(&StoredRow::Read(row));
            }
            ExportLine::Unreadable { seq } => {
                self.unread = 0;
                if let Some((_, walk)) = &mut self.walk {
                    walk.row(&StoredRow::Unreadable { seq });
                } else {
                    self.breaks.push(Break::at(seq, BreakKind::Unreadable));
                }
            }
            ExportLine::Head(head, signature) => {
                let unread = std::mem::take(&mut self.unread);
                self.walk(head.tenant).skip_unread(unread, head.seq.saturating_add(1));
                self.head = Some((head, signature));
            }
        }
    }

    /// Takes the defects found so far, so that a long list need not lie in memory.
    pub fn take_breaks(&mut self) -> Vec<Break> {
        let mut breaks = std::mem::take(&mut self.breaks);
        if let Some((_, walk)) = &mut self.walk {
            breaks.append(&mut walk.take_breaks());
        }
        breaks
    }

    /// Ends the check.
    #[must_use]
    pub fn end(mut self) -> Checked {
        let mut breaks = self.take_breaks();
        let head = self.head.map(|(head, _)| head);
        let Some((tenant, walk)) = self.walk else {
            let known = self.known.iter().map(|head| head.seq).max();
            breaks.extend(known.map(|last| Break { seq: 1, last, kind: BreakKind::Truncated }));
            return Checked { tenant: None, rows: 0, head, breaks };
        };
        let rows = walk.rows();
        breaks.append(&mut walk.end(self.head));
        Checked { tenant: Some(tenant), rows, head, breaks }
    }
}
