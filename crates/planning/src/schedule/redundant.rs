//! Loads beside the resources' own, for problems whose activities need several resources at once: what cannot run together, and
//! demands rounded in ways that no schedule minds (dual feasible functions; Fekete & Schepers 2001).

use super::{Length, bound::Load, model::Model};

/// Activities of the largest problem that is looked at so: what cannot run together is a table of pairs.
const ACTIVITIES_MAX: usize = 200;
/// Demands are rounded to halves of a resource, to thirds, and so on up to this.
const SHARES: u64 = 7;

/// The loads; none where lengths are not fixed.
pub(super) fn redundant(model: &Model<'_>, until: usize) -> Vec<Load> {
    let length = |one: usize| match model.ways_of(one) {
        [way] => match way.length {
            Length::Elapsed(length) => Some(length as u64),
            Length::Working { .. } => None,
        },
        _ => None,
    };
    let lengths: Option<Vec<u64>> = (0..model.len()).map(length).collect();
    let Some(lengths) = lengths.filter(|lengths| lengths.len() <= ACTIVITIES_MAX) else { return Vec::new() };
    let mut loads: Vec<Load> = apart(model, &lengths)
        .into_iter()
        .map(|list| Load::steady(list.into_iter().map(|one| (one, lengths[one])).collect(), 1, until))
        .collect();
    for resource in 0..model.problem.resources.len() {
        // Room that is there at some time only bounds what may run together as well.
        let room = u64::from(model.capacity(resource).max().unwrap_or(0));
        let needs: Vec<u64> = (0..model.len()).map(|one| demand(model, one, resource)).collect();
        for (rounded, room) in rounded(&needs, room) {
            let energies = rounded.iter().zip(&lengths).map(|(amount, length)| amount * length).enumerate();
            loads.push(Load::steady(energies.filter(|need| need.1 > 0).collect(), room, until));
        }
    }
    loads
}

/// What an activity of one mode takes of a resource.
fn demand(model: &Model<'_>, one: usize, resource: usize) -> u64 {
    let demands = model.demands(one, 0).iter().filter(|demand| demand.resource == resource);
    demands.map(|demand| u64::from(demand.amount)).sum()
}

/// Amounts and room by each rounding: whatever amounts fit together still do.
fn rounded(needs: &[u64], room: u64) -> Vec<(Vec<u64>, u64)> {
    if room == 0 {
        return Vec::new();
    }
    let mut small: Vec<u64> = needs.iter().copied().filter(|need| *need > 0 && need * 2 <= room).collect();
    small.sort_unstable();
    small.dedup();
    // Beside what leaves less than this, nothing of this size or more fits; what is smaller is left out.
    let cut = |from: u64| {
        let round = |need: &u64| match *need {
            need if need > room - from => room,
            need if need < from => 0,
            need => need,
        };
        (needs.iter().map(round).collect(), room)
    };
    // Of what takes more than a part in so many, that many fit less one.
    let shares = |parts: u64| {
        let round = |need: &u64| match need * (parts + 1) {
            times if times.is_multiple_of(room) => need * parts,
            times => times / room * room,
        };
        (needs.iter().map(round).collect(), room * parts)
    };
    small.into_iter().map(cut).chain((1..SHARES).map(shares)).collect()
}

/// Lists of activities no two of which can run together, because one waits for the other or they need too much of a resource: for
/// each activity a list with it, the longest first.
fn apart(model: &Model<'_>, lengths: &[u64]) -> Vec<Vec<usize>> {
    let count = model.len();
    let mut is_apart = vec![false; count * count];
    if !model.leads {
        for &one in model.order.iter().rev() {
            for link in model.after.of(one) {
                is_apart[one * count + link.activity] = true;
                for other in 0..count {
                    is_apart[one * count + other] |= is_apart[link.activity * count + other];
                }
            }
        }
    }
    for resource in 0..model.problem.resources.len() {
        let room = u64::from(model.capacity(resource).max().unwrap_or(0));
        let needs: Vec<u64> = (0..count).map(|one| demand(model, one, resource)).collect();
        for one in 0..count {
            for other in 0..count {
                is_apart[one * count + other] |= needs[one] + needs[other] > room;
            }
        }
    }
    let mut longest: Vec<usize> = (0..count).filter(|&one| lengths[one] > 0).collect();
    longest.sort_by_key(|&one| std::cmp::Reverse(lengths[one]));
    let mut lists: Vec<Vec<usize>> = longest
        .iter()
        .map(|&first| {
            let mut list = vec![first];
            for &one in longest.iter().filter(|one| **one != first) {
                if list.iter().all(|&other| is_apart[one * count + other] || is_apart[other * count + one]) {
                    list.push(one);
                }
            }
            list.sort_unstable();
            list
        })
        .collect();
    lists.sort();
    lists.dedup();
    lists
}

#[cfg(test)]
mod tests {
    use super::rounded;

    #[test]
    fn what_fits_together_still_does_after_every_rounding() {
        for room in 1..14_u64 {
            // Three that fit, and one more size that roundings may go by.
            for (a, b, c) in (0..=room)
                .flat_map(|a| (0..=room).map(move |b| (a, b)))
                .flat_map(|(a, b)| (0..=room.saturating_sub(a + b)).map(move |c| (a, b, c)))
            {
                for other in 0..=room {
                    for (amounts, room_then) in rounded(&[a, b, c, other], room) {
                        let fits = a + b + c <= room;
                        let sum: u64 = amounts[..3].iter().sum();
                        assert!(
                            !fits || sum <= room_then,
                            "{a} {b} {c} of {room}: {amounts:?} of {room_then}"
                        );
                    }
                }
            }
        }
    }
}
