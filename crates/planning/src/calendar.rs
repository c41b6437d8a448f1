//! A team's working calendar: which civil days are worked, in which time zone, and counting them.

mod days;
mod record;
mod weekdays;

use jiff::{civil::Date, tz::TimeZone};
use pm33_tenancy::Timestamp;
use serde::{Deserialize, Serialize};

use crate::PlanningError;

pub use days::{date_of_day, day_number};
pub use weekdays::Weekdays;

/// Most holidays and days of absence that a calendar takes.
pub const DAYS_OFF_MAX: usize = 10_000;

/// Working days of one team. Two calendars with the same days in the same zone are equal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "record::CalendarRecord", into = "record::CalendarRecord")]
pub struct Calendar {
    zone: TimeZone,
    weekdays: Weekdays,
    /// Days off that fall on a worked weekday, as day numbers, ascending and without repeats.
    off: Vec<i32>,
    absences: Vec<Absence>,
}

/// A stretch of days on which a part of the team is away.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Absence {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Part of the team that is away, above 0 and at most 1. With 1 the days are not working days.
    pub share: f64,
}

impl Calendar {
    /// A calendar of weekdays and days off.
    ///
    /// # Errors
    /// [`PlanningError::Invalid`] when no weekday is worked, an absence ends before it begins or has a share outside
    /// 0 to 1, or there are more than [`DAYS_OFF_MAX`] days off.
    pub fn new(
        zone: TimeZone,
        weekdays: Weekdays,
        holidays: &[Date],
        absences: &[Absence],
    ) -> Result<Self, PlanningError> {
        if weekdays.is_empty() {
            return Err(PlanningError::invalid(
                "calendar.weekdays",
                "names no day; name at least one day that the team works",
            ));
        }
        let mut off: Vec<i32> = holidays.iter().map(|date| day_number(*date)).collect();
        for absence in absences {
            if absence.to < absence.from || !(absence.share > 0.0 && absence.share <= 1.0) {
                return Err(PlanningError::invalid(
                    "calendar.absences",
                    format!(
                        "{} to {} with share {}: the end must not be before the start, the share must be above 0 and at most 1",
                        absence.from, absence.to, absence.share
                    ),
                ));
            }
            if absence.share >= 1.0 {
                let (first, last) = (day_number(absence.from), day_number(absence.to));
                let most = i32::try_from(DAYS_OFF_MAX).unwrap_or(i32::MAX);
                off.extend(first..=last.min(first.saturating_add(most)));
            }
        }
        if off.len() > DAYS_OFF_MAX {
            return Err(PlanningError::invalid(
                "calendar",
                format!("has {} days off, at most {DAYS_OFF_MAX} are taken", off.len()),
            ));
        }
        off.retain(|day| weekdays.has(date_of_day(*day).weekday()));
        off.sort_unstable();
        off.dedup();
        let absences = absences.iter().copied().filter(|absence| absence.share < 1.0).collect();
        Ok(Self { zone, weekdays, off, absences })
    }

    /// Monday to Friday without holidays.
    pub fn monday_to_friday(zone: TimeZone) -> Self {
        Self { zone, weekdays: Weekdays::MONDAY_TO_FRIDAY, off: Vec::new(), absences: Vec::new() }
    }

    /// The time zone in which this team's days begin and end.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Working days in a week without holidays, 1 to 7.
    pub fn days_per_week(&self) -> u8 {
        self.weekdays.len()
    }

    /// Whether a day is worked.
    pub fn is_working(&self, date: Date) -> bool {
        self.weekdays.has(date.weekday()) && self.off.binary_search(&day_number(date)).is_err()
    }

    /// The part of the team that is there on a day: 0 on a day that is not worked, less than 1 under an absence.
    pub fn availability(&self, date: Date) -> f64 {
        if !self.is_working(date) {
            return 0.0;
        }
        let away: f64 = self
            .absences
            .iter()
            .filter(|absence| (absence.from..=absence.to).contains(&date))
            .map(|absence| absence.share)
            .sum();
        (1.0 - away).clamp(0.0, 1.0)
    }

    /// [`Self::availability`] of so many days from one on; far quicker than asking day by day.
    pub fn availabilities(&self, from: Date, days: usize) -> Vec<f64> {
        let mut week = [false; 7];
        let mut day = from.weekday();
        for worked in &mut week {
            *worked = self.weekdays.has(day);
            day = day.next();
        }
        let first = day_number(from);
        // A day's place in the list, cut to its ends.
        let place = |day: i32| usize::try_from(day.saturating_sub(first)).unwrap_or(0).min(days);
        let mut away = vec![0.0_f64; days];
        for absence in &self.absences {
            let end = day_number(absence.to).saturating_add(1);
            for away in &mut away[place(day_number(absence.from))..place(end)] {
                *away += absence.share;
            }
        }
        let mut there: Vec<f64> = away
            .iter()
            .zip(week.iter().cycle())
            .map(|(away, worked)| if *worked { (1.0 - away).clamp(0.0, 1.0) } else { 0.0 })
            .collect();
        for off in self.off.iter().filter(|off| **off >= first) {
            if let Some(there) = there.get_mut(place(*off)) {
                *there = 0.0;
            }
        }
        there
    }

