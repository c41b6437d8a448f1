//! The loss report: what became of every record and every column of a file.

mod remark;
mod table;
mod tally;

use pm33_text::Removals;
use serde::Serialize;

use crate::Format;
pub(crate) use remark::Remark;
pub(crate) use table::shorten;
pub(crate) use tally::Tally;

/// What became of a file. `totals.read` is `totals.made` plus `totals.skipped`; of each column, `seen` is the sum of
/// `used`, `kept`, `dropped` and `empty`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LossReport {
    /// The format it was read as.
    pub format: Format,
    /// How dates were read, and what else holds for whole columns.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Counts of records.
    pub totals: Totals,
    /// Every column that occurs, in order of appearance; `labels.color` is a part of `labels`.
    pub columns: Vec<ColumnReport>,
    /// What is to be known of single records, in the order of the file.
    pub problems: Vec<Problem>,
    /// Problems beyond those listed.
    pub problems_unlisted: usize,
    /// Hidden characters that were removed on the way in.
    pub removed: Removals,
}

/// Counts of records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Records in the file.
    pub read: usize,
    /// Records that became items.
    pub made: usize,
    /// Epics that records name and no record describes; each became an item too.
    pub epics: usize,
    /// Records that did not; a problem says why.
    pub skipped: usize,
    /// Warnings on records that became items or not.
    pub warnings: usize,
}

/// What became of a column's cells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ColumnReport {
    /// Its name.
    pub name: String,
    /// What becomes of it, in words.
    pub becomes: String,
    /// Cells.
    pub seen: usize,
    /// Cells that went into fields of items.
    pub used: usize,
    /// Cells kept as custom fields.
    pub kept: usize,
    /// Cells lost: of skipped records, or without a place.
    pub dropped: usize,
    /// Cells without content.
    pub empty: usize,
}

/// Something to be known of one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The record's place in the file, from 1.
    pub record: usize,
    /// The line of the file that the record begins on, from 1, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The column, unless the whole record is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Whether the record is lost by it.
    pub outcome: Outcome,
    /// What is wrong, what is allowed, what was done.
    pub message: String,
    /// The value, shortened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// What a problem does to its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The item is made.
    Warning,
    /// No item is made of this record.
    Skipped,
}

/// What became of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Used,
    Kept,
    Dropped,
    Empty,
}
