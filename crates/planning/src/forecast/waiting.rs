//! How much later what was asked is finished because of what it waits for, trial by trial.
//!
//! A trial draws each team's days once. A team finishes its asked items and the prerequisites that it has a part in out of
//! these days; a unit begins when what it needs is finished, and what a team has to do after a day takes as many of the
//! days after it as its items need. Each of these says that an end cannot be earlier, and the latest of them is taken: more
//! work, a later begin and one more prerequisite never make an end earlier.

use std::collections::BTreeMap;

use rand_xoshiro::Xoshiro256PlusPlus;

use super::{
    bootstrap::Bootstrap,
    ensemble::Ensemble,
    path::Path,
    prerequisites::{Unit, order},
    question::DAYS_MAX,
    recipe::{Recipe, TeamRecipe, TeamTrials, chances, sampler},
    team::too_large,
};
use crate::PlanningError;

/// Moves each trial's ends of the asked teams to when they are finished with everything that they wait for.
pub(super) fn wait(
    recipe: &Recipe,
    asked: &[TeamTrials],
    asked_ends: &mut [Vec<i32>],
) -> Result<(), PlanningError> {
    let plan = Plan::new(recipe);
    let teams: Vec<&TeamRecipe> = recipe.teams.iter().chain(&recipe.prerequisites.teams).collect();
    let mut lanes = Vec::with_capacity(teams.len());
    for (place, team) in teams.iter().enumerate() {
        lanes.push(Lane::new(recipe, team, asked.get(place))?);
    }
    let mut ends = vec![NEVER; plan.units.len()];
    for trial in 0..recipe.trials {
        let (which, within, _) = chances(recipe.seed, trial);
        let at = trial as usize;
        ends.fill(NEVER);
        if asked_ends.iter().any(|ends| ends.get(at) == Some(&i32::MAX)) {
            continue;
        }
        let grown = |items: u32| recipe.growth.grown(items, which, within);
        let mut days: Vec<Days<'_>> = lanes.iter().map(|lane| lane.days(recipe, trial)).collect();
        for place in &plan.order {
            ends[*place] = plan.end(*place, &ends, &mut days, grown);
        }
        for (place, team) in asked_ends.iter_mut().enumerate() {
            let later = plan.asked_end(place, &ends, &mut days, grown);
            if let Some(end) = team.get_mut(at) {
                *end = later.max(*end);
            }
        }
    }
    Ok(())
}

/// Before everything: what has no items is finished, what is not placed holds nobody up.
const NEVER: i32 = i32::MIN;

/// What does not change from trial to trial.
struct Plan<'a> {
    units: &'a [Unit],
    order: Vec<usize>,
    /// Each unit's team by its place; teams of the question come first.
    team: Vec<usize>,
    /// Items of everything that a unit waits for, directly or not, by team.
    before: Vec<BTreeMap<usize, u32>>,
    /// Items of the question and of the prerequisites by team.
    total: Vec<u32>,
    /// Asked units by team.
    asked: Vec<Vec<usize>>,
}

impl<'a> Plan<'a> {
    fn new(recipe: &'a Recipe) -> Self {
        let units = &recipe.prerequisites.units[..];
        let teams: Vec<&TeamRecipe> = recipe.teams.iter().chain(&recipe.prerequisites.teams).collect();
        let place = |unit: &Unit| teams.iter().position(|team| team.team == unit.team);
        // A unit whose team is not part of the recipe takes no time.
        let team: Vec<usize> = units.iter().map(|unit| place(unit).unwrap_or(usize::MAX)).collect();
        let order = order(units);
        let mut total: Vec<u32> = recipe.teams.iter().map(|team| team.remaining).collect();
        total.resize(teams.len(), 0);
        let mut asked = vec![Vec::new(); teams.len()];
        for (at, unit) in units.iter().enumerate() {
            if let (false, Some(total)) = (unit.asked, total.get_mut(team[at])) {
                *total = total.saturating_add(unit.items);
            }
            if let (true, Some(asked)) = (unit.asked, asked.get_mut(team[at])) {
                asked.push(at);
            }
        }
        let before = sums(units, &order, &team);
        Self { units, order, team, before, total, asked }
    }

