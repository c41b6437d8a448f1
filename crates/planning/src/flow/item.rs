//! What flow metrics need to know of an item and of a sprint.

use jiff::civil::Date;
use pm33_product::Status;
use pm33_tenancy::Timestamp;

/// An item of the team.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowItem {
    /// What people call it.
    pub key: String,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// When work on it began.
    pub started: Option<Timestamp>,
    /// When it was over, done or cancelled.
    pub ended: Option<Timestamp>,
    /// Where it stands.
    pub status: Status,
    /// Story points.
    pub points: Option<f64>,
    /// Place of its sprint in the list of sprints.
    pub sprint: Option<usize>,
    /// Its changes of status, oldest first; empty where no history is kept.
    pub changes: Vec<(Timestamp, Status)>,
}

/// A sprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SprintSpan {
    /// Its name.
    pub name: String,
    /// First day.
    pub start: Date,
    /// Last day.
    pub end: Date,
    /// Keys of the items that the team committed to at its start; empty where that was not recorded.
    pub committed: Vec<String>,
}

impl FlowItem {
    /// When it was done, if it was before a time. Cancelled items are never done.
    pub(super) fn done(&self, as_of: Timestamp) -> Option<Timestamp> {
        self.ended.filter(|at| self.status == Status::Done && *at <= as_of)
    }

    /// Whether it was begun and not over at a time. Nobody knows that of what is over since an unknown time.
    pub(super) fn in_progress(&self, at: Timestamp) -> bool {
        let is_over = self.ended.map_or(!self.status.is_open(), |ended| ended <= at);
        self.started.is_some_and(|started| started <= at) && !is_over
    }

    /// Whether it is done since an unknown time.
    pub(super) fn is_undated(&self) -> bool {
        self.status == Status::Done && self.ended.is_none()
    }

    /// Points that count: finite and not negative.
    pub(super) fn size(&self) -> Option<f64> {
        self.points.filter(|points| points.is_finite() && *points >= 0.0)
    }
}
