//! Teams (lanes) and their sprints.

use std::sync::Arc;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ItemId, ProductError, SprintId, TeamId};

/// A team.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Team {
    /// Identifier.
    pub id: TeamId,
    /// Name, unique in the workspace ignoring case.
    pub name: Arc<str>,
    /// Points (or items, where the team does not estimate) per week.
    pub capacity_per_week: Option<f64>,
    /// Work-in-progress limit.
    pub wip_limit: Option<u32>,
    /// Skills that the team has.
    pub skills: Vec<String>,
    /// When it works; `None` is Monday to Friday in UTC without holidays.
    pub calendar: Option<TeamCalendar>,
}

/// When a team works.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamCalendar {
    /// IANA time zone in which its days begin and end, such as `Europe/Berlin`.
    pub time_zone: String,
    /// Days of the week that it works.
    #[schemars(length(min = 1, max = 7))]
    pub weekdays: Vec<Day>,
    /// Days off for all.
    #[serde(default)]
    #[schemars(with = "Vec<String>", length(max = 1_000))]
    pub holidays: Vec<Date>,
    /// Days on which a part of it is away.
    #[serde(default)]
    #[schemars(length(max = 1_000))]
    pub absences: Vec<Away>,
}

/// A part of a team that is away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Away {
    /// First day.
    #[schemars(with = "String")]
    pub from: Date,
    /// Last day.
    #[schemars(with = "String")]
    pub to: Date,
    /// Part of the team, above 0 and at most 1.
    #[schemars(range(min = 0.01, max = 1))]
    pub share: f64,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Day {
    /// Monday.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

impl TeamCalendar {
    /// Checks what no type can say.
    ///
    /// # Errors
    /// [`ProductError::Invalid`] when no day is worked, the zone is unknown, or an absence ends before it begins.
    pub fn check(&self) -> Result<(), ProductError> {
        if self.weekdays.is_empty() {
            return Err(ProductError::invalid(
                "calendar.weekdays",
                "names no day; name the days that the team works",
            ));
        }
        if jiff::tz::TimeZone::get(&self.time_zone).is_err() {
            return Err(ProductError::invalid(
                "calendar.time_zone",
                "is no IANA time zone such as Europe/Berlin or UTC",
            ));
        }
        for away in &self.absences {
            if away.to < away.from {
                return Err(ProductError::invalid("calendar.absences", "ends before it begins"));
            }
            if !(away.share > 0.0 && away.share <= 1.0) {
                return Err(ProductError::invalid(
                    "calendar.absences",
                    "has a share outside 0 (exclusive) to 1",
                ));
            }
        }
        Ok(())
    }
}

/// A sprint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sprint {
    /// Identifier.
    pub id: SprintId,
    /// The team.
    pub team: TeamId,
    /// Name, unique in the team.
    pub name: Arc<str>,
    /// First day.
    #[schemars(with = "String")]
    pub start: Date,
    /// Last day.
    #[schemars(with = "String")]
    pub end: Date,
    /// Items that the team committed to at its start, whatever happened to them later.
    #[serde(default)]
    pub committed: Vec<ItemId>,
}
