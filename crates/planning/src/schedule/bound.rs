//! Lower bounds: no schedule can finish sooner, whatever the order.

use super::{
    Demand, Length,
    model::{Model, Way},
    redundant::redundant,
};

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
    /// Work that must be done inside a window against what the resources have in it.
    ResourceLoad,
}

/// Sets of alternative resources that are looked at together, beside all of them; those that most activities are bound to.
const SETS_MAX: usize = 16;

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
    let enough = enough.max(known);
    let loads = loads(model, enough);
    let mut tree = Tree::default();
    // Loads only ease with a later deadline, so the least one is found by halving.
    let (mut low, mut high) = (known, enough);
    while low < high {
        let middle = usize::midpoint(low, high);
        let ceilings = model.ceilings(middle);
        let over = loads.iter().any(|load| load.is_over(floors, &ceilings, &mut tree));
        if over { low = middle + 1 } else { high = middle }
    }
    Bound { kind: BoundKind::ResourceLoad, makespan: low }
}

/// What activities must take of some resources, whichever of their modes is chosen, against what those have.
pub(super) struct Load {
    /// Activity and energy.
    needs: Vec<(usize, u64)>,
    /// Energy that the resources have before each time.
    had: Vec<u64>,
}

/// How energy is counted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    /// In units of time that hold work: a begun day is a day.
    Units,
    /// In work: what counts where a resource works at changing rates, or one faster than another.
    Work,
}

/// The loads worth looking at: each resource alone, sets that activities may choose from, and all resources together.
fn loads(model: &Model<'_>, until: usize) -> Vec<Load> {
    let resources = model.problem.resources.len();
    let mut sets: Vec<Vec<usize>> = (0..resources).map(|one| vec![one]).collect();
    if model.is_lanes {
        sets.extend(choices(model));
        sets.push((0..resources).collect());
        sets.sort();
        sets.dedup();
    }
    let both = if model.is_lanes { &[Measure::Units, Measure::Work][..] } else { &[Measure::Units] };
    let pairs = sets.iter().flat_map(|set| both.iter().map(move |measure| (set, *measure)));
    let mut loads: Vec<_> =
        pairs.filter_map(|(set, measure)| Load::new(model, set, measure, until)).collect();
    if !model.is_lanes {
        loads.extend(redundant(model, until));
    }
    loads
}

/// The sets of resources that activities choose from, those of most activities first.
fn choices(model: &Model<'_>) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = (0..model.len())
        .map(|one| {
            let single = model.ways_of(one).iter().filter_map(|way| way.single);
            let mut set: Vec<usize> = single.map(|demand| demand.resource).collect();
            set.sort_unstable();
            set.dedup();
            set
        })
        .filter(|set| set.len() > 1)
        .collect();
    all.sort_unstable();
    let mut sets: Vec<(usize, Vec<usize>)> = Vec::new();
    for set in all {
        match sets.last_mut() {
            Some((count, last)) if *last == set => *count += 1,
            _ => sets.push((1, set)),
        }
    }
    sets.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    sets.into_iter().take(SETS_MAX).map(|(_, set)| set).collect()
}

impl Load {
    /// Of something of which there is always as much.
    pub(super) fn steady(needs: Vec<(usize, u64)>, room: u64, until: usize) -> Self {
        Self { needs, had: (0..=until as u64).map(|at| at * room).collect() }
    }

