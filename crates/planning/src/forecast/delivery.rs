//! The forecast of a delivery: from the data of one or several teams to a recipe, an answer and its reasons.

use std::ops::ControlFlow;

use jiff::civil::Date;
use pm33_tenancy::Timestamp;

use super::{
    answer::{Delivery, Percentile, TargetChance, TeamBasis},
    backtest::Backtest,
    drivers::{drivers, waiting},
    growth::Growth,
    outcomes::Outcomes,
    prerequisites::{Prerequisites, Unit},
    question::{DAYS_MAX, ITEMS_MAX, Question},
    recipe::{Ask, Recipe, TeamRecipe, four_weeks, question},
    team::enough,
    throughput::{Throughput, throughput},
    track::track,
    window::Window,
};
use crate::{
    PlanningError, Seed,
    calendar::{Calendar, date_of_day, day_number},
};

/// Most teams of one forecast.
pub const TEAMS_MAX: usize = 50;
/// Trials when nobody says otherwise.
pub const TRIALS: u32 = 10_000;
/// Fewest and most trials.
pub const TRIALS_RANGE: std::ops::RangeInclusive<u32> = 1_000..=100_000;

/// One team's work.
#[derive(Clone, Debug)]
pub struct TeamWork {
    /// The team.
    pub team: String,
    /// Its calendar.
    pub calendar: Calendar,
    /// When its items were finished, in any order.
    pub finished: Vec<Timestamp>,
    /// Items that were finished at an unknown time.
    pub undated: u32,
    /// Its items that remain.
    pub remaining: u32,
}

/// A question about a delivery.
#[derive(Clone, Debug)]
pub struct DeliveryQuestion {
    /// When, or how much.
    pub ask: Ask,
    /// Who does the work.
    pub teams: Vec<TeamWork>,
    /// How sets of items grow.
    pub growth: Growth,
    /// The time of the answer; nothing later is used.
    pub as_of: Timestamp,
    /// A date, or a number of items, whose chance is wanted.
    pub target: Option<Target>,
    /// Trials, 1,000 to 100,000.
    pub trials: u32,
    /// What must be finished before some of it may begin.
    pub waits_for: WaitsFor,
}

/// Work that is not asked about and has to be finished before some of what is asked may begin.
#[derive(Clone, Debug, Default)]
pub struct WaitsFor {
    /// The teams that have a part in it, with their items of it.
    pub teams: Vec<TeamWork>,
    /// The items in their order; those of a team that is not named here or in the question take no time.
    pub units: Vec<Unit>,
}

/// Something hoped for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// For "when": finished by the end of this day.
    By(Date),
    /// For "how much": at least so many items.
    Items(u32),
}

/// Whether a team's past is enough for a forecast: at least five days with a finished item in its last year.
///
/// # Errors
/// [`PlanningError::NotEnough`] with what is missing.
pub fn ready(work: &TeamWork, as_of: Timestamp) -> Result<(), PlanningError> {
    let history = throughput(&work.calendar, &work.finished, as_of);
    enough(Window::Year.of(&history.counts, work.calendar.days_per_week()))
}

/// Answers, with the recipe to keep. `watch` hears how far it is, 0 to 1, between the teams, and may break off.
///
/// # Errors
/// [`PlanningError::Invalid`] when the question contradicts itself, [`PlanningError::NotEnough`] when a team has finished
/// something on fewer than five days of its window, [`PlanningError::Stopped`] when the watch breaks.
pub fn deliver(
    asked: &DeliveryQuestion,
    watch: &mut dyn FnMut(f64) -> ControlFlow<()>,
) -> Result<(Delivery, Recipe), PlanningError> {
    check(asked)?;
    let all = asked.teams.len().max(1) as f64;
    let mut tell = |done: f64| if watch(done).is_break() { Err(PlanningError::Stopped) } else { Ok(()) };
    let mut teams = Vec::with_capacity(asked.teams.len());
    for (place, work) in asked.teams.iter().enumerate() {
        tell(0.5 * place as f64 / all)?;
        if asked.ask == Ask::When && work.remaining == 0 {
            continue;
        }
        teams.push(Past::of(work, asked).map_err(|error| error.of_team(&work.team))?);
    }
    let window = shared_window(&teams);
    let day = teams.first().map_or(0, |past| day_number(past.work.calendar.date(asked.as_of)));
    let seed = Seed::of(
        teams
            .iter()
            .flat_map(|past| past.history.counts.iter().map(|count| u64::from(*count)).chain([u64::MAX]))
            // The day and not the time of day: asked again an hour later on the same data, the answer is the same.
            .chain([u64::from(day.cast_unsigned()), u64::from(asked.trials)]),
    );
    let (helpers, prerequisites) = prerequisites(asked, &teams, window)?;
    let recipe = Recipe {
        ask: asked.ask,
        as_of: asked.as_of,
        growth: asked.growth.clone(),
        seed,
        trials: asked.trials,
        teams: teams
            .iter()
            .map(|past| past.recipe(window).map_err(|error| error.of_team(&past.work.team)))
            .collect::<Result<_, _>>()?,
        prerequisites,
    };
    tell(0.5)?;
    let outcomes = recipe.run()?;
    tell(0.6)?;
    let answer = Delivery {
        question: asked.ask.into(),
        percentiles: percentiles(&outcomes, asked.ask),
        target: asked.target.map(|target| chance(&outcomes, target)),
        drivers: drivers(&recipe, &outcomes, &mut || tell(0.8))?,
        waiting: waiting(&recipe, &outcomes, &asked.waits_for, helpers)?,
        teams: teams.iter().map(|past| past.basis(window)).collect(),
        growth_sets: asked.growth.sets,
        growth_median: asked.growth.median(),
        curve: outcomes
            .curve(100)
            .into_iter()
            .map(|(value, chance)| (shown(value, asked.ask), chance))
            .collect(),
        as_of: asked.as_of,
        seed: format!("{:016x}", seed.as_u64()),
        trials: asked.trials,
    };
    Ok((answer, recipe))
}

