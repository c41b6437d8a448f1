//! What a check of an audit log can find.

use std::fmt;

/// One defect of a log: a row, or a run of rows that have it in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Break {
    /// Number of the row, or of the first of a run.
    pub seq: u64,
    /// Number of the last of the run; the same for one row.
    pub last: u64,
    /// What is wrong.
    pub kind: BreakKind,
}

impl Break {
    /// A defect of one row.
    pub(super) fn at(seq: u64, kind: BreakKind) -> Self {
        Self { seq, last: seq, kind }
    }
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BreakKind {
    /// A value of the row is not what was recorded: its content does not give its hash.
    Edited,
    /// The row cannot be read as a row any more.
    Unreadable,
    /// The personal side row is not the one that was recorded. One that is gone was erased, and is no defect.
    Personal,
    /// The row stands in another row's place.
    Swapped,
    /// A row too many: its number is taken, is below the log's beginning, or lies after the signed head.
    Inserted,
    /// The first rows are gone and no anchor says that they were removed by the retention rule.
    MissingFirst,
    /// Rows between others are gone.
    MissingMiddle,
    /// The newest rows are gone: the signed head is of a later one.
    MissingLast,
    /// The row is sound and does not follow the one before: that one was replaced, or rows were taken out and all later
    /// ones numbered and hashed anew.
    Unlinked,
    /// Rows are there and no head says where they end.
    HeadLost,
    /// The chain ends in another hash than a head that was signed, or its head is not signed with the deployment's key:
    /// it was made anew without the key, or another history was put in its place.
    Rechained,
    /// Less than a head that had left the machine: the log was cut, or an old copy was put back.
    Truncated,
    /// The note of removed rows is not signed with the deployment's key, or does not fit the one before.
    Anchor,
}

impl BreakKind {
    /// The word for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Edited => "edited",
            Self::Unreadable => "unreadable",
            Self::Personal => "personal_side_changed",
            Self::Swapped => "swapped",
            Self::Inserted => "inserted",
            Self::MissingFirst => "missing_first",
            Self::MissingMiddle => "missing_middle",
            Self::MissingLast => "missing_last",
            Self::Unlinked => "unlinked",
            Self::HeadLost => "head_lost",
            Self::Rechained => "rechained_without_key",
            Self::Truncated => "truncated",
            Self::Anchor => "anchor_not_ours",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Edited => "edited: the content does not give the stored hash",
            Self::Unreadable => "cannot be read as a row",
            Self::Personal => "the personal side row was changed",
            Self::Swapped => "stands in another row's place",
            Self::Inserted => "inserted: the number is taken, removed, or after the signed head",
            Self::MissingFirst => {
                "missing from the beginning, and no signed anchor says that they were removed"
            }
            Self::MissingMiddle => "missing",
            Self::MissingLast => "missing from the end: the signed head is of a later row",
            Self::Unlinked => "does not follow the row before: that one was replaced, or rows were taken out",
            Self::HeadLost => "no head says where the log ends",
            Self::Rechained => {
                "not what was signed: the chain was made anew without the key, or another history put in its place"
            }
            Self::Truncated => {
                "known from a head that had left the machine, and gone: cut off, or an old copy"
            }
            Self::Anchor => "the note of removed rows is not ours or does not fit",
        }
    }
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.seq == self.last {
            write!(f, "row {}: {}", self.seq, self.kind.words())
        } else {
            write!(f, "rows {} to {}: {}", self.seq, self.last, self.kind.words())
        }
    }
}
