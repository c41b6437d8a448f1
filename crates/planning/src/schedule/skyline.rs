//! What is left of each resource as steps over time, for problems whose activities occupy one resource at most, as epics
//! do on lanes: a lane that is taken without a break is one step, however long, and finding room costs the steps passed.

use super::{
    Demand,
    model::{Model, Way},
};

/// So much is left from here to the next step.
#[derive(Clone, Copy, Debug)]
struct Step {
    from: usize,
    left: u32,
}

/// Steps per resource, ascending; neighbours differ.
#[derive(Debug)]
pub(super) struct Skyline {
    rows: Vec<Vec<Step>>,
    /// The same with nothing placed.
    fresh: Vec<Vec<Step>>,
    /// The one calendar whose working time everything on the resource counts, where its capacity never changes.
    own: Vec<Option<usize>>,
}

impl Skyline {
    pub(super) fn new(model: &Model<'_>) -> Self {
        let steps = |resource: usize| {
            let mut steps: Vec<Step> = Vec::new();
            for (from, left) in model.capacity(resource).enumerate() {
                if steps.last().is_none_or(|last| last.left != left) {
                    steps.push(Step { from, left });
                }
            }
            steps
        };
        let fresh: Vec<_> = (0..model.problem.resources.len()).map(steps).collect();
        let own = model.own.iter().zip(&fresh).map(|(own, fresh)| own.filter(|_| fresh.len() == 1));
        Self { rows: fresh.clone(), own: own.collect(), fresh }
    }

    pub(super) fn clear(&mut self) {
        for (row, fresh) in self.rows.iter_mut().zip(&self.fresh) {
            row.clear();
            row.extend_from_slice(fresh);
        }
    }

    /// The first fit from `ready` on that is finished before `limit`.
    #[inline]
    pub(super) fn first_fit(
        &self,
        model: &Model<'_>,
        way: &Way,
        ready: usize,
        limit: usize,
    ) -> Option<(usize, usize)> {
        let Some(Demand { resource, amount }) = way.single.filter(|_| !way.is_instant()) else {
            return model.earliest(way, ready, model.horizon).filter(|fit| fit.1 < limit);
        };
        let row = &self.rows[resource];
        let mut at = row.partition_point(|step| step.from <= ready).checked_sub(1)?;
        loop {
            while row.get(at)?.left < amount {
                at += 1;
            }
            let from = ready.max(row[at].from);
            if from >= limit {
                return None;
            }
            while row.get(at).is_some_and(|step| step.left >= amount) {
                at += 1;
            }
            let until = row.get(at).map_or(model.horizon, |step| step.from);
            if let Some(fit) = model.earliest(way, from, until) {
                return (fit.1 < limit).then_some(fit);
            }
        }
    }

    /// The last fit that is finished by `until`.
    #[inline]
    pub(super) fn last_fit(&self, model: &Model<'_>, way: &Way, until: usize) -> Option<(usize, usize)> {
        let Some(Demand { resource, amount }) = way.single.filter(|_| !way.is_instant()) else {
            return model.latest(way, 0, until.min(model.horizon));
        };
        let row = &self.rows[resource];
        let mut until = until.min(model.horizon);
        // The steps before this one begin before `until`.
        let mut at = row.partition_point(|step| step.from < until);
        loop {
            while row[at.checked_sub(1)?].left < amount {
                at -= 1;
                until = row[at].from;
            }
            while at > 0 && row[at - 1].left >= amount {
                at -= 1;
            }
            if let Some(fit) = model.latest(way, row[at].from, until) {
                return Some(fit);
            }
            until = row[at].from;
        }
    }

    #[inline]
    pub(super) fn occupy(&mut self, model: &Model<'_>, way: &Way, start: usize, finish: usize) {
        let Some(Demand { resource, amount }) = way.single.filter(|demand| demand.amount > 0) else { return };
        if start == finish {
            return;
        }
        // Nothing could use the days off up to the next work, and taken along they leave no gap to look at.
        let finish = self.own[resource].map_or(finish, |calendar| model.work[calendar].next(finish));
        let row = &mut self.rows[resource];
        let first = cut(row, start, model.horizon);
        let end = cut(row, finish, model.horizon);
        for step in &mut row[first..end] {
            step.left -= amount;
        }
        if end < row.len() && row[end].left == row[end - 1].left {
            row.remove(end);
        }
        if first > 0 && row[first].left == row[first - 1].left {
            row.remove(first);
        }
    }
}

/// Makes a step begin at this time; its place.
#[inline]
fn cut(row: &mut Vec<Step>, at: usize, horizon: usize) -> usize {
    if at >= horizon {
        return row.len();
    }
    let place = row.partition_point(|step| step.from < at);
    if row.get(place).is_none_or(|step| step.from != at) {
        // The first step begins at 0, so a later one has one before it.
        row.insert(place, Step { from: at, left: row[place - 1].left });
    }
    place
}
