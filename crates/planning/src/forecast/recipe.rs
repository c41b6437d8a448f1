//! A forecast's recipe: everything that its answer is computed from, small enough to keep, so that a kept forecast can be
//! computed again and taken apart by cause.

use jiff::civil::Date;
use pm33_tenancy::Timestamp;
use rand_core::Rng;
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};

use super::{
    backtest::mean_block,
    bootstrap::Bootstrap,
    ensemble::Ensemble,
    growth::Growth,
    outcomes::{Outcomes, Reading},
    prerequisites::Prerequisites,
    question::{DAYS_MAX, Question},
    recalibration::Recalibration,
    team::{enough, too_large},
    waiting::wait,
    window::Window,
};
use crate::{PlanningError, Seed, calendar::Calendar};

/// What is asked of all teams together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// When are all remaining items finished?
    When,
    /// How many items are finished until the end of a day?
    HowMuch {
        /// The day.
        until: Date,
    },
}

/// What an answer is computed from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// The question.
    pub ask: Ask,
    /// The time at which the data stood so.
    pub as_of: Timestamp,
    /// The teams.
    pub teams: Vec<TeamRecipe>,
    /// How sets of items grow.
    pub growth: Growth,
    /// Where the random numbers come from.
    pub seed: Seed,
    /// Trials.
    pub trials: u32,
    /// What must be finished first; forecasts that were kept before this was known have nothing of it.
    #[serde(default, skip_serializing_if = "Prerequisites::is_empty")]
    pub prerequisites: Prerequisites,
}

/// One team's part of a recipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TeamRecipe {
    /// The team.
    pub team: String,
    /// Items that remain for it.
    pub remaining: u32,
    /// Finished items per working day of the window, oldest first.
    pub counts: Vec<u32>,
    /// The window.
    pub window: Window,
    /// The map of its levels.
    pub map: Recalibration,
    /// Its calendar.
    pub calendar: Calendar,
}

impl Recipe {
    /// Computes the answer. Teams share each trial's random numbers, so days on which all teams were slow are drawn
    /// for all of them at once, and the answer is that of the teams together, trial by trial: the last team's day, or the
    /// sum of the items.
    ///
    /// # Errors
    /// [`PlanningError::NotEnough`] when a team's window has fewer than five active days, [`PlanningError::Invalid`] when
    /// nothing is asked for.
    pub fn run(&self) -> Result<Outcomes, PlanningError> {
        let mut together: Vec<i32> = Vec::new();
        let mut last: Vec<u32> = Vec::new();
        for (index, values) in self.outcomes()?.into_iter().enumerate() {
            if index == 0 {
                last = vec![0; values.len()];
                together = values;
                continue;
            }
            for ((sum, latest), value) in together.iter_mut().zip(&mut last).zip(values) {
                match self.ask {
                    Ask::HowMuch { .. } => *sum = sum.saturating_add(value),
                    Ask::When if value > *sum => {
                        *sum = value;
                        *latest = u32::try_from(index).unwrap_or(u32::MAX);
                    }
                    Ask::When => {}
                }
            }
        }
        let reading = match self.ask {
            Ask::When => Reading::Dates,
            Ask::HowMuch { .. } => Reading::Items,
        };
        let mut times = vec![0_u32; self.teams.len()];
        for team in &last {
            if let Some(times) = times.get_mut(*team as usize) {
                *times += 1;
            }
        }
        let shares = times.iter().map(|times| f64::from(*times) / last.len().max(1) as f64).collect();
        together.sort_unstable();
        Outcomes::new(together, reading, shares).ok_or_else(|| {
            PlanningError::invalid("teams", "names no team; name at least one with remaining items")
        })
    }

    /// Each team's outcome of each trial: items, or the day by its number.
    fn outcomes(&self) -> Result<Vec<Vec<i32>>, PlanningError> {
        let trials: Vec<TeamTrials> =
            self.teams.iter().map(|team| team.trials(self)).collect::<Result<_, _>>()?;
        let told = self.teams.iter().zip(&trials);
        let mut outcomes: Vec<Vec<i32>> = told.map(|(team, trials)| team.outcomes(self, trials)).collect();
        if self.ask == Ask::When && !self.prerequisites.is_empty() {
            wait(self, &trials, &mut outcomes)?;
        }
        Ok(outcomes)
    }

    /// The question to one team.
    pub(super) fn question(&self, team: &TeamRecipe) -> Question {
        question(self.ask, &team.calendar, team.remaining, self.as_of)
    }
}

