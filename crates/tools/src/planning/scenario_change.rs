//! The changes of a scenario as callers write them, and what each is for planning.

use jiff::civil::Date;
use pm33_planning::{
    scenario::{Change, ValueUnit, Valued},
    schedule::{Epic, priority_weight},
    workspace::calendar,
};
use pm33_product::{Away, Day as Weekday, Priority, Snapshot, Team, TeamCalendar};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ToolError,
    backlog::{
        fields::{Day, Word},
        names,
    },
};

/// Most weeks in which a hire comes to full pace.
const RAMP_MAX: u32 = 52;

/// One what-if change.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeInput {
    /// What changes. Each needs the fields in brackets: `add_epic` (epic, title, points), `remove_epic` (epic), `resize_epic`
    /// (epic, points), `reprioritise` (epic, priority), `set_due` (epic, `due_date`; without a date it clears it),
    /// `set_dependencies` (epic, `depends_on`), `set_capacity` (team, points), `add_absence` (team, from, to), `hire` (team,
    /// from, points), `limit_epics` (team, limit).
    pub(super) change: Kind,
    /// The epic's key; of `add_epic` a name for it in this scenario, such as NEW-1, that later changes may use.
    #[schemars(length(min = 1, max = 50))]
    pub(super) epic: Option<String>,
    /// A team, by name. Of `add_epic` optional: without it any team.
    pub(super) team: Option<String>,
    /// Title of the added epic.
    #[schemars(length(min = 1, max = 500))]
    pub(super) title: Option<String>,
    /// Points: an epic's size, a team's capacity a week, or what a hire adds to it a week at full pace.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub(super) points: Option<f64>,
    /// Priority; it sets the cost of delay.
    pub(super) priority: Option<Word<Priority>>,
    /// Due date.
    pub(super) due_date: Option<Day>,
    /// Not to be started before; only for `add_epic`.
    pub(super) release_date: Option<Day>,
    /// All epics that it waits for, by key.
    #[schemars(length(max = 50))]
    pub(super) depends_on: Option<Vec<String>>,
    /// Working days between their finish and its start.
    #[serde(default)]
    #[schemars(range(min = -1000, max = 1000))]
    pub(super) lag_days: i32,
    /// First day of an absence, or of a hire.
    pub(super) from: Option<Day>,
    /// Last day of an absence.
    pub(super) to: Option<Day>,
    /// Part of the team that is away, above 0 and at most 1; all of it when not sent.
    #[schemars(range(min = 0.01, max = 1))]
    pub(super) share: Option<f64>,
    /// Weeks until a hire is at full pace, 0 to 52; it grows evenly.
    #[serde(default)]
    #[schemars(range(min = 0, max = 52))]
    pub(super) ramp_weeks: u32,
    /// Epics that the team works on at a time; without it one.
    #[schemars(range(min = 1, max = 100))]
    pub(super) limit: Option<u32>,
}

impl ChangeInput {
    /// The fields that it needs and lacks.
    fn missing(&self) -> Vec<&'static str> {
        let epic = ("epic", self.epic.is_some());
        let team = ("team", self.team.is_some());
        let points = ("points", self.points.is_some());
        let from = ("from", self.from.is_some());
        let needed = match self.change {
            Kind::AddEpic => vec![epic, ("title", self.title.is_some()), points],
            Kind::RemoveEpic | Kind::SetDue => vec![epic],
            Kind::ResizeEpic => vec![epic, points],
            Kind::Reprioritise => vec![epic, ("priority", self.priority.is_some())],
            Kind::SetDependencies => vec![epic, ("depends_on", self.depends_on.is_some())],
            Kind::SetCapacity => vec![team, points],
            Kind::AddAbsence => vec![team, from, ("to", self.to.is_some())],
            Kind::Hire => vec![team, from, points],
            Kind::LimitEpics => vec![team],
        };
        needed.into_iter().filter(|(_, is_there)| !is_there).map(|(field, _)| field).collect()
    }
}

/// Sort of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// A new epic.
    AddEpic,
    /// An epic that is not done.
    RemoveEpic,
    /// Another size.
    ResizeEpic,
    /// Another priority.
    Reprioritise,
    /// Another due date, or none.
    SetDue,
    /// Everything that it waits for.
    SetDependencies,
    /// Another capacity.
    SetCapacity,
    /// Days without a part of the team.
    AddAbsence,
    /// More capacity, growing.
    Hire,
    /// Epics at a time.
    LimitEpics,
}

