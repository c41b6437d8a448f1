//! What a scenario starts from, and what it may change.

use jiff::civil::Date;

use crate::{
    calendar::Calendar,
    schedule::{Epic, Portfolio},
};

/// What scenarios are made on: a portfolio, and what its epics are worth.
#[derive(Clone, Debug, PartialEq)]
pub struct Base {
    /// Lanes and epics.
    pub portfolio: Portfolio,
    /// Per epic, in the portfolio's order.
    pub valued: Vec<Valued>,
}

/// What an epic is worth when it is finished.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Valued {
    /// Value, in the unit of the cost of delay.
    pub value: f64,
    /// Objectives that it serves, by title.
    pub objectives: Vec<String>,
}

/// One change. Epics are named by key, lanes by name.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Adds an epic at the end, or at a place.
    AddEpic {
        /// The epic; what it waits for must be there already.
        epic: Box<Epic>,
        /// What it is worth.
        valued: Valued,
        /// Where in the list; `None` is the end.
        place: Option<usize>,
        /// Epics that wait for it, with a lag in working days.
        waiting: Vec<(String, i32)>,
    },
    /// Takes an epic out; what waited for it no longer does.
    RemoveEpic {
        /// Which.
        epic: String,
    },
    /// Another size in points.
    Resize {
        /// Which.
        epic: String,
        /// Points, above 0.
        size: f64,
    },
    /// Another cost of delay: how much it matters.
    Reprioritise {
        /// Which.
        epic: String,
        /// Per week, 0 or more.
        cost_of_delay: f64,
    },
    /// Another due date, or none.
    Due {
        /// Which.
        epic: String,
        /// The date.
        due: Option<Date>,
    },
    /// Another capacity.
    Capacity {
        /// Which lane.
        lane: String,
        /// Points per week, 0 or more.
        per_week: f64,
    },
    /// Another calendar: absences, a hire that ramps up as an absence that shrinks.
    LaneCalendar {
        /// Which lane.
        lane: String,
        /// The calendar.
        calendar: Calendar,
    },
    /// Another limit of work in progress, or none.
    WipLimit {
        /// Which lane.
        lane: String,
        /// Epics at a time.
        limit: Option<u32>,
    },
    /// Everything that an epic waits for.
    DependsOn {
        /// Which.
        epic: String,
        /// Keys with lags in working days.
        on: Vec<(String, i32)>,
    },
}
