//! What the caller decides about an import.

use std::collections::BTreeMap;

use jiff::tz::Offset;
use pm33_product::{ItemType, Status};
use pm33_tenancy::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Format, Mapping};

/// Choices for an import.
#[derive(Clone, Debug)]
pub struct ImportOptions {
    /// The time of the import: goes into new ids; later dates are reported.
    pub now: Timestamp,
    /// The format; `None` finds it by the columns.
    pub format: Option<Format>,
    /// A mapping of the caller's own, which goes before every known format.
    pub mapping: Option<Mapping>,
    /// Name of the origin in external ids; `None` is the format's own.
    pub source: Option<String>,
    /// `owner/name` for GitHub records whose URL does not say it.
    pub repository: Option<String>,
    /// The type of an item whose record names none.
    pub item_type: ItemType,
    /// Beginnings of GitHub labels that name the team, such as `team/` or `sig-`. After `/` and `:` the rest of the
    /// label is the team's name, else the whole label is.
    pub team_labels: Vec<String>,
    /// The workspace's own words for statuses; a mapping's go before them, the usual ones of trackers after.
    pub statuses: BTreeMap<String, Status>,
    /// How dates such as 03/04/2024 are read; `None` refuses those that can be read in two ways.
    pub date_order: Option<DateOrder>,
    /// The offset of times that state none.
    pub offset: Offset,
    /// Bounds.
    pub limits: ImportLimits,
}

impl ImportOptions {
    /// The usual choices.
    pub fn new(now: Timestamp) -> Self {
        let team_labels = ["team/", "team:", "squad/", "squad:", "sig/", "sig-"];
        Self {
            now,
            format: None,
            mapping: None,
            source: None,
            repository: None,
            item_type: ItemType::Story,
            team_labels: team_labels.map(str::to_owned).to_vec(),
            statuses: BTreeMap::new(),
            date_order: None,
            offset: Offset::UTC,
            limits: ImportLimits::default(),
        }
    }
}

/// Which of day and month stands first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DateOrder {
    /// 31/12/2024.
    DayFirst,
    /// 12/31/2024.
    MonthFirst,
}

/// Bounds of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportLimits {
    /// Largest file in bytes.
    pub bytes: u64,
    /// Most records.
    pub records: usize,
    /// Most different columns over all records.
    pub columns: usize,
    /// Longest cell in bytes; a record with a longer one is skipped.
    pub cell: usize,
    /// Most problems listed one by one; further ones are counted.
    pub problems: usize,
}

impl Default for ImportLimits {
    fn default() -> Self {
        Self { bytes: 1 << 30, records: 1_000_000, columns: 1_000, cell: 1 << 20, problems: 10_000 }
    }
}

impl ImportLimits {
    /// The bounds of a text that comes with a tool call: 1 MiB and 2,000 records.
    pub fn of_a_call() -> Self {
        Self { bytes: 1 << 20, records: 2_000, columns: 1_000, cell: 1 << 18, problems: 100 }
    }
}
