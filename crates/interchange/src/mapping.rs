//! Which column holds which field, and how words of the origin read here: the data that a table is read by. The shipped
//! mappings and a caller's own are written alike, in TOML.

mod columns;
mod shipped;

use std::collections::BTreeMap;

use pm33_product::{ItemType, Priority, Status};
use serde::Deserialize;

use crate::{InterchangeError, row::Customs};
pub use columns::{Columns, FieldColumns};
pub(crate) use shipped::shipped;

/// How a table, or flat JSON records, are read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// What people call the format.
    pub title: String,
    /// Name of the origin in external ids, 1 to 50 characters.
    pub source: String,
    /// Columns that a file of this format always has; it is known by them.
    #[serde(default)]
    pub detect: Vec<String>,
    /// Type of an item whose record names none.
    #[serde(default)]
    pub item_type: Option<ItemType>,
    /// Whether an item with a finishing date is done whatever its status says.
    #[serde(default)]
    pub done_by_date: bool,
    /// Columns of each field, the first with content counts.
    pub fields: FieldColumns,
    /// Whether an apostrophe stands before cells that begin like a formula.
    #[serde(default)]
    pub disarmed_formulas: bool,
    /// Custom fields whose name has this around it lose it: `Custom field (…)`.
    #[serde(default)]
    pub custom_prefix: Option<String>,
    /// The same for custom fields that hold a number.
    #[serde(default)]
    pub custom_number_prefix: Option<String>,
    /// The same for custom fields that hold a list.
    #[serde(default)]
    pub custom_list_prefix: Option<String>,
    /// Words for statuses.
    #[serde(default)]
    pub statuses: BTreeMap<String, Status>,
    /// Words for types.
    #[serde(default)]
    pub types: BTreeMap<String, ItemType>,
    /// Words for priorities.
    #[serde(default)]
    pub priorities: BTreeMap<String, Priority>,
    /// Columns that are counted per item in a custom field of the given name; their texts are not kept.
    #[serde(default)]
    pub counted: BTreeMap<String, String>,
    /// Columns that are not kept, with the reason.
    #[serde(default)]
    pub dropped: BTreeMap<String, String>,
}

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// [`InterchangeError::BadMapping`] with the place, and what is allowed there.
    pub fn parse(text: &str) -> Result<Self, InterchangeError> {
        let bad = |what: String| InterchangeError::BadMapping { what };
        let mapping: Self = toml::from_str(text).map_err(|error| bad(error.to_string().trim().to_owned()))?;
        if !(1..=50).contains(&mapping.source.chars().count()) {
            return Err(bad("source must be 1 to 50 characters".to_owned()));
        }
        if mapping.fields.title.is_empty() && mapping.fields.levels.is_empty() {
            return Err(bad("[fields] must name the column of the title".to_owned()));
        }
        Ok(mapping)
    }

    /// What stands before the names of custom fields.
    pub(crate) fn customs(&self) -> Customs {
        Customs {
            text: self.custom_prefix.clone(),
            number: self.custom_number_prefix.clone(),
            list: self.custom_list_prefix.clone(),
        }
    }

    /// The columns that a file must have to be read by this mapping.
    pub(crate) fn missing<'m>(&'m self, columns: &[String]) -> Vec<&'m str> {
        let has = |name: &str| columns.iter().any(|column| column == name);
        let mut missing: Vec<&str> =
            self.detect.iter().map(String::as_str).filter(|name| !has(name)).collect();
        let titles = self.fields.title.names().chain(self.fields.levels.names());
        if !titles.clone().any(has) {
            missing.extend(titles.take(1).filter(|name| !self.detect.iter().any(|known| known == name)));
        }
        missing
    }

    /// How many of a file's columns it knows.
    pub(crate) fn known(&self, columns: &[String]) -> usize {
        columns.iter().filter(|column| self.becomes(column).is_some()).count()
    }

    /// What becomes of a column, in words; `None` when the mapping does not name it.
    pub(crate) fn becomes(&self, column: &str) -> Option<String> {
        let fields: Vec<&str> = self
            .fields
            .all()
            .filter(|(_, columns)| columns.names().any(|name| name == column))
            .map(|(field, _)| field)
            .collect();
        if !fields.is_empty() {
            return Some(fields.join(", "));
        }
        if let Some(name) = self.counted.get(column) {
            return Some(format!("counted in the custom field {name}; the texts are dropped"));
        }
        self.dropped.get(column).map(|reason| format!("dropped: {reason}"))
    }
}

/// A word of the origin in a table of words, in any case.
pub(crate) fn word<T: Copy>(words: &BTreeMap<String, T>, word: &str) -> Option<T> {
    words
        .iter()
        .find(|(known, _)| known.trim().to_lowercase() == word.trim().to_lowercase())
        .map(|(_, value)| *value)
}
