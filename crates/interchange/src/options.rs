//! What the caller decides about an import.

use pm33_product::ItemType;
use pm33_tenancy::Timestamp;

/// Choices for an import.
#[derive(Clone, Debug)]
pub struct ImportOptions {
    /// The time of the import: goes into new ids; later dates are reported.
    pub now: Timestamp,
    /// Name of the origin in external ids.
    pub source: String,
    /// `owner/name` for records whose URL does not say it.
    pub repository: Option<String>,
    /// The type of an item whose record and labels name none.
    pub item_type: ItemType,
    /// Beginnings of labels that name the team, such as `team/` or `sig-`. After `/` and `:` the rest of the label is
    /// the team's name, else the whole label is.
    pub team_labels: Vec<String>,
    /// Bounds.
    pub limits: ImportLimits,
}

impl ImportOptions {
    /// The usual choices for a GitHub export.
    pub fn new(now: Timestamp) -> Self {
        let team_labels = ["team/", "team:", "squad/", "squad:", "sig/", "sig-"];
        Self {
            now,
            source: "github".to_owned(),
            repository: None,
            item_type: ItemType::Story,
            team_labels: team_labels.map(str::to_owned).to_vec(),
            limits: ImportLimits::default(),
        }
    }
}

/// Bounds of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportLimits {
    /// Largest file in bytes.
    pub bytes: usize,
    /// Most records.
    pub records: usize,
    /// Most different columns over all records.
    pub columns: usize,
    /// Most problems listed one by one; further ones are counted.
    pub problems: usize,
}

impl Default for ImportLimits {
    fn default() -> Self {
        Self { bytes: 64 * 1024 * 1024, records: 100_000, columns: 1_000, problems: 10_000 }
    }
}
