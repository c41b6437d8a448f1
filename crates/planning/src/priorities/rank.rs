//! Ranking: scores with their intervals, the share of each factor, the places that each item could have.

use std::cmp::Ordering;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Candidate, Factor, Method, Range, Weights, inherit::Blocking, method::Inputs};

/// A ranked list.
#[derive(Clone, Debug)]
pub struct Ranking {
    /// Best first. After the placed ones come those that nothing is known of the value of, then those that cannot be scored;
    /// both by declared priority, due date and number.
    pub items: Vec<Ranked>,
    /// Places (in the list of candidates) of items that wait for each other in a circle; they inherit nothing.
    pub circular: Vec<usize>,
    pub(super) method: Method,
    pub(super) inputs: Inputs,
    pub(super) blocking: Blocking,
    /// Per candidate whether it has a place.
    pub(super) placed: Vec<bool>,
    /// Middle score per candidate.
    pub(super) middle: Vec<f64>,
    /// Middle cost per candidate.
    pub(super) cost: Vec<f64>,
    /// Middle value with inheritance, per candidate.
    pub(super) value: Vec<f64>,
}

/// One item of a ranking.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// Its place in the list of candidates.
    pub candidate: usize,
    /// 1 is the best.
    pub rank: usize,
    /// Whether it has a score, and something is known of its value or of what waits for it. Others have no place of their
    /// own: a size alone says nothing of what an item is worth.
    pub placed: bool,
    /// The score: exact when no input is missing. `None` when an input without a scale is missing for all.
    pub score: Option<Range>,
    /// The number that the ranking compares: the score with every missing input at the middle of its range.
    pub middle: f64,
    /// Value that it inherits from what waits for it, in the middle.
    pub inherited: f64,
    /// Best and worst rank that the intervals of all items allow.
    pub ranks: (usize, usize),
    /// What the score is made of; the shares sum to 1.
    pub shares: Vec<Share>,
    /// Inputs that are missing.
    pub missing: Vec<Factor>,
    /// The inputs that the ranking compares, in the order of [`Method::factors`]: a missing one is at the middle of its range.
    pub inputs: Vec<f64>,
    /// Open blockers (places in the list of candidates) that rank below it.
    pub above_blockers: Vec<usize>,
}

/// The part of one factor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// Of what.
    pub part: SharePart,
    /// 0 to 1.
    pub share: f64,
}

/// What a share is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SharePart {
    /// How far the item serves the objectives.
    Alignment,
    /// The competitive threat that it answers.
    Threat,
    /// What it unblocks.
    Inherited,
    /// An input of the method.
    #[serde(untagged)]
    Input(Factor),
}

/// Ranks candidates by a method.
///
/// A score is `value × boost` plus what is inherited, over cost. Its interval takes every missing input at both ends
/// of its range. Items of whose value nothing is known come after the others. Ties go to the higher declared priority, then the earlier due date, then the lower number.
pub fn rank(method: Method, candidates: &[Candidate]) -> Ranking {
    rank_weighted(method, &Weights::default(), candidates)
}

/// Ranks candidates by a method whose inputs count as much as their weights say.
pub fn rank_weighted(method: Method, weights: &Weights, candidates: &[Candidate]) -> Ranking {
    let inputs = Inputs::of(method, weights, candidates);
    let blocking = Blocking::of(candidates);
    let low_end = |place: usize, range: Range| if is_cost(method, place) { range.high } else { range.low };
    let high_end = |place: usize, range: Range| if is_cost(method, place) { range.low } else { range.high };
    let low = scored(&inputs, &blocking, candidates, low_end);
    let high = scored(&inputs, &blocking, candidates, high_end);
    let middle = scored(&inputs, &blocking, candidates, |_, range| range.middle());
    let valued = blocking.marked(inputs.valued.clone());
    let placed: Vec<bool> =
        valued.iter().zip(&inputs.unscorable).map(|(&valued, &unscorable)| valued && !unscorable).collect();
    // What has no place is not ordered by a score that is made of guesses alone.
    let score = |one: usize| if placed[one] { middle.score[one] } else { 0.0 };
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_unstable_by(|&a, &b| {
        (inputs.unscorable[a], !placed[a])
            .cmp(&(inputs.unscorable[b], !placed[b]))
            .then(score(b).total_cmp(&score(a)))
            .then(tie(&candidates[a], &candidates[b]))
    });
    let mut rank_of = vec![0; candidates.len()];
    for (place, &one) in order.iter().enumerate() {
        rank_of[one] = place + 1;
    }
    let ranges = possible_ranks(&low.score, &high.score, &inputs.unscorable);
    let medians = if method.is_sum() { Vec::new() } else { medians(&inputs, candidates.len()) };
    let items = order.iter().enumerate().map(|(place, &one)| {
        let scorable = !inputs.unscorable[one];
        Ranked {
            candidate: one,
            rank: place + 1,
            placed: placed[one],
            score: scorable.then(|| Range { low: low.score[one], high: high.score[one] }),
            middle: if scorable { middle.score[one] } else { 0.0 },
            inherited: middle.value[one] - middle.own[one],
            ranks: if scorable {
                (ranges[one].0.min(place + 1), ranges[one].1.max(place + 1))
            } else {
                (1, order.len())
            },
            shares: shares(&inputs, one, &candidates[one], &middle, &medians),
            missing: inputs.missing(one),
            inputs: inputs.ranges(one).iter().map(|range| range.middle()).collect(),
            above_blockers: blocking.blockers[one]
                .iter()
                .copied()
                .filter(|&blocker| rank_of[blocker] > place + 1)
                .collect(),
        }
    });
    let items = items.collect();
    Ranking {
        items,
        circular: blocking.circular.clone(),
        method,
        middle: middle.score,
        cost: middle.cost,
        value: middle.value,
        placed,
        inputs,
        blocking,
    }
}

