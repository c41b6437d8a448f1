//! What a schedule is judged by.

use std::cmp::Ordering;

/// A schedule's value; smaller is better, in the order of the fields.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Value {
    /// Sum over activities with a due date of cost of delay × units late.
    pub tardiness: f64,
    /// When the last activity finishes.
    pub makespan: usize,
    /// Sum of cost of delay × finish, over all activities: breaks ties, what matters more comes earlier.
    pub waiting: f64,
}

impl Value {
    /// Compares two values, better first.
    pub fn order(&self, other: &Self) -> Ordering {
        self.tardiness
            .total_cmp(&other.tardiness)
            .then(self.makespan.cmp(&other.makespan))
            .then(self.waiting.total_cmp(&other.waiting))
    }

    /// Whether this one is strictly better.
    pub fn beats(&self, other: &Self) -> bool {
        self.order(other) == Ordering::Less
    }
}
