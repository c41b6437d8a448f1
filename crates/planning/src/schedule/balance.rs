//! Which of its resources each activity is to take so that all of them end at about the same time: the longest first,
//! each to the one that would then end first (Graham 1969).

use super::{
    bound::{Measure, energy},
    decode::Choice,
    model::Model,
};

/// The choices; `None` where there is nothing to choose.
pub(super) fn balanced(model: &Model<'_>) -> Option<Vec<Choice>> {
    if !model.is_lanes || (0..model.len()).all(|one| model.modes(one) == 1) {
        return None;
    }
    let capacity: Vec<u64> = (0..model.problem.resources.len())
        .map(|one| u64::from(model.capacity(one).max().unwrap_or(0)).max(1))
        .collect();
    let mut load = vec![0_u64; capacity.len()];
    // How much longer a resource is taken by a way.
    let longer = |activity: usize, mode: usize| {
        let way = model.way(activity, mode);
        let demand = way.single?;
        let units = energy(model, way, Measure::Units).saturating_mul(u64::from(demand.amount));
        // In thousandths, so that shares of a resource are told apart.
        Some((demand.resource, units.saturating_mul(1_000) / capacity[demand.resource]))
    };
    let mut open = Vec::new();
    for one in 0..model.len() {
        if model.modes(one) > 1 {
            let least = (0..model.modes(one)).filter_map(|mode| longer(one, mode)).map(|taken| taken.1).min();
            open.push((least.unwrap_or(0), one));
        } else if let Some((resource, units)) = longer(one, 0) {
            load[resource] += units;
        }
    }
    open.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut choice = vec![Choice::Free; model.len()];
    for (_, one) in open {
        let taken = (0..model.modes(one)).filter_map(|mode| Some((mode, longer(one, mode)?)));
        let best = taken.min_by_key(|&(_, (resource, units))| load[resource].saturating_add(units));
        if let Some((mode, (resource, units))) = best {
            load[resource] = load[resource].saturating_add(units);
            choice[one] = Choice::Fixed(mode);
        }
    }
    Some(choice)
}