    /// The same weekdays in the same zone without any day off or absence.
    #[must_use]
    pub fn without_days_off(&self) -> Self {
        Self { off: Vec::new(), absences: Vec::new(), ..self.clone() }
    }

    /// Whole days of the whole team in `from..to`, rounded: days under a partial absence count by the part that is there.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole, not negative, inside the calendar"
    )]
    pub fn full_days(&self, from: Date, to: Date) -> u32 {
        if self.absences.is_empty() {
            return u32::try_from(self.count(from, to)).unwrap_or(0);
        }
        let sum: f64 =
            (day_number(from)..day_number(to)).map(|day| self.availability(date_of_day(day))).sum();
        sum.round() as u32
    }

    /// The days, as day numbers, by which the whole team has worked 1, 2, 3 … whole days counted from `from` on. Ends
    /// early at the end of the calendar.
    pub fn full_day_ends(&self, from: Date, days: u32) -> Vec<i32> {
        let (mut ends, mut worked) = (Vec::new(), 0.0);
        let mut day = day_number(from);
        while ends.len() < days as usize && day < day_number(Date::MAX) {
            let part = self.availability(date_of_day(day));
            let before = f64::floor(worked + 1e-9);
            worked += part;
            if f64::floor(worked + 1e-9) > before {
                ends.push(day);
            }
            day += 1;
        }
        ends
    }

    /// The civil day of an instant in the team's zone.
    pub fn date(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(at.instant()).date()
    }

    /// Working days in `from..to`: `from` counts, `to` does not. Negative when `to` is before `from`.
    pub fn count(&self, from: Date, to: Date) -> i32 {
        let (first, last) = (day_number(from), day_number(to));
        if last < first {
            return -self.count(to, from);
        }
        let weeks = (last - first) / 7;
        let rest =
            (first + weeks * 7..last).filter(|day| self.weekdays.has(date_of_day(*day).weekday())).count();
        let off = self.off.partition_point(|day| *day < last) - self.off.partition_point(|day| *day < first);
        let small = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
        weeks * i32::from(self.weekdays.len()) + small(rest) - small(off)
    }

    /// The working day that has `skipped` working days between itself and `from`, counted from `from` on: 0 is the first
    /// working day that is not before `from`. `None` beyond the year 9999.
    pub fn nth_on_or_after(&self, from: Date, skipped: u32) -> Option<Date> {
        let first = day_number(from);
        let skipped = i32::try_from(skipped).ok()?;
        let off = i32::try_from(self.off.len()).ok()?;
        // So many days hold enough working days for certain; the answer lies between.
        let enough = skipped
            .checked_add(off)?
            .checked_add(1)?
            .div_euclid(i32::from(self.weekdays.len()))
            .checked_add(2)?
            .checked_mul(7)?;
        let (mut low, mut high) = (first, first.checked_add(enough)?.min(day_number(Date::MAX)));
        if self.count(from, date_of_day(high)) <= skipped {
            return None;
        }
        while low < high {
            let middle = low + (high - low) / 2;
            if self.count(from, date_of_day(middle + 1)) > skipped {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Some(date_of_day(low))
    }

    /// Working time between two instants in working days: a day's part is measured against that day's own length, so
    /// a day of 23 or 25 hours is one day. Negative when `to` is before `from`.
    pub fn elapsed(&self, from: Timestamp, to: Timestamp) -> f64 {
        let (start, end) = (self.date(from), self.date(to));
        let whole = f64::from(self.count(start, end));
        whole + self.part_of_day(end, to) - self.part_of_day(start, from)
    }

    /// How much of a working day has passed at an instant, 0 to 1; 0 all through a day that is not worked.
    fn part_of_day(&self, day: Date, at: Timestamp) -> f64 {
        if !self.is_working(day) {
            return 0.0;
        }
        let start = |day: Date| day.to_zoned_datetime(self.zone.clone()).map(|start| start.timestamp());
        let (Ok(begin), Ok(end)) = (start(day), day.tomorrow().and_then(start)) else { return 0.0 };
        let length = end.duration_since(begin).as_secs_f64();
        let passed = at.instant().duration_since(begin).as_secs_f64();
        if length > 0.0 { (passed / length).clamp(0.0, 1.0) } else { 0.0 }
    }
}

#[cfg(test)]
mod tests;
