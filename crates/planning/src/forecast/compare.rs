//! How two kept forecasts differ, by cause. The earlier recipe is turned into the later one in a fixed order: elapsed time,
//! scope, rate, model. Each step is computed on whole answers, so the parts sum exactly to the difference.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    prerequisites::Prerequisites,
    recipe::{Recipe, TeamRecipe},
    track::LEVELS,
};
use crate::PlanningError;

/// How two forecasts differ at one level.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// The level, 0 to 1.
    pub level: f64,
    /// The later answer minus the earlier one: days for "when", items for "how much". The four parts sum to it exactly.
    pub total: i64,
    /// Because time passed: as if the earlier question had been asked at the later time with nothing else changed.
    pub elapsed_time: i64,
    /// Because items were finished, added, removed or moved between teams, what must be finished first is other work, or growth
    /// of scope is seen differently.
    pub scope: i64,
    /// Because the teams' finished items per day or their calendars are others.
    pub rate: i64,
    /// Because window, recalibration, trials or seed are others.
    pub model: i64,
}

/// Compares an earlier with a later forecast, for each usual level.
///
/// # Errors
/// [`PlanningError::Invalid`] when the questions differ or an answer lies beyond what is forecast.
pub fn compare(earlier: &Recipe, later: &Recipe) -> Result<Vec<Difference>, PlanningError> {
    if earlier.ask != later.ask {
        return Err(PlanningError::invalid(
            "forecasts",
            "answer different questions; compare two of `when`, or two of `how much` until the same day",
        ));
    }
    if later.as_of < earlier.as_of {
        return Err(PlanningError::invalid(
            "forecasts",
            "are in the wrong order; name the earlier one first",
        ));
    }
    let elapsed = Recipe { as_of: later.as_of, ..earlier.clone() };
    let scope = Recipe {
        growth: later.growth.clone(),
        teams: later.teams.iter().map(|team| scoped(earlier, team)).collect(),
        prerequisites: Prerequisites {
            teams: later.prerequisites.teams.iter().map(|team| scoped(earlier, team)).collect(),
            units: later.prerequisites.units.clone(),
        },
        ..elapsed.clone()
    };
    let mut rate = scope.clone();
    let helpers = rate.prerequisites.teams.iter_mut().zip(&later.prerequisites.teams);
    for (team, to) in rate.teams.iter_mut().zip(&later.teams).chain(helpers) {
        team.counts.clone_from(&to.counts);
        team.calendar = to.calendar.clone();
    }
    let steps = [earlier, &elapsed, &scope, &rate, later];
    let mut answers = Vec::with_capacity(steps.len());
    for step in steps {
        answers.push(step.run()?.statements());
    }
    let mut differences = Vec::with_capacity(LEVELS.len());
    for (index, level) in LEVELS.into_iter().enumerate() {
        let values: Option<Vec<i64>> =
            answers.iter().map(|answer| answer[index].value.map(i64::from)).collect();
        let values = values.and_then(|values| <[i64; 5]>::try_from(values).ok());
        let Some([first, elapsed, scope, rate, last]) = values else {
            return Err(PlanningError::invalid(
                "forecasts",
                "lie beyond ten years at some level; compare forecasts of fewer items",
            ));
        };
        differences.push(Difference {
            level,
            total: last - first,
            elapsed_time: elapsed - first,
            scope: scope - elapsed,
            rate: rate - scope,
            model: last - rate,
        });
    }
    Ok(differences)
}

/// A team of the later forecast with everything but its scope as it was; a team that is new comes as it is.
fn scoped(earlier: &Recipe, later: &TeamRecipe) -> TeamRecipe {
    let mut known = earlier.teams.iter().chain(&earlier.prerequisites.teams);
    match known.find(|team| team.team == later.team) {
        Some(before) => TeamRecipe { remaining: later.remaining, ..before.clone() },
        None => later.clone(),
    }
}
