//! Serial schedule generation: activities in a given order, each placed at its earliest feasible time, or, mirrored,
//! at its latest.

use super::{Demand, Value, model::Model};

/// A placed set of activities.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plan {
    pub(super) start: Vec<usize>,
    pub(super) finish: Vec<usize>,
    pub(super) mode: Vec<usize>,
    pub(super) value: Value,
}

/// Which mode an activity is to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// The one that finishes first where it is placed.
    Free,
    /// This one.
    Fixed(usize),
}

/// Scratch space of decoding: what is left of each resource at each time.
#[derive(Debug)]
pub(super) struct Decoder<'m> {
    pub(super) model: &'m Model<'m>,
    left: Vec<u32>,
    /// Per resource: nothing is left before this time.
    open_from: Vec<usize>,
    /// Schedules made so far.
    pub(super) schedules: u64,
}

impl<'m> Decoder<'m> {
    pub(super) fn new(model: &'m Model<'m>) -> Self {
        let resources = model.problem.resources.len();
        Self { model, left: model.capacity.clone(), open_from: vec![0; resources], schedules: 0 }
    }

    fn clear(&mut self) {
        self.left.copy_from_slice(&self.model.capacity);
        self.open_from.fill(0);
        self.schedules += 1;
    }

    /// Places activities in this order, predecessors first, each at its earliest; what has begun goes before the rest. The
    /// activity that did not fit into the horizon is the error.
    pub(super) fn forward(&mut self, order: &[usize], choice: &[Choice]) -> Result<Plan, usize> {
        self.clear();
        let model = self.model;
        let count = model.len();
        let (mut start, mut finish, mut chosen) = (vec![0; count], vec![0; count], vec![0; count]);
        let begun = |activity: usize| model.begun && model.problem.activities[activity].under_way;
        let first = order.iter().copied().filter(|&one| begun(one));
        for activity in first.chain(order.iter().copied().filter(|&one| !begun(one))) {
            let ready = model.ready(activity, |other| finish[other]);
            let best = match choice[activity] {
                Choice::Fixed(mode) => self.first_fit(activity, mode, ready).map(|(s, f)| (mode, s, f)),
                Choice::Free if model.modes(activity) == 1 => {
                    self.first_fit(activity, 0, ready).map(|(s, f)| (0, s, f))
                }
                Choice::Free => (0..model.modes(activity))
                    .filter_map(|mode| self.first_fit(activity, mode, ready).map(|(s, f)| (mode, s, f)))
                    .min_by_key(|&(_, _, f)| f),
            };
            let (mode, from, until) = best.ok_or(activity)?;
            self.occupy(model.demands(activity, mode), from, until);
            (start[activity], finish[activity], chosen[activity]) = (from, until, mode);
        }
        Ok(self.judged(start, finish, chosen))
    }

    /// Places activities in this order, successors first, each at its latest with everything finished by `until`.
    pub(super) fn backward(&mut self, order: &[usize], mode: &[usize], until: usize) -> Option<Plan> {
        self.clear();
        let model = self.model;
        let count = model.len();
        let (mut start, mut finish) = (vec![0; count], vec![0; count]);
        for &activity in order {
            let by = model.needed(activity, until, |other| start[other]);
            let (from, to) = self.last_fit(activity, mode[activity], by)?;
            if from < model.problem.activities[activity].release {
                return None;
            }
            self.occupy(model.demands(activity, mode[activity]), from, to);
            (start[activity], finish[activity]) = (from, to);
        }
        Some(self.judged(start, finish, mode.to_vec()))
    }

    /// Whether some mode of an activity fits into the horizon; asked of a fresh decoder, with nothing else there.
    pub(super) fn fits_alone(&self, activity: usize) -> bool {
        (0..self.model.modes(activity)).any(|mode| self.first_fit(activity, mode, 0).is_some())
    }

    fn judged(&self, start: Vec<usize>, finish: Vec<usize>, mode: Vec<usize>) -> Plan {
        let value = judge(self.model, &finish);
        Plan { start, finish, mode, value }
    }

    #[inline]
    fn first_fit(&self, activity: usize, mode: usize, ready: usize) -> Option<(usize, usize)> {
        let demands = self.model.demands(activity, mode);
        let mut from = demands.iter().map(|demand| self.open_from[demand.resource]).fold(ready, usize::max);
        loop {
            let (start, finish) = self.model.earliest(activity, mode, from)?;
            match self.last_clash(demands, start, finish) {
                None => return Some((start, finish)),
                Some(at) => from = at + 1,
            }
        }
    }

    #[inline]
    fn last_fit(&self, activity: usize, mode: usize, by: usize) -> Option<(usize, usize)> {
        let demands = self.model.demands(activity, mode);
        let mut until = by;
        loop {
            let (start, finish) = self.model.latest(activity, mode, until)?;
            match self.first_clash(demands, start, finish) {
                None => return Some((start, finish)),
                Some(at) => until = at,
            }
        }
    }

    /// The last time in a range at which too little is left: no start up to there is possible.
    #[inline]
    fn last_clash(&self, demands: &[Demand], start: usize, finish: usize) -> Option<usize> {
        let mut worst = None;
        for demand in demands {
            let row = demand.resource * self.model.horizon;
            let low = worst.map_or(start, |at: usize| at + 1);
            let row = &self.left[row + low..row + finish];
            if let Some(offset) = row.iter().rposition(|&left| left < demand.amount) {
                worst = Some(low + offset);
            }
        }
        worst
    }

    #[inline]
    fn first_clash(&self, demands: &[Demand], start: usize, finish: usize) -> Option<usize> {
        let mut worst: Option<usize> = None;
        for demand in demands {
            let row = demand.resource * self.model.horizon;
            let high = worst.unwrap_or(finish);
            let row = &self.left[row + start..row + high];
            if let Some(offset) = row.iter().position(|&left| left < demand.amount) {
                worst = Some(start + offset);
            }
        }
        worst
    }

    #[inline]
    fn occupy(&mut self, demands: &[Demand], start: usize, finish: usize) {
        let horizon = self.model.horizon;
        for demand in demands {
            let row = &mut self.left[demand.resource * horizon..(demand.resource + 1) * horizon];
            for left in &mut row[start..finish] {
                *left -= demand.amount;
            }
            let open = &mut self.open_from[demand.resource];
            while *open < horizon && row[*open] == 0 {
                *open += 1;
            }
        }
    }
}

/// The value of finishes.
pub(super) fn judge(model: &Model<'_>, finish: &[usize]) -> Value {
    let mut value = Value { tardiness: 0.0, makespan: 0, waiting: 0.0 };
    for (activity, &at) in model.problem.activities.iter().zip(finish) {
        value.makespan = value.makespan.max(at);
        if activity.weight > 0.0 {
            value.waiting += activity.weight * count(at);
            if let Some(due) = activity.due {
                value.tardiness += activity.weight * count(at.saturating_sub(due));
            }
        }
    }
    value
}

#[expect(clippy::cast_precision_loss, reason = "a time is at most the longest horizon")]
fn count(units: usize) -> f64 {
    units as f64
}