    /// `None` where nothing must use these resources, or they cannot be measured so.
    fn new(model: &Model<'_>, set: &[usize], measure: Measure, until: usize) -> Option<Self> {
        let mut inside = vec![false; model.problem.resources.len()];
        for &resource in set {
            inside[resource] = true;
        }
        let of = |activity: usize, mode: usize| {
            let demands: &[Demand] = model.demands(activity, mode);
            let amount: u64 = demands
                .iter()
                .filter(|demand| inside[demand.resource])
                .map(|demand| u64::from(demand.amount))
                .sum();
            amount.saturating_mul(energy(model, model.way(activity, mode), measure))
        };
        let needs = (0..model.len()).filter_map(|one| {
            let least = (0..model.modes(one)).map(|mode| of(one, mode)).min().unwrap_or(0);
            (least > 0).then_some((one, least))
        });
        let needs: Vec<_> = needs.collect();
        if needs.is_empty() {
            return None;
        }
        let mut there = vec![0_u64; until];
        for &resource in set {
            let own = model.own[resource].map(|calendar| &model.work[calendar]);
            for ((at, sum), amount) in there.iter_mut().enumerate().zip(model.capacity(resource)) {
                let rate = match (own, measure) {
                    (Some(work), Measure::Units) => u64::from(work.next(at) == at),
                    (Some(work), Measure::Work) => work.between(at, at + 1),
                    (None, Measure::Units) => 1,
                    (None, Measure::Work) => return None,
                };
                *sum += rate * u64::from(amount);
            }
        }
        let mut had = vec![0];
        had.extend(there.iter().scan(0_u64, |sum, there| {
            *sum = sum.saturating_add(*there);
            Some(*sum)
        }));
        Some(Self { needs, had })
    }

    /// Whether some window has less than the activities that lie inside it need. Windows begin where an activity may begin
    /// and end where one must be finished; from the last beginning on, the tree holds the ends of all that begin no earlier.
    fn is_over(&self, floors: &[(usize, usize)], ceilings: &[(usize, usize)], tree: &mut Tree) -> bool {
        let last = self.had.len() - 1;
        let end = |one: usize| ceilings[one].1.max(floors[one].1).min(last);
        let mut by_end: Vec<usize> = (0..self.needs.len()).collect();
        by_end.sort_unstable_by_key(|&need| end(self.needs[need].0));
        tree.clear(by_end.len());
        let mut by_start: Vec<usize> = (0..by_end.len()).collect();
        by_start.sort_unstable_by_key(|&leaf| std::cmp::Reverse(floors[self.needs[by_end[leaf]].0].0));
        by_start.into_iter().any(|leaf| {
            let (one, energy) = self.needs[by_end[leaf]];
            let over = tree.put(leaf, signed(energy), signed(self.had[end(one)]));
            over + signed(self.had[floors[one].0.min(last)]) > 0
        })
    }
}

fn signed(energy: u64) -> i64 {
    i64::try_from(energy).unwrap_or(i64::MAX / 4).min(i64::MAX / 4)
}

/// How much a way does, by a measure; 0 where that cannot be told.
pub(super) fn energy(model: &Model<'_>, way: &Way, measure: Measure) -> u64 {
    match (way.length, measure) {
        (Length::Elapsed(length), Measure::Units) => length as u64,
        (Length::Elapsed(_), Measure::Work) => 0,
        (Length::Working { amount, .. }, Measure::Work) => amount,
        (Length::Working { calendar, amount }, Measure::Units) => {
            amount.checked_div(u64::from(model.work[calendar].fastest)).map_or(0, |whole| {
                whole + u64::from(!amount.is_multiple_of(u64::from(model.work[calendar].fastest)))
            })
        }
    }
}

/// A tree over ends, ascending (the Θ-tree of Vilím 2004): per node the energy below it, and the most by which the
/// energy up to one of its ends is above what is there before that end.
#[derive(Debug, Default)]
struct Tree {
    leaves: usize,
    sum: Vec<i64>,
    most: Vec<i64>,
}

/// Less than any energy, and far from overflow.
const NONE: i64 = i64::MIN / 2;

impl Tree {
    fn clear(&mut self, count: usize) {
        self.leaves = count.next_power_of_two();
        self.sum.clear();
        self.sum.resize(2 * self.leaves, 0);
        self.most.clear();
        self.most.resize(2 * self.leaves, NONE);
    }

    /// Puts an activity at its end; what is the most for the whole tree then.
    fn put(&mut self, leaf: usize, energy: i64, there: i64) -> i64 {
        let mut at = self.leaves + leaf;
        (self.sum[at], self.most[at]) = (energy, energy - there);
        while at > 1 {
            at /= 2;
            let (left, right) = (2 * at, 2 * at + 1);
            self.sum[at] = self.sum[left].saturating_add(self.sum[right]);
            self.most[at] = self.most[left].max(self.sum[left].saturating_add(self.most[right]));
        }
        self.most[1]
    }
}
