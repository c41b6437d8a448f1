//! A plan under uncertain sizes: the same order and lanes, sizes drawn anew; when each epic then finishes, and how
//! often it holds up the end.

use std::ops::ControlFlow;

use rand_core::Rng;

use super::{
    LanePlan, Length, Portfolio,
    decode::{Choice, Decoder, Plan},
    model::Model,
    sorter::Sorter,
};
use crate::Seed;

/// What trials are drawn from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trials {
    /// How many.
    pub count: u32,
    /// Standard deviation of the logarithm of real over estimated size; 0.3 is usual. The median is the estimate.
    pub spread: f64,
    /// Seed; an epic of the same key has the same draws in every plan.
    pub seed: Seed,
}

/// An epic over all trials. Days are counted from the portfolio's start, exclusive: 1 is its first day.
#[derive(Clone, Debug, PartialEq)]
pub struct EpicRisk {
    /// Finish per trial.
    pub finish: Vec<usize>,
    /// Part of the trials in which it could not be later without the plan's end being later, 0 to 1.
    pub criticality: f64,
}

impl EpicRisk {
    /// The day by which it is finished in this part of the trials, 0 to 1.
    pub fn percentile(&self, part: f64) -> usize {
        let mut sorted = self.finish.clone();
        sorted.sort_unstable();
        let count = f64::from(u32::try_from(sorted.len()).unwrap_or(u32::MAX));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index of the list")]
        let place = (part.clamp(0.0, 1.0) * count).ceil() as usize;
        sorted.get(place.saturating_sub(1)).or(sorted.last()).copied().unwrap_or(0)
    }
}

/// Runs trials; `watch` hears how many are done and may break off. Trials that would run past the plan's horizon are
/// left out; `None` when none is left.
pub fn trials(
    portfolio: &Portfolio,
    plan: &LanePlan,
    trials: Trials,
    watch: &mut dyn FnMut(u32) -> ControlFlow<()>,
) -> Option<Vec<EpicRisk>> {
    let mut model = Model::new(&plan.problem).ok()?;
    let count = model.len();
    let mut run = Plan::room(&model);
    (run.start, run.finish) = (plan.solution.start.clone(), plan.solution.finish.clone());
    let (mut sorter, mut order, mut back) = (Sorter::default(), Vec::new(), Vec::new());
    sorter.by_start(&model, &run, &mut order);
    let choice: Vec<_> = plan.solution.mode.iter().map(|&mode| Choice::Fixed(mode)).collect();
    let own: Vec<Length> = model.ways.iter().map(|way| way.length).collect();
    let (mut decoder, mut late) = (Decoder::new(&model), Plan::room(&model));
    let names: Vec<Seed> = portfolio
        .epics
        .iter()
        .map(|epic| Seed::of(epic.key.bytes().map(u64::from).chain([trials.seed.as_u64()])))
        .collect();
    let spread = if trials.spread.is_finite() { trials.spread.clamp(0.0, 2.0) } else { 0.0 };
    let mut finishes: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut critical = vec![0_u32; count];
    let mut done = 0_u32;
    for trial in 0..trials.count.min(100_000) {
        if watch(trial).is_break() {
            break;
        }
        for (one, name) in names.iter().enumerate() {
            let factor = (spread * normal(name.part(u64::from(trial)))).exp();
            for at in model.places_of(one) {
                model.ways[at].length = scaled(own[at], factor);
            }
        }
        if decoder.forward(&model, &order, &choice, &mut run).is_err() {
            continue;
        }
        sorter.by_finish_back(&model, &run, &mut back);
        let end = run.value.makespan;
        let fits = decoder.backward(&model, &back, &run.mode, |_| end, &mut late).is_some();
        for one in 0..count {
            finishes[one].push(run.finish[one]);
            critical[one] += u32::from(!(fits && late.finish[one] > run.finish[one]));
        }
        done += 1;
    }
    (done > 0).then(|| {
        let risk = |(finish, hits): (Vec<usize>, u32)| EpicRisk {
            finish,
            criticality: f64::from(hits) / f64::from(done),
        };
        finishes.into_iter().zip(critical).map(risk).collect()
    })
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an amount of at most a thousand million, scaled by at most e to the tenth or so"
)]
fn scaled(length: Length, factor: f64) -> Length {
    match length {
        Length::Elapsed(length) => Length::Elapsed((length as f64 * factor).round() as usize),
        Length::Working { calendar, amount } => {
            Length::Working { calendar, amount: ((amount as f64 * factor).round() as u64).max(1) }
        }
    }
}

/// A draw from the standard normal distribution (Box & Muller 1958).
#[expect(clippy::cast_precision_loss, reason = "53 bits are a number of 53 bits")]
fn normal(seed: Seed) -> f64 {
    let mut rng = seed.stream();
    let mut part = || ((rng.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
    let (radius, angle) = (part(), part());
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}
