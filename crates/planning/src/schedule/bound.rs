//! Lower bounds: no schedule can finish sooner, whatever the order.

use super::{Length, model::Model};

/// A lower bound of the makespan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// How it was found.
    pub kind: BoundKind,
    /// No schedule finishes before this time.
    pub makespan: usize,
}

/// How a bound was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoundKind {
    /// The longest chain of links, resources ignored.
    CriticalPath,
    /// Work that must be done inside a window against what the resource has in it.
    ResourceLoad,
}

/// The longest chain.
pub(super) fn critical_path(floors: &[(usize, usize)]) -> Bound {
    let makespan = floors.iter().map(|floor| floor.1).max().unwrap_or(0);
    Bound { kind: BoundKind::CriticalPath, makespan }
}

/// The least deadline, from `known` on, that no window's load rules out; deadlines after `enough` are not tried.
pub(super) fn resource_load(
    model: &Model<'_>,
    floors: &[(usize, usize)],
    known: usize,
    enough: usize,
) -> Bound {
    // Loads only ease with a later deadline, so the least one is found by halving.
    let (mut low, mut high) = (known, enough.max(known));
    while low < high {
        let middle = usize::midpoint(low, high);
        if overloaded(model, floors, middle) { low = middle + 1 } else { high = middle }
    }
    Bound { kind: BoundKind::ResourceLoad, makespan: low }
}

/// Work of one activity on one resource: window and energy.
struct Load {
    from: usize,
    until: usize,
    energy: u64,
}

/// Whether some resource has less than the activities that lie inside a window need of it.
fn overloaded(model: &Model<'_>, floors: &[(usize, usize)], deadline: usize) -> bool {
    let ceilings = model.ceilings(deadline);
    (0..model.problem.resources.len()).any(|resource| {
        let mut loads: Vec<_> =
            (0..model.len()).filter_map(|one| load(model, resource, one, floors, &ceilings)).collect();
        loads.sort_unstable_by_key(|load| load.until);
        let mut starts: Vec<_> = loads.iter().map(|load| load.from).collect();
        starts.sort_unstable();
        starts.dedup();
        let row = &model.capacity[resource * model.horizon..(resource + 1) * model.horizon];
        let mut had = Vec::with_capacity(row.len() + 1);
        had.push(0_u64);
        for &amount in row {
            had.push(had[had.len() - 1] + u64::from(amount));
        }
        starts.iter().any(|&from| {
            let mut need = 0;
            loads.iter().filter(|load| load.from >= from).any(|load| {
                need += load.energy;
                need > had[load.until.min(row.len())] - had[from.min(load.until)]
            })
        })
    })
}

/// What an activity takes of a resource at the least, over its modes; `None` for nothing.
fn load(
    model: &Model<'_>,
    resource: usize,
    one: usize,
    floors: &[(usize, usize)],
    ceilings: &[(usize, usize)],
) -> Option<Load> {
    let least = |mode: &super::Mode| {
        let amount =
            mode.demands.iter().filter(|demand| demand.resource == resource).map(|demand| demand.amount);
        let amount: u64 = amount.map(u64::from).sum();
        let length = match mode.length {
            Length::Elapsed(length) => length as u64,
            Length::Working { calendar, amount } => {
                let fastest = model.problem.calendars[calendar].rate.iter().copied().max().unwrap_or(0);
                amount.checked_div(u64::from(fastest)).unwrap_or(0)
            }
        };
        amount * length
    };
    let energy = model.problem.activities[one].modes.iter().map(least).min().unwrap_or(0);
    (energy > 0).then(|| Load { from: floors[one].0, until: ceilings[one].1.max(floors[one].1), energy })
}