/// A workspace as the changes so far have made it.
pub(super) struct Sketch<'a> {
    snapshot: &'a Snapshot,
    /// Teams with their changes.
    pub(super) teams: Vec<Team>,
    /// First day of the plan.
    start: Date,
    unit: ValueUnit,
}

impl<'a> Sketch<'a> {
    /// Nothing changed yet.
    pub(super) fn new(snapshot: &'a Snapshot, start: Date, unit: ValueUnit) -> Self {
        Self { snapshot, teams: snapshot.teams().to_vec(), start, unit }
    }

    /// What a change is for planning.
    pub(super) fn draw(&mut self, place: usize, one: &ChangeInput) -> Result<Vec<Change>, ToolError> {
        let said = Said { place, one };
        let missing = one.missing();
        if !missing.is_empty() {
            return Err(said.wrong(&format!("it needs {}", missing.join(", "))));
        }
        Ok(vec![match one.change {
            Kind::AddEpic => return self.add(&said),
            Kind::Hire => return self.hire(&said),
            Kind::RemoveEpic => Change::RemoveEpic { epic: self.epic(&said)? },
            Kind::ResizeEpic => {
                Change::Resize { epic: self.epic(&said)?, size: said.need(one.points, "points")? }
            }
            Kind::Reprioritise => Change::Reprioritise {
                epic: self.epic(&said)?,
                cost_of_delay: priority_weight(said.need(one.priority, "priority")?.0),
            },
            Kind::SetDue => Change::Due { epic: self.epic(&said)?, due: one.due_date.map(|day| day.0) },
            Kind::SetDependencies => {
                let on = said.need(one.depends_on.as_ref(), "depends_on")?;
                Change::DependsOn {
                    epic: self.epic(&said)?,
                    on: on.iter().map(|key| (self.key(key), one.lag_days)).collect(),
                }
            }
            Kind::SetCapacity => {
                let (lane, points) = (self.team(&said)?, said.need(one.points, "points")?);
                self.teams[lane].capacity_per_week = Some(points);
                Change::Capacity { lane: self.teams[lane].name.to_string(), per_week: points }
            }
            Kind::AddAbsence => {
                let lane = self.team(&said)?;
                let (from, to) = (said.need(one.from, "from")?.0, said.need(one.to, "to")?.0);
                if to < from {
                    return Err(said.wrong("to is before from"));
                }
                let away = Away { from, to, share: one.share.unwrap_or(1.0) };
                written(&mut self.teams[lane]).absences.push(away);
                self.lane_calendar(lane)?
            }
            Kind::LimitEpics => {
                let lane = self.team(&said)?;
                Change::WipLimit { lane: self.teams[lane].name.to_string(), limit: one.limit }
            }
        }])
    }

    fn add(&self, said: &Said<'_>) -> Result<Vec<Change>, ToolError> {
        let one = said.one;
        let (key, _) = (said.need(one.epic.clone(), "epic")?, said.need(one.title.as_ref(), "title")?);
        if names::item(self.snapshot, &key).is_ok() {
            return Err(
                said.wrong(&format!("{key} is there already; name the new epic otherwise, such as NEW-1"))
            );
        }
        let lane = one.team.is_some().then(|| self.team(said)).transpose()?;
        let priority = one.priority.map_or(Priority::None, |word| word.0);
        let on: Vec<_> = one.depends_on.iter().flatten().map(|key| (self.key(key), one.lag_days)).collect();
        let epic = Epic {
            key: key.clone(),
            size: said.need(one.points, "points")?,
            lane,
            skills: Vec::new(),
            release: one.release_date.map(|day| day.0),
            due: one.due_date.map(|day| day.0),
            cost_of_delay: priority_weight(priority),
            depends_on: Vec::new(),
            under_way: false,
        };
        // A new epic has no business value yet; in that unit it is worth nothing until someone says so.
        let value = match self.unit {
            ValueUnit::BusinessValue => 0.0,
            ValueUnit::DeclaredPriority => priority_weight(priority),
        };
        let valued = Valued { value, objectives: Vec::new() };
        let added = Change::AddEpic { epic: Box::new(epic), valued, place: None, waiting: Vec::new() };
        Ok(if on.is_empty() { vec![added] } else { vec![added, Change::DependsOn { epic: key, on }] })
    }