fn is_cost(method: Method, place: usize) -> bool {
    place >= method.values().len()
}

/// Scores of all candidates for one choice of inputs.
pub(super) struct Scored {
    /// Own value with its boost.
    pub(super) own: Vec<f64>,
    /// With what is inherited.
    pub(super) value: Vec<f64>,
    pub(super) cost: Vec<f64>,
    pub(super) score: Vec<f64>,
}

/// Scores every candidate; `pick` chooses a number from each range.
pub(super) fn scored(
    inputs: &Inputs,
    blocking: &Blocking,
    candidates: &[Candidate],
    mut pick: impl FnMut(usize, Range) -> f64,
) -> Scored {
    let mut own = Vec::with_capacity(candidates.len());
    let mut cost = Vec::with_capacity(candidates.len());
    for (one, candidate) in candidates.iter().enumerate() {
        let (value, divisor) = inputs.parts(one, &mut pick);
        own.push(value * candidate.boost());
        cost.push(divisor);
    }
    let value = blocking.inherited(&own);
    let score = (0..candidates.len())
        .map(|one| if inputs.unscorable[one] { 0.0 } else { inputs.method.score(value[one], cost[one]) })
        .collect();
    Scored { own, value, cost, score }
}

/// Breaks ties: declared priority, due date, number.
pub(super) fn tie(a: &Candidate, b: &Candidate) -> Ordering {
    let due = |one: &Candidate| (one.due.is_none(), one.due);
    a.priority.cmp(&b.priority).then(due(a).cmp(&due(b))).then(a.number.cmp(&b.number))
}

/// Best and worst rank of each: others that are surely above, and others that may be.
fn possible_ranks(low: &[f64], high: &[f64], unscorable: &[bool]) -> Vec<(usize, usize)> {
    let sorted = |ends: &[f64]| {
        let mut ends: Vec<_> =
            ends.iter().zip(unscorable).filter(|(_, no)| !**no).map(|(end, _)| *end).collect();
        ends.sort_unstable_by(f64::total_cmp);
        ends
    };
    let (lows, highs) = (sorted(low), sorted(high));
    low.iter()
        .zip(high)
        .map(|(&low, &high)| {
            let surely = lows.len() - lows.partition_point(|&other| other <= high);
            let maybe = highs.len() - highs.partition_point(|&other| other < low);
            (surely + 1, maybe.max(1))
        })
        .collect()
}

/// The median of each input over the candidates that have it: what a product's shares are measured from.
fn medians(inputs: &Inputs, count: usize) -> Vec<f64> {
    (0..inputs.method.factors().count())
        .map(|place| {
            let mut all: Vec<f64> = (0..count).map(|one| inputs.ranges(one)[place].middle()).collect();
            all.sort_unstable_by(f64::total_cmp);
            all.get(all.len() / 2).copied().unwrap_or(1.0)
        })
        .collect()
}

/// Shares of one score. Of a sum: each summand's part of the value. Of a product: how far each input is from the
/// median of the list, in logarithms, so that what moves the item most has the largest part.
fn shares(inputs: &Inputs, one: usize, candidate: &Candidate, all: &Scored, medians: &[f64]) -> Vec<Share> {
    let method = inputs.method;
    let part = |factor: Option<f64>| {
        Candidate::BOOST * factor.filter(|f| f.is_finite()).unwrap_or(0.0).clamp(0.0, 1.0)
    };
    let (alignment, threat) = (part(candidate.alignment), part(candidate.threat));
    let inherited = all.value[one] - all.own[one];
    let ranges = inputs.ranges(one);
    let mut parts: Vec<(SharePart, f64)> = if method.is_sum() {
        let plain = all.own[one] / candidate.boost();
        let mut parts: Vec<_> = method
            .values()
            .iter()
            .zip(ranges.iter().zip(&inputs.weights))
            .map(|(&factor, (range, weight))| (SharePart::Input(factor), weight * range.middle()))
            .collect();
        parts.push((SharePart::Alignment, plain * alignment));
        parts.push((SharePart::Threat, plain * threat));
        parts.push((SharePart::Inherited, inherited));
        parts
    } else {
        let far =
            |value: f64, from: f64| if value > 0.0 && from > 0.0 { (value / from).ln().abs() } else { 1.0 };
        let mut parts: Vec<_> = method
            .factors()
            .zip(ranges.iter().zip(medians).zip(&inputs.weights))
            .map(|(factor, ((range, &median), weight))| {
                (SharePart::Input(factor), weight * far(range.middle(), median))
            })
            .collect();
        parts.push((SharePart::Alignment, alignment.ln_1p()));
        parts.push((SharePart::Threat, threat.ln_1p()));
        let grown = if all.own[one] > 0.0 {
            (all.value[one] / all.own[one]).ln()
        } else {
            f64::from(inherited > 0.0)
        };
        parts.push((SharePart::Inherited, grown));
        parts
    };
    parts.retain(|(part, size)| *size > 0.0 || matches!(part, SharePart::Input(_)));
    let sum: f64 = parts.iter().map(|(_, size)| size).sum();
    let even = 1.0 / f64::from(u32::try_from(parts.len().max(1)).unwrap_or(1));
    parts
        .into_iter()
        .map(|(part, size)| Share { part, share: if sum > 0.0 { size / sum } else { even } })
        .collect()
}
