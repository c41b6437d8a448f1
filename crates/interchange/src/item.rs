//! An item as an export tells of it: references are still ids and names of the origin.

use jiff::civil::Date;
use pm33_product::{External, NewItem};
use pm33_tenancy::Timestamp;

/// An item read from an export. What it refers to is resolved by whoever writes it.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportedItem {
    /// The item; `external` is always set, and references are not.
    pub item: NewItem,
    /// The team, by name.
    pub team_name: Option<String>,
    /// The item that holds it.
    pub parent: Option<External>,
    /// What must be finished first.
    pub blocked_by: Vec<ImportedNeed>,
    /// Items that have to do with it.
    pub related: Vec<External>,
    /// Whether it is put away.
    pub archival: Archival,
    /// The sprint that it is committed to.
    pub sprint: Option<ImportedSprint>,
    /// When it last changed, where the origin says so.
    pub updated: Option<Timestamp>,
    /// Where in the file it was, from 1.
    pub record: usize,
    /// What the file has of it.
    pub evidence: Evidence,
}

/// What must be finished before an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedNeed {
    /// The item that must be finished first.
    pub on: External,
    /// Working days between, where told.
    pub lag_days: Option<i32>,
}

/// Whether an item is put away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Archival {
    /// It is not, or nothing tells.
    No,
    /// Since this time.
    Since(Timestamp),
    /// It is, and nothing tells since when.
    Undated,
}

/// What a file has of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// A record.
    Record,
    /// Its name, in records of other items.
    Name,
}

/// A sprint as an export names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ImportedSprint {
    /// Its name.
    pub name: String,
    /// First day, where told.
    pub start: Option<Date>,
    /// Last day, where told.
    pub end: Option<Date>,
}

/// A record that became an item, with what it says of others.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) imported: ImportedItem,
    /// Fingerprint of what tells two records of one id apart.
    pub(crate) fingerprint: u64,
    /// Other ids that records use for it.
    pub(crate) other_ids: Vec<String>,
    /// Where it came from before, where that is not this file's origin.
    pub(crate) origin: Option<External>,
    /// The columns that name origin, parent, blockers and blocked, for what is to be said of them.
    pub(crate) origin_column: String,
    pub(crate) parent_column: String,
    pub(crate) blocked_by_column: String,
    pub(crate) blocks_column: String,
    /// The item that holds it, as the file names it.
    pub(crate) parent: Option<String>,
    /// What must be finished first, as the file names it, with working days between.
    pub(crate) blocked_by: Vec<(String, Option<i32>)>,
    /// Items that have to do with it, as the file names them.
    pub(crate) related: Vec<String>,
    /// Items that this one must be finished before.
    pub(crate) blocks: Vec<String>,
    /// An epic that is known by its name only, and is no record of the file.
    pub(crate) epic: Option<NamedEpic>,
}

/// An epic that records name and no record describes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NamedEpic {
    pub(crate) id: String,
    pub(crate) name: String,
}

impl Draft {
    /// A draft that refers to nothing.
    pub(crate) fn alone(item: NewItem, record: usize, fingerprint: u64) -> Self {
        let imported = ImportedItem {
            item,
            team_name: None,
            parent: None,
            blocked_by: Vec::new(),
            related: Vec::new(),
            archival: Archival::No,
            sprint: None,
            updated: None,
            record,
            evidence: Evidence::Record,
        };
        Self {
            imported,
            fingerprint,
            other_ids: Vec::new(),
            origin: None,
            origin_column: String::new(),
            parent_column: String::new(),
            blocked_by_column: String::new(),
            blocks_column: String::new(),
            parent: None,
            blocked_by: Vec::new(),
            related: Vec::new(),
            blocks: Vec::new(),
            epic: None,
        }
    }

    /// Its id in the origin.
    pub(crate) fn id(&self) -> &str {
        self.imported.item.external.as_ref().map_or("", |external| &external.id)
    }
}
