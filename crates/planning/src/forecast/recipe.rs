//! A forecast's recipe: everything that its answer is computed from, small enough to keep, so that a kept forecast can be
//! computed again and taken apart by cause.

use jiff::civil::Date;
use pm33_tenancy::Timestamp;
use rand_core::Rng;
use serde::{Deserialize, Serialize};

use super::{
    backtest::mean_block,
    bootstrap::Bootstrap,
    ensemble::Ensemble,
    growth::Growth,
    outcomes::{Outcomes, Reading},
    question::{DAYS_MAX, Question},
    recalibration::Recalibration,
    team::{enough, too_large},
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
        for (index, team) in self.teams.iter().enumerate() {
            let values = team.outcomes(self)?;
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
        let mut shares = vec![0.0; self.teams.len()];
        for team in &last {
            if let Some(share) = shares.get_mut(*team as usize) {
                *share += 1.0 / last.len() as f64;
            }
        }
        together.sort_unstable();
        Outcomes::new(together, reading, shares).ok_or_else(|| {
            PlanningError::invalid("teams", "names no team; name at least one with remaining items")
        })
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

impl TeamRecipe {
    /// This team's calibrated outcome of each trial: items, or the day by its number.
    fn outcomes(&self, recipe: &Recipe) -> Result<Vec<i32>, PlanningError> {
        enough(&self.counts)?;
        let sampler =
            Bootstrap::new(&self.counts, mean_block(self.calendar.days_per_week())).ok_or_else(too_large)?;
        let question = recipe.question(self);
        let (mut raw, mut within) = (Vec::new(), Vec::new());
        for trial in 0..recipe.trials {
            let mut random = recipe.seed.part(u64::from(trial)).stream();
            let (which, jitter) = (even(&mut random), even(&mut random));
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
        match question {
            Question::HowMuch { days: 0 } => Ok(vec![0; raw.len()]),
            Question::HowMuch { .. } => {
                Ok(calibrated.map(|items| i32::try_from(items).unwrap_or(i32::MAX)).collect())
            }
            Question::When { items: 0 } => Ok(vec![i32::MIN; raw.len()]),
            Question::When { .. } => {
                let days: Vec<u32> = calibrated.collect();
                let most = days.iter().copied().filter(|day| *day <= DAYS_MAX).max().unwrap_or(1);
                let ends = self.calendar.full_day_ends(self.calendar.date(recipe.as_of), most.max(1));
                Ok(days
                    .into_iter()
                    .map(|day| match ends.get(day.max(1) as usize - 1) {
                        Some(end) if day <= DAYS_MAX => *end,
                        _ => i32::MAX,
                    })
                    .collect())
            }
        }
    }
}

/// An even number from 0 to 1.
fn even(random: &mut impl Rng) -> f64 {
    (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}
