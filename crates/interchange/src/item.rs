//! An item as an export tells of it: references are still ids and names of the origin.

use jiff::civil::Date;
use pm33_product::NewItem;
use pm33_tenancy::Timestamp;

/// An item read from an export. What it refers to is resolved by whoever writes it.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportedItem {
    /// The item; `external` is always set, and references are not.
    pub item: NewItem,
    /// The team, by name.
    pub team_name: Option<String>,
    /// The item that holds it: its id in the same origin.
    pub parent: Option<String>,
    /// What must be finished first: ids in the same origin.
    pub blocked_by: Vec<String>,
    /// The sprint that it is committed to.
    pub sprint: Option<ImportedSprint>,
    /// When it last changed, where the origin says so.
    pub updated: Option<Timestamp>,
    /// Where in the file it was, from 1.
    pub record: usize,
    /// What the file has of it.
    pub evidence: Evidence,
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
    /// The columns that name parent, blockers and blocked, for what is to be said of them.
    pub(crate) parent_column: String,
    pub(crate) blocked_by_column: String,
    pub(crate) blocks_column: String,
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
            sprint: None,
            updated: None,
            record,
            evidence: Evidence::Record,
        };
        Self {
            imported,
            fingerprint,
            other_ids: Vec::new(),
            parent_column: String::new(),
            blocked_by_column: String::new(),
            blocks_column: String::new(),
            blocks: Vec::new(),
            epic: None,
        }
    }

    /// Its id in the origin.
    pub(crate) fn id(&self) -> &str {
        self.imported.item.external.as_ref().map_or("", |external| &external.id)
    }
}
