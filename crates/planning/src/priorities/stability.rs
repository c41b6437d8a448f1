//! Stability: how much of a ranking is left when every input may be off by one step.

use std::ops::ControlFlow;

use rand_core::Rng;

use super::{Candidate, Range, Ranking, rank::scored};
use crate::Seed;

/// How firm a ranking is.
#[derive(Clone, Debug, PartialEq)]
pub struct Stability {
    /// Mean Kendall's tau-a between the ranking and the disturbed ones, −1 to 1; 1 is the same order always.
    pub tau: f64,
    /// Per place of the top: the chance that this item is still in the top.
    pub stays: Vec<f64>,
    /// Disturbed rankings.
    pub draws: usize,
}

/// Work of one call: draws × items.
const WORK: usize = 400_000;

/// Draws every input anew: a known one a step down, as it is, or a step up with equal chance, a missing one evenly from
/// its range; and compares the rankings. `None` for fewer than two items that have a place, and when `watch`, which hears of
/// the part that is done, 0 to 1, breaks.
pub fn stability(
    ranking: &Ranking,
    candidates: &[Candidate],
    top: usize,
    seed: Seed,
    watch: &mut dyn FnMut(f64) -> ControlFlow<()>,
) -> Option<Stability> {
    let order: Vec<usize> =
        ranking.items.iter().filter(|ranked| ranked.placed).map(|ranked| ranked.candidate).collect();
    if order.len() < 2 {
        return None;
    }
    let factors: Vec<_> = ranking.method.factors().collect();
    let top = top.min(order.len());
    let draws = (WORK / order.len()).clamp(30, 1_000);
    let mut rng = seed.stream();
    let (mut tau, mut stays) = (0.0, vec![0_u32; top]);
    // Everyone's draws are taken in the order of numbers, so that the order of the list does not matter.
    let mut by_number: Vec<usize> = (0..candidates.len()).collect();
    by_number.sort_unstable_by_key(|&one| candidates[one].number);
    let mut drawn = vec![0.0; candidates.len() * factors.len()];
    let all = f64::from(u32::try_from(draws).unwrap_or(u32::MAX));
    for draw in 0..draws {
        watch(f64::from(u32::try_from(draw).unwrap_or(u32::MAX)) / all).continue_value()?;
        for &one in &by_number {
            for (place, (&range, factor)) in ranking.inputs.ranges(one).iter().zip(&factors).enumerate() {
                let word = rng.next_u64();
                drawn[one * factors.len() + place] = if range.is_exact() {
                    match word % 3 {
                        0 => factor.below(range.low),
                        1 => range.low,
                        _ => factor.above(range.low),
                    }
                } else {
                    between(range, word)
                };
            }
        }
        let mut next = drawn.iter();
        let disturbed = scored(&ranking.inputs, &ranking.blocking, candidates, |_, range| {
            next.next().copied().unwrap_or(range.low)
        });
        let scores: Vec<f64> = order.iter().map(|&one| disturbed.score[one]).collect();
        tau += kendall(&scores);
        let mut sorted = scores.clone();
        let (_, least, _) = sorted.select_nth_unstable_by(top - 1, |a, b| b.total_cmp(a));
        for (stay, score) in stays.iter_mut().zip(&scores) {
            *stay += u32::from(*score >= *least);
        }
    }
    Some(Stability {
        tau: tau / all,
        stays: stays.iter().map(|&stay| f64::from(stay) / all).collect(),
        draws,
    })
}

#[expect(clippy::cast_precision_loss, reason = "53 bits are a number of 53 bits")]
fn between(range: Range, word: u64) -> f64 {
    let part = (word >> 11) as f64 / (1_u64 << 53) as f64;
    range.low + part * (range.high - range.low)
}

/// Kendall's tau-a of scores against descending order: 1 − 4 × inversions / (n (n − 1)), ties counting half.
#[expect(clippy::cast_precision_loss, reason = "pairs of at most a hundred thousand items")]
fn kendall(scores: &[f64]) -> f64 {
    let count = scores.len() as u64;
    let mut work = scores.to_vec();
    let mut spare = work.clone();
    let (wrong, tied) = inversions(&mut work, &mut spare);
    let pairs = count * (count - 1) / 2;
    1.0 - (2.0 * wrong as f64 + tied as f64) / pairs as f64
}

/// Pairs in ascending order, and equal pairs; sorts descending on the way (merge sort).
fn inversions(scores: &mut [f64], spare: &mut [f64]) -> (u64, u64) {
    let mut wrong = 0;
    let mut width = 1;
    while width < scores.len() {
        for (part, out) in scores.chunks(2 * width).zip(spare.chunks_mut(2 * width)) {
            let (left, right) = part.split_at(width.min(part.len()));
            let (mut a, mut b) = (0, 0);
            for place in out.iter_mut() {
                if b == right.len() || (a < left.len() && left[a] >= right[b]) {
                    *place = left[a];
                    a += 1;
                } else {
                    *place = right[b];
                    b += 1;
                    wrong += (left.len() - a) as u64;
                }
            }
        }
        scores.copy_from_slice(spare);
        width *= 2;
    }
    let tied = scores.chunk_by(|a, b| a.total_cmp(b).is_eq()).map(|group| group.len() as u64);
    (wrong, tied.map(|size| size * (size - 1) / 2).sum())
}

#[cfg(test)]
mod tests {
    use super::kendall;

    #[test]
    fn kendall_counts_pairs() {
        let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
        assert!(close(kendall(&[4.0, 3.0, 2.0, 1.0]), 1.0));
        assert!(close(kendall(&[1.0, 2.0, 3.0, 4.0]), -1.0));
        assert!(close(kendall(&[4.0, 2.0, 3.0, 1.0]), 1.0 - 2.0 / 6.0));
        assert!(close(kendall(&[1.0, 1.0, 1.0]), 0.0));
    }
}