/// What the asked teams wait for, and what the dates of the other teams in it come from.
fn prerequisites(
    asked: &DeliveryQuestion,
    teams: &[Past<'_>],
    window: Window,
) -> Result<(Vec<TeamBasis>, Prerequisites), PlanningError> {
    if asked.ask != Ask::When || asked.waits_for.units.is_empty() {
        return Ok((Vec::new(), Prerequisites::default()));
    }
    let (mut told, mut recipes) = (Vec::new(), Vec::new());
    let asks = |work: &TeamWork| teams.iter().any(|past| past.work.team == work.team);
    for work in asked.waits_for.teams.iter().filter(|work| !asks(work)).take(TEAMS_MAX) {
        let past = Past::of_helper(work, asked).map_err(|error| error.of_team(&work.team))?;
        // The window of the asked teams, so that slow days are drawn for all of them at once, where this team was active in it.
        let window = [window, Window::Year].into_iter().find(|window| past.recipe(*window).is_ok());
        let window = window.unwrap_or(Window::Year);
        recipes.push(past.recipe(window).map_err(|error| error.of_team(&work.team))?);
        told.push(past.basis(window));
    }
    Ok((told, Prerequisites { teams: recipes, units: asked.waits_for.units.clone() }))
}

fn check(asked: &DeliveryQuestion) -> Result<(), PlanningError> {
    let invalid = |field, rule: String| Err(PlanningError::invalid(field, rule));
    if asked.teams.is_empty() || asked.teams.len() > TEAMS_MAX {
        return invalid("teams", format!("names {} teams; name 1 to {TEAMS_MAX}", asked.teams.len()));
    }
    if !TRIALS_RANGE.contains(&asked.trials) {
        return invalid("trials", format!("must be {} to {}", TRIALS_RANGE.start(), TRIALS_RANGE.end()));
    }
    let remaining: u64 = asked.teams.iter().map(|team| u64::from(team.remaining)).sum();
    if asked.ask == Ask::When && (remaining == 0 || remaining > u64::from(ITEMS_MAX)) {
        return invalid(
            "items",
            format!(
                "{remaining} items remain; a forecast needs 1 to {ITEMS_MAX}. With none, everything is finished or the epic has no children yet: break it down first"
            ),
        );
    }
    let today = asked.teams.iter().map(|team| team.calendar.date(asked.as_of)).min().unwrap_or(Date::MIN);
    match (asked.ask, asked.target) {
        (Ask::HowMuch { until }, _) if until < today => {
            invalid("until", format!("{until} is before the as-of day {today}; ask for a later day"))
        }
        (Ask::When, Some(Target::By(day))) if day < today => invalid(
            "target",
            format!("{day} is before the as-of day {today}: it is missed already; ask for a later day"),
        ),
        (Ask::When, Some(Target::Items(_))) | (Ask::HowMuch { .. }, Some(Target::By(_))) => {
            invalid("target", "must be a date for `when` and a number of items for `how much`".to_owned())
        }
        _ => Ok(()),
    }
}

/// A team's history and what was learnt from it.
struct Past<'a> {
    work: &'a TeamWork,
    history: Throughput,
    question: Question,
    backtest: Backtest,
}