/// The question to one team, in its own working days.
pub(super) fn question(ask: Ask, calendar: &Calendar, remaining: u32, as_of: Timestamp) -> Question {
    match ask {
        Ask::When => Question::When { items: remaining },
        Ask::HowMuch { until } => {
            let end = until.tomorrow().unwrap_or(until);
            Question::HowMuch { days: calendar.full_days(calendar.date(as_of), end) }
        }
    }
}

/// One team's trials.
pub(super) struct TeamTrials {
    /// Items or working days as drawn.
    pub(super) raw: Vec<u32>,
    /// The same, calibrated.
    pub(super) days: Vec<u32>,
}

impl TeamRecipe {
    /// This team's trials, as drawn and calibrated.
    fn trials(&self, recipe: &Recipe) -> Result<TeamTrials, PlanningError> {
        enough(&self.counts)?;
        let sampler = sampler(self)?;
        let question = recipe.question(self);
        let (mut raw, mut within) = (Vec::new(), Vec::new());
        for trial in 0..recipe.trials {
            let (which, jitter, mut random) = chances(recipe.seed, trial);
            raw.push(match question {
                Question::HowMuch { days } => sampler.items_in(days, &mut random),
                Question::When { items } => {
                    sampler.days_until(recipe.growth.grown(items, which, jitter), DAYS_MAX, &mut random)
                }
            });
            within.push(jitter - 0.5);
        }
        let mut sorted = raw.clone();
        sorted.sort_unstable();
        let ensemble = Ensemble::from_sorted(&sorted).ok_or_else(too_large)?;
        let calibrated = raw.iter().zip(within).map(|(value, within)| {
            // A trial that did not end is not stretched: nobody knows how far it would have gone.
            if matches!(question, Question::When { .. }) && *value > DAYS_MAX {
                return DAYS_MAX + 1;
            }
            let score = self.map.map(ensemble.score(f64::from(*value) + within));
            ensemble.value(score).round().max(0.0) as u32
        });
        let days = calibrated.collect();
        Ok(TeamTrials { raw, days })
    }

    /// This team's calibrated outcome of each trial: items, or the day by its number.
    fn outcomes(&self, recipe: &Recipe, trials: &TeamTrials) -> Vec<i32> {
        match recipe.question(self) {
            Question::HowMuch { days: 0 } => vec![0; trials.raw.len()],
            Question::HowMuch { .. } => {
                trials.days.iter().map(|items| i32::try_from(*items).unwrap_or(i32::MAX)).collect()
            }
            Question::When { items: 0 } => vec![i32::MIN; trials.raw.len()],
            Question::When { .. } => {
                let days = trials.days.iter().copied();
                let most = days.clone().filter(|day| *day <= DAYS_MAX).max().unwrap_or(1);
                let ends = self.calendar.full_day_ends(self.calendar.date(recipe.as_of), most.max(1));
                days.map(|day| match ends.get(day.max(1) as usize - 1) {
                    Some(end) if day <= DAYS_MAX => *end,
                    _ => i32::MAX,
                })
                .collect()
            }
        }
    }

    /// Items that this team finishes in four weeks of its window, at least one.
    pub(super) fn four_weeks(&self) -> u32 {
        four_weeks(&self.counts, self.calendar.days_per_week())
    }
}

/// Items of four weeks at the pace of these days, at least one.
pub(super) fn four_weeks(counts: &[u32], days_per_week: u8) -> u32 {
    let sum: f64 = counts.iter().map(|count| f64::from(*count)).sum();
    let items = sum / counts.len().max(1) as f64 * 4.0 * f64::from(days_per_week);
    (items.round() as u32).max(1)
}

/// The sampler of a team's window.
pub(super) fn sampler(team: &TeamRecipe) -> Result<Bootstrap, PlanningError> {
    Bootstrap::new(&team.counts, mean_block(team.calendar.days_per_week())).ok_or_else(too_large)
}

/// A trial's random numbers: which growth, where in its unit an outcome falls, and those that days are drawn from.
pub(super) fn chances(seed: Seed, trial: u32) -> (f64, f64, Xoshiro256PlusPlus) {
    let mut random = seed.part(u64::from(trial)).stream();
    (even(&mut random), even(&mut random), random)
}

/// An even number from 0 to 1.
fn even(random: &mut impl Rng) -> f64 {
    (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}