    /// When a unit is finished, from the ends of the units that come before it.
    fn end(&self, place: usize, ends: &[i32], days: &mut [Days<'_>], grown: impl Fn(u32) -> u32) -> i32 {
        let (unit, own) = (&self.units[place], self.team[place]);
        let needs = unit.needs.iter().filter_map(|need| ends.get(need.unit)).copied();
        let mut end = needs.max().unwrap_or(NEVER);
        for (team, items) in &self.before[place] {
            let sum = if *team == own { items.saturating_add(unit.items) } else { *items };
            end = end.max(days[*team].end(0, grown(sum)));
        }
        if own >= days.len() || unit.items == 0 {
            return end;
        }
        let begin = self.begin(place, ends, days, &grown);
        end.max(days[own].end(begin, grown(unit.items)))
    }

    /// The working days of its team that pass before a unit may begin.
    fn begin(&self, place: usize, ends: &[i32], days: &mut [Days<'_>], grown: impl Fn(u32) -> u32) -> u32 {
        let own = self.team[place];
        let mut begin = 0_i64;
        for need in &self.units[place].needs {
            let Some(end) = ends.get(need.unit).filter(|end| **end != NEVER) else { continue };
            begin = begin.max(i64::from(days[own].passed(*end)) + i64::from(need.lag_days));
        }
        if self.units[place].needs.iter().all(|need| need.lag_days >= 0) {
            for (team, items) in self.before[place].iter().filter(|(team, _)| **team != own) {
                let end = days[*team].end(0, grown(*items));
                begin = begin.max(i64::from(days[own].passed(end)));
            }
        }
        u32::try_from(begin.max(0)).unwrap_or(u32::MAX)
    }

    /// When a team is finished with its asked items: it does its prerequisites too, and from each begin on everything that
    /// could not begin sooner.
    fn asked_end(&self, team: usize, ends: &[i32], days: &mut [Days<'_>], grown: impl Fn(u32) -> u32) -> i32 {
        let mut end = days[team].end(0, grown(self.total[team]));
        let mut begins: Vec<(u32, u32)> = self.asked[team]
            .iter()
            .map(|place| (self.begin(*place, ends, days, &grown), self.units[*place].items))
            .collect();
        begins.sort_unstable_by(|a, b| b.cmp(a));
        let mut items = 0_u32;
        for (begin, more) in begins {
            items = items.saturating_add(more);
            end = end.max(days[team].end(begin, grown(items)));
        }
        end
    }
}

/// For each unit the items of all that it waits for, by team.
fn sums(units: &[Unit], order: &[usize], team: &[usize]) -> Vec<BTreeMap<usize, u32>> {
    let words = units.len().div_ceil(64);
    let mut above: Vec<Vec<u64>> = vec![Vec::new(); units.len()];
    for place in order {
        let mut mine = vec![0_u64; words];
        for need in units[*place].needs.iter().filter(|need| need.unit < units.len()) {
            // A unit that is not placed yet is part of a circle.
            if above[need.unit].is_empty() {
                continue;
            }
            mine[need.unit / 64] |= 1 << (need.unit % 64);
            for (word, more) in mine.iter_mut().zip(&above[need.unit]) {
                *word |= more;
            }
        }
        above[*place] = mine;
    }
    let held = |above: &[u64], at: usize| above.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1);
    above
        .iter()
        .map(|above| {
            let mut sums: BTreeMap<usize, u32> = BTreeMap::new();
            for (at, unit) in units.iter().enumerate().filter(|(at, _)| held(above, *at)) {
                if team[at] != usize::MAX {
                    let sum = sums.entry(team[at]).or_default();
                    *sum = sum.saturating_add(unit.items);
                }
            }
            sums
        })
        .collect()
}

/// A team's days of all trials.
struct Lane<'a> {
    sampler: Bootstrap,
    trials: Option<&'a TeamTrials>,
    /// How much longer than drawn each trial's days are, beyond the asked items.
    stretch: Vec<f64>,
    /// The days by whose end 1, 2, 3 … working days have passed.
    ends: Vec<i32>,
}

impl<'a> Lane<'a> {
    fn new(
        recipe: &Recipe,
        team: &TeamRecipe,
        trials: Option<&'a TeamTrials>,
    ) -> Result<Self, PlanningError> {
        let sampler = sampler(team)?;
        let ends = team.calendar.full_day_ends(team.calendar.date(recipe.as_of), DAYS_MAX);
        let stretch = stretch(recipe, team, &sampler)?;
        Ok(Self { sampler, trials, stretch, ends })
    }

