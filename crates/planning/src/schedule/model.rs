//! The compiled problem: neighbours, orders, working time summed up, earliest and latest times.

use super::{Demand, Length, Problem, ProblemError};

/// A link as one of its ends sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Neighbour {
    pub(super) activity: usize,
    pub(super) lag: isize,
}

/// What decoding needs, laid out for it.
#[derive(Debug)]
pub(super) struct Model<'a> {
    pub(super) problem: &'a Problem,
    pub(super) before: Vec<Vec<Neighbour>>,
    pub(super) after: Vec<Vec<Neighbour>>,
    /// Activities, predecessors first.
    pub(super) order: Vec<usize>,
    /// Capacity by resource and time, resource after resource.
    pub(super) capacity: Vec<u32>,
    /// Work done before each time, per calendar; one longer than the horizon.
    work: Vec<Vec<u64>>,
    /// How long each mode of each activity takes; the problem's own lengths, unless a trial has drawn others.
    pub(super) lengths: Vec<Vec<Length>>,
    pub(super) horizon: usize,
    /// Some activity has begun.
    pub(super) begun: bool,
}

impl<'a> Model<'a> {
    /// Compiles a problem.
    pub(super) fn new(problem: &'a Problem) -> Result<Self, ProblemError> {
        problem.check()?;
        let count = problem.activities.len();
        let (mut before, mut after) = (vec![Vec::new(); count], vec![Vec::new(); count]);
        // What has begun waits for nothing any more.
        for link in problem.links.iter().filter(|link| !problem.activities[link.to].under_way) {
            before[link.to].push(Neighbour { activity: link.from, lag: link.lag });
            after[link.from].push(Neighbour { activity: link.to, lag: link.lag });
        }
        let order = topological(&before, &after)?;
        let horizon = problem.horizon;
        let mut capacity = Vec::with_capacity(horizon * problem.resources.len());
        for resource in &problem.resources {
            let last = resource.capacity.last().copied().unwrap_or(0);
            capacity.extend((0..horizon).map(|at| resource.capacity.get(at).copied().unwrap_or(last)));
        }
        let work = problem.calendars.iter().map(|calendar| summed(&calendar.rate, horizon)).collect();
        let lengths = problem.activities.iter().map(|one| one.modes.iter().map(|mode| mode.length).collect());
        let begun = problem.activities.iter().any(|one| one.under_way);
        Ok(Self { problem, before, after, order, capacity, work, lengths: lengths.collect(), horizon, begun })
    }

    pub(super) fn len(&self) -> usize {
        self.problem.activities.len()
    }

    pub(super) fn modes(&self, activity: usize) -> usize {
        self.problem.activities[activity].modes.len()
    }

    pub(super) fn demands(&self, activity: usize, mode: usize) -> &[Demand] {
        &self.problem.activities[activity].modes[mode].demands
    }

    /// The first time from `from` on at which the mode could start, with its finish; `None` past the horizon.
    pub(super) fn earliest(&self, activity: usize, mode: usize, from: usize) -> Option<(usize, usize)> {
        match self.lengths[activity][mode] {
            Length::Elapsed(length) => {
                let finish = from.checked_add(length)?;
                (finish <= self.horizon).then_some((from, finish))
            }
            Length::Working { calendar, amount } => {
                let work = &self.work[calendar];
                if from > self.horizon {
                    return None;
                }
                if amount == 0 {
                    return Some((from, from));
                }
                let done = work[from];
                // The start is the first unit that holds work; the finish is the first time with enough of it.
                let start = work.partition_point(|&sum| sum <= done).checked_sub(1)?;
                let finish = work.partition_point(|&sum| sum < done.saturating_add(amount));
                (finish <= self.horizon).then_some((start, finish))
            }
        }
    }

    /// The last start for a finish not after `until`, with that finish; `None` before time 0.
    pub(super) fn latest(&self, activity: usize, mode: usize, until: usize) -> Option<(usize, usize)> {
        let until = until.min(self.horizon);
        match self.lengths[activity][mode] {
            Length::Elapsed(length) => until.checked_sub(length).map(|start| (start, until)),
            Length::Working { calendar, amount } => {
                let work = &self.work[calendar];
                if amount == 0 {
                    return Some((until, until));
                }
                let left = work[until].checked_sub(amount)?;
                let start = work.partition_point(|&sum| sum <= left).checked_sub(1)?;
                // Working at the full rate from that start may finish earlier than asked.
                let finish = work.partition_point(|&sum| sum < work[start] + amount);
                (finish <= until).then_some((start, finish))
            }
        }
    }

