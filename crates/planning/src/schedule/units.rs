//! What is left of each resource in each unit of time, for problems whose activities occupy several resources at once.

use super::{Demand, model::Model};

/// Rows of units, resource after resource.
#[derive(Debug)]
pub(super) struct Units {
    left: Vec<u32>,
    /// The same with nothing placed.
    fresh: Vec<u32>,
    horizon: usize,
    /// Per resource: nothing is left before this time.
    open_from: Vec<usize>,
}

impl Units {
    pub(super) fn new(model: &Model<'_>) -> Self {
        let resources = model.problem.resources.len();
        let fresh: Vec<u32> = (0..resources).flat_map(|resource| model.capacity(resource)).collect();
        Self { left: fresh.clone(), fresh, horizon: model.horizon, open_from: vec![0; resources] }
    }

    pub(super) fn clear(&mut self) {
        self.left.copy_from_slice(&self.fresh);
        self.open_from.fill(0);
    }

    /// The first fit from `ready` on.
    #[inline]
    pub(super) fn first_fit(
        &self,
        model: &Model<'_>,
        activity: usize,
        mode: usize,
        ready: usize,
    ) -> Option<(usize, usize)> {
        let (way, demands) = (model.way(activity, mode), model.demands(activity, mode));
        let mut from = demands.iter().map(|demand| self.open_from[demand.resource]).fold(ready, usize::max);
        loop {
            let (start, finish) = model.earliest(way, from, self.horizon)?;
            match self.last_clash(demands, start, finish) {
                None => return Some((start, finish)),
                Some(at) => from = at + 1,
            }
        }
    }

    /// The last fit that is finished by `until`.
    #[inline]
    pub(super) fn last_fit(
        &self,
        model: &Model<'_>,
        activity: usize,
        mode: usize,
        until: usize,
    ) -> Option<(usize, usize)> {
        let (way, demands) = (model.way(activity, mode), model.demands(activity, mode));
        let mut until = until.min(self.horizon);
        loop {
            let (start, finish) = model.latest(way, 0, until)?;
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
            let row = demand.resource * self.horizon;
            let low = worst.map_or(start, |worst| worst + 1);
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
            let row = demand.resource * self.horizon;
            let high = worst.unwrap_or(finish);
            let row = &self.left[row + start..row + high];
            if let Some(offset) = row.iter().position(|&left| left < demand.amount) {
                worst = Some(start + offset);
            }
        }
        worst
    }

    #[inline]
    pub(super) fn occupy(&mut self, demands: &[Demand], start: usize, finish: usize) {
        for demand in demands {
            let row = demand.resource * self.horizon;
            let row = &mut self.left[row..row + self.horizon];
            for left in &mut row[start..finish] {
                *left -= demand.amount;
            }
            let open = &mut self.open_from[demand.resource];
            while *open < self.horizon && row[*open] == 0 {
                *open += 1;
            }
        }
    }
}