    /// A hire: the capacity with it, and absences for what is not there yet.
    fn hire(&mut self, said: &Said<'_>) -> Result<Vec<Change>, ToolError> {
        let one = said.one;
        let lane = self.team(said)?;
        let (from, more) = (said.need(one.from, "from")?.0, said.need(one.points, "points")?);
        let had = self.teams[lane].capacity_per_week.unwrap_or(0.0);
        if more <= 0.0 || one.ramp_weeks > RAMP_MAX {
            return Err(said.wrong("points must be above 0, and ramp_weeks 0 to 52"));
        }
        let whole = had + more;
        let team = &mut self.teams[lane];
        team.capacity_per_week = Some(whole);
        // Missing of the whole: all that the hire adds before its first day, then less week by week.
        let missing = |part: f64| more * part / whole;
        let mut days = Vec::new();
        if from > self.start {
            days.push((self.start, from.yesterday().unwrap_or(from), missing(1.0)));
        }
        for week in 0..one.ramp_weeks {
            let first = from.saturating_add(jiff::Span::new().weeks(i64::from(week)));
            let last = first.saturating_add(jiff::Span::new().days(6));
            days.push((first, last, missing(1.0 - f64::from(week + 1) / f64::from(one.ramp_weeks + 1))));
        }
        let absences =
            days.into_iter().filter(|day| day.2 >= 0.001).map(|(from, to, share)| Away { from, to, share });
        written(team).absences.extend(absences);
        let capacity = Change::Capacity { lane: team.name.to_string(), per_week: whole };
        Ok(vec![capacity, self.lane_calendar(lane)?])
    }

    fn lane_calendar(&self, lane: usize) -> Result<Change, ToolError> {
        let team = &self.teams[lane];
        Ok(Change::LaneCalendar { lane: team.name.to_string(), calendar: calendar(Some(team))? })
    }

    fn team(&self, said: &Said<'_>) -> Result<usize, ToolError> {
        let asked = said.need(said.one.team.as_ref(), "team")?;
        let id = names::team(self.snapshot, asked).map_err(|error| said.because(&error))?;
        self.teams.iter().position(|team| team.id == id).ok_or_else(|| said.wrong("the team is gone"))
    }

    /// The epic's key, as the plan has it.
    fn epic(&self, said: &Said<'_>) -> Result<String, ToolError> {
        Ok(self.key(said.need(said.one.epic.as_ref(), "epic")?))
    }

    /// A key as the plan writes it, or a name of the scenario's own.
    fn key(&self, asked: &str) -> String {
        match names::item(self.snapshot, asked) {
            Ok(item) => self.snapshot.key(item).to_string(),
            Err(_) => asked.to_owned(),
        }
    }
}

/// A team's calendar, made when it has none.
fn written(team: &mut Team) -> &mut TeamCalendar {
    team.calendar.get_or_insert_with(|| TeamCalendar {
        time_zone: "UTC".to_owned(),
        weekdays: vec![
            Weekday::Monday,
            Weekday::Tuesday,
            Weekday::Wednesday,
            Weekday::Thursday,
            Weekday::Friday,
        ],
        holidays: Vec::new(),
        absences: Vec::new(),
    })
}

/// A change with its place, for words about it.
struct Said<'a> {
    place: usize,
    one: &'a ChangeInput,
}

impl Said<'_> {
    fn wrong(&self, rule: &str) -> ToolError {
        ToolError::refused(format!("change {} ({}): {rule}", self.place, self.name()))
    }

    fn because(&self, error: &ToolError) -> ToolError {
        self.wrong(&error.to_string())
    }

    fn need<T>(&self, value: Option<T>, field: &str) -> Result<T, ToolError> {
        value.ok_or_else(|| self.wrong(&format!("it needs {field}")))
    }

    fn name(&self) -> String {
        let word = serde_json::to_value(self.one.change).ok();
        word.as_ref().and_then(|word| word.as_str()).unwrap_or("change").to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::ChangeInput;

    #[test]
    fn all_missing_fields_are_told_at_once() {
        for (change, missing) in [
            ("hire", &["team", "from", "points"][..]),
            ("add_absence", &["team", "from", "to"]),
            ("add_epic", &["epic", "title", "points"]),
            ("set_dependencies", &["epic", "depends_on"]),
            ("set_due", &["epic"]),
        ] {
            let sent = serde_json::json!({ "change": change });
            let one: ChangeInput = serde_json::from_value(sent).expect("a change");
            assert_eq!(one.missing(), missing, "{change}");
        }
    }
}
