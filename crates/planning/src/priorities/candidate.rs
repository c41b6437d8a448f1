//! What is ranked: an item's scoring inputs, what it waits for, and what the strategy adds.

use jiff::civil::Date;
use pm33_product::{ItemId, Priority, Scoring};

/// One item to be ranked.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The item.
    pub id: ItemId,
    /// Its number; unique among the candidates, the last tie-break.
    pub number: u32,
    /// Declared priority.
    pub priority: Priority,
    /// Scoring inputs; each may be missing.
    pub scoring: Scoring,
    /// Story points, for a size where no job size is given.
    pub points: Option<f64>,
    /// Forecast duration in working days; stands for the size when every candidate has one.
    pub duration_days: Option<f64>,
    /// To be finished by.
    pub due: Option<Date>,
    /// Places in the list of the open items that must be finished first.
    pub blocked_by: Vec<usize>,
    /// How far it serves the active objectives, 0 to 1; `None` where nothing is linked.
    pub alignment: Option<f64>,
    /// The greatest competitive threat that it answers, 0 to 1; `None` where none is linked.
    pub threat: Option<f64>,
}

impl Candidate {
    /// The most that alignment and threat each add to the value: a quarter of it.
    pub const BOOST: f64 = 0.25;

    /// What the strategy multiplies the value by, at least 1: `1 + 0.25 × alignment + 0.25 × threat`.
    pub fn boost(&self) -> f64 {
        let part = |factor: Option<f64>| factor.filter(|one| one.is_finite()).unwrap_or(0.0).clamp(0.0, 1.0);
        1.0 + Self::BOOST * (part(self.alignment) + part(self.threat))
    }
}
