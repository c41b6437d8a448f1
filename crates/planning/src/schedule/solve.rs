//! Solving a problem: bounds first, then search until the effort is spent or nothing better can be.

use std::ops::ControlFlow;

use rand_core::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{
    Bound, Problem, ProblemError, Value,
    balance::balanced,
    bound::{critical_path, resource_load},
    decode::{Choice, Decoder, Plan},
    evolve::{Ending, Starts, evolve},
    model::Model,
    sample::{by_rule, cheapest_last, latest_finish, rules},
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

/// A plan of a problem that is like another one: where its activities went there.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// Per activity start and mode; `None` for what was not there.
    pub(super) placed: Vec<Option<(usize, usize)>>,
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
    solve_like(problem, None, limits, watch)
}

/// The same, trying the order and modes of a known plan, too.
pub(super) fn solve_like(
    problem: &Problem,
    known: Option<&Known>,
    limits: Limits,
    watch: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Solution, ProblemError> {
    let model = Model::new(problem)?;
    let mut decoder = Decoder::new(&model);
    if let Some(activity) = (0..model.len()).find(|&one| !decoder.fits_alone(&model, one)) {
        return Err(ProblemError::Unplaceable { activity });
    }
    let floors = model.floors()?;
    let short = |activity| ProblemError::Horizon { horizon: problem.horizon, activity };
    let (free, mut first) = (vec![Choice::Free; model.len()], Plan::room(&model));
    decoder.forward(&model, &by_rule(&model, &latest_finish(&model)), &free, &mut first).map_err(short)?;
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
    let starts = Starts {
        rules: rules(&model, &floors, load.makespan),
        from_end: cheapest_last(&model, &floors),
        choices: [free].into_iter().chain(balanced(&model)).collect(),
        known: known.map(|known| known.list(&model)),
    };
    let (plan, ending) =
        evolve(&model, &mut decoder, &starts, limits.effort, &mut rng, &done, &mut tell).map_err(short)?;
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

impl Known {
    /// As an order, what is new being last, and choices of modes.
    fn list(&self, model: &Model<'_>) -> (Vec<usize>, Vec<Choice>) {
        let rule = self.placed.iter().map(|placed| placed.map_or(model.horizon, |placed| placed.0));
        #[expect(clippy::cast_precision_loss, reason = "a time is at most the longest horizon")]
        let rule = rule.map(|start| start as f64).collect();
        let choice = |placed: &Option<(usize, usize)>| placed.map_or(Choice::Free, |at| Choice::Fixed(at.1));
        (by_rule(model, &rule), self.placed.iter().map(choice).collect())
    }
}

/// The earliest finish of each activity with its chain alone in the way, resources ignored.
///
/// # Errors
/// [`ProblemError`] as [`solve`].
pub(super) fn earliest_finishes(problem: &Problem) -> Result<Vec<usize>, ProblemError> {
    Ok(Model::new(problem)?.floors()?.into_iter().map(|floor| floor.1).collect())
}