impl<'a> Past<'a> {
    /// A team that only has a part in what is waited for: it is checked by its past forecasts of four weeks, whatever its
    /// part, so that a greater part cannot change how its days are drawn.
    fn of_helper(work: &'a TeamWork, asked: &DeliveryQuestion) -> Result<Self, PlanningError> {
        let history = throughput(&work.calendar, &work.finished, asked.as_of);
        let days = work.calendar.days_per_week();
        let items = four_weeks(Window::Year.of(&history.counts, days), days);
        Self::asked(work, history, Question::When { items })
    }

    fn of(work: &'a TeamWork, asked: &DeliveryQuestion) -> Result<Self, PlanningError> {
        let history = throughput(&work.calendar, &work.finished, asked.as_of);
        let question = question(asked.ask, &work.calendar, work.remaining, asked.as_of);
        Self::asked(work, history, question)
    }

    fn asked(work: &'a TeamWork, history: Throughput, question: Question) -> Result<Self, PlanningError> {
        enough(&history.counts)?;
        if let Question::HowMuch { days } = question
            && days > DAYS_MAX
        {
            return Err(PlanningError::invalid(
                "until",
                format!(
                    "is {days} working days away, at most {DAYS_MAX} are forecast; ask for an earlier day"
                ),
            ));
        }
        let seed = Seed::of(history.counts.iter().map(|count| u64::from(*count)));
        let backtest = Backtest::run(&history.counts, question, work.calendar.days_per_week(), seed.part(1));
        Ok(Self { work, history, question, backtest })
    }

    fn recipe(&self, window: Window) -> Result<TeamRecipe, PlanningError> {
        let seen = window.of(&self.history.counts, self.work.calendar.days_per_week());
        enough(seen)?;
        Ok(TeamRecipe {
            team: self.work.team.clone(),
            remaining: self.work.remaining,
            counts: seen.to_vec(),
            window,
            map: self.backtest.chosen_for(window).recalibration,
            calendar: self.work.calendar.clone(),
        })
    }

    fn basis(&self, window: Window) -> TeamBasis {
        let seen = window.of(&self.history.counts, self.work.calendar.days_per_week());
        TeamBasis {
            team: self.work.team.clone(),
            remaining: self.work.remaining,
            done_undated: self.work.undated,
            window_weeks: window.weeks(),
            history_days: self.history.counts.len(),
            window_days: seen.len(),
            window_items: seen.iter().sum(),
            items_per_day: f64::from(seen.iter().sum::<u32>()) / seen.len().max(1) as f64,
            track_record: track(&self.backtest, self.question),
        }
    }
}

/// The window that most teams would choose, of equals the longest, among those in which every team was active: days are drawn
/// for all teams at once, so they look back equally far.
fn shared_window(teams: &[Past<'_>]) -> Window {
    let votes = |window: Window| teams.iter().filter(|past| past.backtest.chosen().window == window).count();
    let serves = |window: &Window| {
        let seen =
            |past: &Past<'_>| enough(window.of(&past.history.counts, past.work.calendar.days_per_week()));
        teams.iter().all(|past| seen(past).is_ok())
    };
    Window::ALL.into_iter().filter(serves).max_by_key(|window| votes(*window)).unwrap_or(Window::Year)
}

fn percentiles(outcomes: &Outcomes, ask: Ask) -> Vec<Percentile> {
    let told = outcomes.statements().into_iter().map(|stated| {
        let (date, items) = match (ask, stated.value) {
            (Ask::When, Some(day)) => (Some(date_of_day(day)), None),
            (Ask::HowMuch { .. }, Some(items)) => (None, u32::try_from(items).ok()),
            (_, None) => (None, None),
        };
        Percentile {
            level: stated.level,
            date,
            items,
            chance: stated.chance,
            monte_carlo_error: stated.error,
        }
    });
    told.collect()
}

fn chance(outcomes: &Outcomes, target: Target) -> TargetChance {
    let chance = outcomes.chance(match target {
        Target::By(day) => day_number(day),
        Target::Items(items) => i32::try_from(items).unwrap_or(i32::MAX),
    });
    let (date, items) = match target {
        Target::By(day) => (Some(day), None),
        Target::Items(items) => (None, Some(items)),
    };
    TargetChance { date, items, chance }
}

fn shown(value: i32, ask: Ask) -> String {
    match ask {
        Ask::When => date_of_day(value).to_string(),
        Ask::HowMuch { .. } => value.to_string(),
    }
}

#[cfg(test)]
mod tests;