    /// Earliest finish and start over all modes with resources ignored; a floor for every schedule.
    pub(super) fn floors(&self) -> Result<Vec<(usize, usize)>, ProblemError> {
        let mut floors = vec![(0, 0); self.len()];
        for &activity in &self.order {
            let from = self.ready(activity, |other| floors[other].1);
            let best = (0..self.modes(activity))
                .filter_map(|mode| self.earliest(activity, mode, from))
                .min_by_key(|&(_, finish)| finish);
            floors[activity] = best.ok_or(ProblemError::Horizon { horizon: self.horizon, activity })?;
        }
        Ok(floors)
    }

    /// Latest start and finish over all modes with resources ignored, for everything to end by `until`; activities
    /// that cannot are given time 0.
    pub(super) fn ceilings(&self, until: usize) -> Vec<(usize, usize)> {
        let mut ceilings = vec![(0, 0); self.len()];
        for &activity in self.order.iter().rev() {
            let by = self.needed(activity, until, |other| ceilings[other].0);
            ceilings[activity] = (0..self.modes(activity))
                .filter_map(|mode| self.latest(activity, mode, by))
                .max_by_key(|&(start, _)| start)
                .unwrap_or((0, 0));
        }
        ceilings
    }

    /// When the links and the release let an activity start, given finishes.
    #[inline]
    pub(super) fn ready(&self, activity: usize, finish: impl Fn(usize) -> usize) -> usize {
        let release = self.problem.activities[activity].release;
        self.before[activity]
            .iter()
            .map(|link| finish(link.activity).saturating_add_signed(link.lag))
            .fold(release, usize::max)
    }

    /// By when the links need an activity finished, given starts.
    #[inline]
    pub(super) fn needed(&self, activity: usize, until: usize, start: impl Fn(usize) -> usize) -> usize {
        self.after[activity]
            .iter()
            .map(|link| start(link.activity).saturating_add_signed(link.lag.saturating_neg()))
            .fold(until, usize::min)
    }
}

fn summed(rate: &[u32], horizon: usize) -> Vec<u64> {
    let mut sum = 0;
    let mut work = Vec::with_capacity(horizon + 1);
    work.push(0);
    for at in 0..horizon {
        sum += u64::from(rate.get(at).copied().unwrap_or(0));
        work.push(sum);
    }
    work
}

/// Predecessors first; among the free ones the lowest index.
fn topological(before: &[Vec<Neighbour>], after: &[Vec<Neighbour>]) -> Result<Vec<usize>, ProblemError> {
    let mut open: Vec<usize> = before.iter().map(Vec::len).collect();
    let mut free: std::collections::BinaryHeap<_> =
        (0..open.len()).filter(|&one| open[one] == 0).map(std::cmp::Reverse).collect();
    let mut order = Vec::with_capacity(open.len());
    while let Some(std::cmp::Reverse(one)) = free.pop() {
        order.push(one);
        for link in &after[one] {
            open[link.activity] -= 1;
            if open[link.activity] == 0 {
                free.push(std::cmp::Reverse(link.activity));
            }
        }
    }
    if order.len() == open.len() {
        Ok(order)
    } else {
        Err(ProblemError::Cycle { activities: circle(before, &open) })
    }
}

/// One circle among the activities that stayed open: backwards until one repeats.
fn circle(before: &[Vec<Neighbour>], open: &[usize]) -> Vec<usize> {
    let mut at = open.iter().position(|&left| left > 0).unwrap_or(0);
    let mut path = Vec::new();
    loop {
        if let Some(first) = path.iter().position(|&one| one == at) {
            let mut circle = path.split_off(first);
            circle.reverse();
            return circle;
        }
        path.push(at);
        match before[at].iter().map(|link| link.activity).filter(|&one| open[one] > 0).min() {
            Some(next) => at = next,
            None => return path,
        }
    }
}
