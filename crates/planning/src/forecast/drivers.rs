//! What moves an answer: the same recipe with one thing changed, on the same random numbers.

use super::{
    answer::{Driver, TeamBasis, Waiting, WithoutWaiting},
    delivery::WaitsFor,
    growth::Growth,
    outcomes::Outcomes,
    prerequisites::Prerequisites,
    recalibration::Recalibration,
    recipe::{Ask, Recipe},
};
use crate::{PlanningError, calendar::date_of_day};

/// The level at which effects are told.
const LEVEL: f64 = 0.85;

/// `go_on` is asked before each changed recipe and may end it all.
pub(super) fn drivers(
    recipe: &Recipe,
    outcomes: &Outcomes,
    go_on: &mut dyn FnMut() -> Result<(), PlanningError>,
) -> Result<Vec<Driver>, PlanningError> {
    let now = outcomes.stated(LEVEL).value;
    let mut against = |changed: &Recipe| -> Result<Option<i32>, PlanningError> {
        go_on()?;
        let without = changed.run()?.stated(LEVEL).value;
        Ok(now.zip(without).map(|(now, without)| now.saturating_sub(without)))
    };
    let mut found = Vec::new();
    let mut tell = |driver: String, effect| found.push(Driver { driver, effect, share: None });
    if !recipe.prerequisites.is_empty() {
        let alone = Recipe { prerequisites: Prerequisites::default(), ..recipe.clone() };
        tell("waiting for what must be finished first, against none of it".to_owned(), against(&alone)?);
    }
    if recipe.ask == Ask::When && !recipe.growth.factors.is_empty() {
        let known = Recipe { growth: Growth::default(), ..recipe.clone() };
        tell("growth of scope, against scope as known".to_owned(), against(&known)?);
    }
    let mut plain = recipe.clone();
    for team in &mut plain.teams {
        team.map = Recalibration::none();
    }
    tell("recalibration by past forecasts, against the plain bootstrap".to_owned(), against(&plain)?);
    let mut free = recipe.clone();
    for team in &mut free.teams {
        team.calendar = team.calendar.without_days_off();
    }
    if free != *recipe {
        tell("holidays and absences ahead, against none".to_owned(), against(&free)?);
    }
    if recipe.ask == Ask::When {
        let mut fewer = recipe.clone();
        for team in &mut fewer.teams {
            let tenth = team.remaining.div_ceil(10);
            team.remaining = team.remaining.saturating_sub(tenth).max(1);
        }
        if fewer != *recipe {
            tell(
                "the last tenth of the remaining items, against leaving it out".to_owned(),
                against(&fewer)?,
            );
        }
    }
    if recipe.ask == Ask::When && recipe.teams.len() > 1 {
        for (team, share) in recipe.teams.iter().zip(&outcomes.last) {
            found.push(Driver {
                driver: format!("{} finishes last", team.team),
                effect: None,
                share: Some(*share),
            });
        }
    }
    Ok(found)
}

/// What is waited for, and the answer without it.
pub(super) fn waiting(
    recipe: &Recipe,
    outcomes: &Outcomes,
    waits_for: &WaitsFor,
    teams: Vec<TeamBasis>,
) -> Result<Option<Waiting>, PlanningError> {
    if recipe.prerequisites.is_empty() {
        return Ok(None);
    }
    let alone = Recipe { prerequisites: Prerequisites::default(), ..recipe.clone() }.run()?;
    let levels = outcomes.statements().into_iter().zip(alone.statements());
    let without = levels.map(|(with, without)| WithoutWaiting {
        level: with.level,
        date: without.value.map(date_of_day),
        days: with.value.zip(without.value).map(|(with, without)| with.saturating_sub(without)),
    });
    Ok(Some(Waiting {
        items: waits_for.teams.iter().map(|work| work.remaining).sum(),
        parts: waits_for.teams.iter().map(|work| (work.team.clone(), work.remaining)).collect(),
        without: without.collect(),
        teams,
    }))
}
