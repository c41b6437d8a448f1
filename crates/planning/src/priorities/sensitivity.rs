//! Sensitivity: which single step of which input would change the top of the list.

use std::ops::ControlFlow;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Candidate, Factor, Ranking, rank::tie};

/// A step that changes who is in the top.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flip {
    /// Whose input; a place in the list of candidates.
    pub candidate: usize,
    /// Which input.
    pub factor: Factor,
    /// From this number (the middle of its range where it is missing) …
    pub from: f64,
    /// … to this one, one step of its scale away.
    pub to: f64,
    /// What then happens.
    pub change: Change,
    /// Who enters or leaves; a place in the list of candidates. Itself, or a blocker that inherits from it.
    pub moved: usize,
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The item enters the top.
    Enters,
    /// The item leaves the top.
    Leaves,
}

/// Every single step that changes the set of the first `top` items; each input of each item is tried one step up and
/// one step down, everything else as it is. `None` when `watch`, which is asked before each item, breaks.
pub fn sensitivity(
    ranking: &Ranking,
    candidates: &[Candidate],
    top: usize,
    watch: &mut dyn FnMut() -> ControlFlow<()>,
) -> Option<Vec<Flip>> {
    let order: Vec<usize> =
        ranking.items.iter().filter(|ranked| ranked.placed).map(|ranked| ranked.candidate).collect();
    if top == 0 || order.len() <= top {
        return Some(Vec::new());
    }
    let mut flips = Vec::new();
    for &one in &order {
        watch().continue_value()?;
        let middles: Vec<f64> = ranking.inputs.ranges(one).iter().map(|range| range.middle()).collect();
        let (own, _) = ranking.inputs.parts(one, |place, _| middles[place]);
        for (place, factor) in ranking.method.factors().enumerate() {
            let from = middles[place];
            for to in [factor.above(from), factor.below(from)] {
                if to.total_cmp(&from).is_eq() {
                    continue;
                }
                let (value, cost) =
                    ranking.inputs.parts(one, |at, _| if at == place { to } else { middles[at] });
                let change = (value - own) * candidates[one].boost();
                let scores = rescored(ranking, one, change, cost);
                if let Some((moved, change)) = moved(&order, top, &scores, ranking, candidates) {
                    flips.push(Flip { candidate: one, factor, from, to, change, moved });
                }
            }
        }
    }
    Some(flips)
}

/// New scores after one candidate's own value and cost have changed: its own, and those that inherit from it.
fn rescored(ranking: &Ranking, one: usize, change: f64, cost: f64) -> Vec<(usize, f64)> {
    let mut values: Vec<(usize, f64)> = Vec::new();
    for (other, change) in ranking.blocking.spread(one, change) {
        match values.iter_mut().find(|(known, _)| *known == other) {
            Some((_, sum)) => *sum += change,
            None => values.push((other, ranking.value[other] + change)),
        }
    }
    let cost_of = |other| if other == one { cost } else { ranking.cost[other] };
    values.into_iter().map(|(other, value)| (other, ranking.method.score(value, cost_of(other)))).collect()
}

/// The first of the rescored candidates that is in the top now and was not, or was and is not.
fn moved(
    order: &[usize],
    top: usize,
    scores: &[(usize, f64)],
    ranking: &Ranking,
    candidates: &[Candidate],
) -> Option<(usize, Change)> {
    let is_rescored = |one: usize| scores.iter().any(|&(other, _)| other == one);
    // Only the first of the others can matter: as many as the top has places.
    let others = order.iter().copied().filter(|&one| !is_rescored(one)).take(top);
    let others: Vec<_> = others.map(|one| (one, ranking.middle[one])).collect();
    let above = |a: (usize, f64), b: (usize, f64)| {
        b.1.total_cmp(&a.1).then_with(|| tie(&candidates[a.0], &candidates[b.0])).is_lt()
    };
    scores.iter().copied().filter(|&(one, _)| ranking.placed[one]).find_map(|mine| {
        let better =
            others.iter().chain(scores).filter(|&&other| other.0 != mine.0 && above(other, mine)).count();
        let (was, is) = (order[..top].contains(&mine.0), better < top);
        match (was, is) {
            (true, false) => Some((mine.0, Change::Leaves)),
            (false, true) => Some((mine.0, Change::Enters)),
            _ => None,
        }
    })
}
