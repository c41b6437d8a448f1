//! A calendar as it is kept: what was given, checked again when it is read.

use jiff::{
    civil::{Date, Weekday},
    tz::TimeZone,
};
use serde::{Deserialize, Serialize};

use super::{Absence, Calendar, Weekdays, date_of_day};
use crate::PlanningError;

/// A kept calendar.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct CalendarRecord {
    #[serde(with = "jiff::fmt::serde::tz::required")]
    zone: TimeZone,
    /// 1 is Monday.
    weekdays: Vec<i8>,
    days_off: Vec<Date>,
    absences: Vec<Absence>,
}

impl From<Calendar> for CalendarRecord {
    fn from(calendar: Calendar) -> Self {
        let worked =
            |day: &i8| Weekday::from_monday_one_offset(*day).is_ok_and(|day| calendar.weekdays.has(day));
        Self {
            weekdays: (1..=7).filter(worked).collect(),
            days_off: calendar.off.iter().map(|day| date_of_day(*day)).collect(),
            absences: calendar.absences,
            zone: calendar.zone,
        }
    }
}

impl TryFrom<CalendarRecord> for Calendar {
    type Error = PlanningError;
    fn try_from(record: CalendarRecord) -> Result<Self, PlanningError> {
        let weekdays: Weekdays =
            record.weekdays.iter().filter_map(|day| Weekday::from_monday_one_offset(*day).ok()).collect();
        Self::new(record.zone, weekdays, &record.days_off, &record.absences)
    }
}
