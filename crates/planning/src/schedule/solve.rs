//! Solving a problem: bounds first, then search until the effort is spent or nothing better can be.

use std::ops::ControlFlow;

use rand_core::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{
    Bound, Problem, ProblemError, Value,
    bound::{critical_path, resource_load},
    decode::{Choice, Decoder, Plan},
    evolve::{Ending, evolve},
    model::Model,
    sample::{by_rule, rules},
};

/// What a search may cost and where its randomness comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Schedules to evaluate at most; at least one is.
    pub effort: u64,
    /// Seed.
    pub seed: u64,
}

/// How far a search has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Schedules evaluated.
    pub schedules: u64,
    /// Schedules allowed.
    pub effort: u64,
    /// The best value so far.
    pub best: Value,
}

/// A schedule, and how good it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// Start of each activity.
    pub start: Vec<usize>,
    /// Finish of each activity: the first unit of time that is free again.
    pub finish: Vec<usize>,
    /// Mode of each activity.
    pub mode: Vec<usize>,
    /// Value.
    pub value: Value,
    /// Lower bounds of the makespan, best last.
    pub bounds: Vec<Bound>,
    /// No schedule has less tardiness than this.
    pub tardiness_bound: f64,
    /// Schedules evaluated.
    pub schedules: u64,
    /// Whether the caller stopped the search before its end.
    pub stopped: bool,
}

impl Solution {
    /// The best lower bound of the makespan.
    pub fn bound(&self) -> usize {
        self.bounds.iter().map(|bound| bound.makespan).max().unwrap_or(0)
    }
}

/// Solves a problem. `watch` hears of progress every few schedules and may break off; the best schedule so far is
/// then the answer.
///
/// # Errors
/// [`ProblemError`] when there is no schedule, with the reason.
pub fn solve(
    problem: &Problem,
    limits: Limits,
    watch: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Solution, ProblemError> {
    let model = Model::new(problem)?;
    let mut decoder = Decoder::new(&model);
    if let Some(activity) = (0..model.len()).find(|&one| !decoder.fits_alone(one)) {
        return Err(ProblemError::Unplaceable { activity });
    }
    let floors = model.floors()?;
    let rules = rules(&model, &floors);
    let first = decoder
        .forward(&by_rule(&model, &rules[0]), &vec![Choice::Free; model.len()])
        .map_err(|activity| ProblemError::Horizon { horizon: problem.horizon, activity })?;
    let path = critical_path(&floors);
    let load = resource_load(&model, &floors, path.makespan, first.value.makespan);
    let floor: Vec<_> = floors.iter().map(|floor| floor.1).collect();
    let tardiness_bound = super::decode::judge(&model, &floor).tardiness;
    let weighted = problem.activities.iter().any(|one| one.weight > 0.0);
    let done =
        |value: &Value| !weighted && value.makespan <= load.makespan && value.tardiness <= tardiness_bound;
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(limits.seed);
    let mut tell =
        |schedules, best: &Value| watch(Progress { schedules, effort: limits.effort, best: *best });
    let (plan, ending) = evolve(&mut decoder, &rules, limits.effort, &mut rng, &done, &mut tell)
        .map_err(|activity| ProblemError::Horizon { horizon: problem.horizon, activity })?;
    let Plan { start, finish, mode, value } = plan;
    Ok(Solution {
        start,
        finish,
        mode,
        value,
        bounds: vec![path, load],
        tardiness_bound,
        schedules: decoder.schedules,
        stopped: ending == Ending::Stopped,
    })
}

/// The earliest finish of each activity with its chain alone in the way, resources ignored.
///
/// # Errors
/// [`ProblemError`] as [`solve`].
pub(super) fn earliest_finishes(problem: &Problem) -> Result<Vec<usize>, ProblemError> {
    Ok(Model::new(problem)?.floors()?.into_iter().map(|floor| floor.1).collect())
}