    fn days(&self, recipe: &Recipe, trial: u32) -> Days<'_> {
        let (_, _, random) = chances(recipe.seed, trial);
        let at = trial as usize;
        let asked = self.trials.and_then(|trials| Some((*trials.raw.get(at)?, *trials.days.get(at)?)));
        let (drawn, told) = asked.map_or((0.0, 0.0), |(raw, days)| (f64::from(raw), f64::from(days.max(1))));
        Days {
            path: Path::new(&self.sampler, random, DAYS_MAX),
            drawn,
            told,
            stretch: self.stretch.get(at).copied().unwrap_or(1.0),
            ends: &self.ends,
        }
    }
}

/// What recalibration makes of each trial's days, told by as many items as the team finishes in four weeks: what is asked
/// may be one item, and one item's day says little about the pace of many.
fn stretch(recipe: &Recipe, team: &TeamRecipe, sampler: &Bootstrap) -> Result<Vec<f64>, PlanningError> {
    let items = team.four_weeks();
    let mut drawn = Vec::with_capacity(recipe.trials as usize);
    for trial in 0..recipe.trials {
        let (_, within, mut random) = chances(recipe.seed, trial);
        drawn.push((sampler.days_until(items, DAYS_MAX, &mut random), within - 0.5));
    }
    let mut sorted: Vec<u32> = drawn.iter().map(|(days, _)| *days).collect();
    sorted.sort_unstable();
    let ensemble = Ensemble::from_sorted(&sorted).ok_or_else(too_large)?;
    let told = |(days, within): (u32, f64)| {
        let drawn = f64::from(days.max(1));
        let told = ensemble.value(team.map.map(ensemble.score(drawn + within)));
        if days > DAYS_MAX { 1.0 } else { (told / drawn).clamp(0.1, 10.0) }
    };
    Ok(drawn.into_iter().map(told).collect())
}

/// A team's days in one trial.
struct Days<'a> {
    path: Path<'a, Xoshiro256PlusPlus>,
    /// The day on which the asked items are finished, as drawn and as told. Days before it are stretched alike.
    drawn: f64,
    told: f64,
    /// The stretch of the days after it.
    stretch: f64,
    ends: &'a [i32],
}

impl Days<'_> {
    /// The day on which so many items are finished that are begun after so many working days.
    fn end(&mut self, begin: u32, items: u32) -> i32 {
        if items == 0 {
            return NEVER;
        }
        if begin >= DAYS_MAX {
            return i32::MAX;
        }
        let done = self.path.items_by(self.as_drawn(begin));
        let Some(day) = self.path.day_of(done.saturating_add(items)) else { return i32::MAX };
        let day = self.as_told(day).max(begin + 1);
        self.ends.get(day as usize - 1).copied().unwrap_or(i32::MAX)
    }

    /// Working days that have passed by the end of a day.
    fn passed(&self, end: i32) -> u32 {
        if end == i32::MAX {
            return u32::MAX;
        }
        u32::try_from(self.ends.partition_point(|day| *day <= end)).unwrap_or(u32::MAX)
    }

    fn as_told(&self, day: u32) -> u32 {
        let day = f64::from(day);
        let told = if day <= self.drawn {
            day * self.told / self.drawn
        } else {
            self.told + (day - self.drawn) * self.stretch
        };
        told.round() as u32
    }

    fn as_drawn(&self, day: u32) -> u32 {
        let day = f64::from(day);
        let drawn = if day <= self.told {
            day * self.drawn / self.told.max(1.0)
        } else {
            self.drawn + (day - self.told) / self.stretch
        };
        drawn.floor() as u32
    }
}
