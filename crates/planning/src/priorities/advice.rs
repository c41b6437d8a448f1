//! Advice beside a ranking: large important items to split, and how much of the effort the musts are.

use pm33_product::{Moscow, Priority};

use super::{Candidate, Factor, Ranking, Tier, Tiered};

/// A large item that would rank higher in parts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SplitAdvice {
    /// A place in the list of candidates.
    pub candidate: usize,
    /// Its size.
    pub size: f64,
    /// Its rank now.
    pub rank: usize,
    /// The rank that a half with all its value would have: the best that a split can give.
    pub rank_of_half: usize,
}

/// Size from which an important item is better split.
const LARGE: f64 = 13.0;

/// Critical items of 13 and more, and those in P0 or P1 that would rank higher in parts; `tiered` is in the ranking's order. Where
/// nothing is known of an item's value there is no rank to gain.
pub fn split_advice(ranking: &Ranking, candidates: &[Candidate], tiered: &[Tiered]) -> Vec<SplitAdvice> {
    let sized = ranking.items.iter().zip(tiered).filter_map(|(ranked, tiered)| {
        let candidate = &candidates[ranked.candidate];
        let critical = candidate.priority == Priority::Critical;
        let matters = critical || tiered.tier.is_some_and(|tier| tier <= Tier::P1);
        let size = Factor::Size.of(candidate).filter(|&size| ranked.placed && matters && size >= LARGE)?;
        let weights = ranking.method.factors().zip(&ranking.inputs.weights);
        let by_size = weights.filter(|(factor, _)| *factor == Factor::Size).map(|(_, weight)| *weight).next();
        let half = ranked.middle * by_size.unwrap_or(0.0).exp2();
        let above =
            ranking.items.iter().take_while(|other| other.rank < ranked.rank && other.middle >= half).count();
        let (rank, rank_of_half) = (ranked.rank, above + 1);
        (critical || rank_of_half < rank).then_some(SplitAdvice {
            candidate: ranked.candidate,
            size,
            rank,
            rank_of_half,
        })
    });
    sized.collect()
}

/// Effort by MoSCoW class.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MoscowShare {
    /// Part of the sized effort (won'ts apart) that is must, 0 to 1.
    pub must: f64,
    /// Whether that is more than the 60 % that leave room when something goes wrong (DSDM).
    pub too_much: bool,
    /// Items with a class but without a size; they are in no part.
    pub unsized_items: usize,
}

/// The musts' part of the effort; `None` when nothing has both a class and a size.
pub fn moscow_share(candidates: &[Candidate]) -> Option<MoscowShare> {
    let (mut must, mut all, mut unsized_items) = (0.0, 0.0, 0);
    for one in candidates {
        let Some(class) = one.scoring.moscow.filter(|class| *class != Moscow::Wont) else { continue };
        match Factor::Size.of(one) {
            None => unsized_items += 1,
            Some(size) => {
                all += size;
                must += if class == Moscow::Must { size } else { 0.0 };
            }
        }
    }
    (all > 0.0).then(|| MoscowShare { must: must / all, too_much: must / all > 0.6, unsized_items })
}
