//! Serial schedule generation: activities in a given order, each placed at its earliest feasible time, or, mirrored,
//! at its latest.

use super::{Value, model::Model, skyline::Skyline, units::Units};

/// A placed set of activities.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plan {
    pub(super) start: Vec<usize>,
    pub(super) finish: Vec<usize>,
    pub(super) mode: Vec<usize>,
    pub(super) value: Value,
}

impl Plan {
    /// Room for a plan; decoding fills it.
    pub(super) fn room(model: &Model<'_>) -> Self {
        let times = vec![0; model.len()];
        let value = Value { tardiness: 0.0, makespan: 0, waiting: 0.0 };
        Self { start: times.clone(), finish: times.clone(), mode: times, value }
    }
}

/// Which mode an activity is to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// The one that finishes first where it is placed.
    Free,
    /// This one.
    Fixed(usize),
}

/// Scratch space of decoding: what is left of each resource over time.
#[derive(Debug)]
pub(super) struct Decoder {
    left: Left,
    /// Schedules made so far.
    pub(super) schedules: u64,
}

#[derive(Debug)]
enum Left {
    Steps(Skyline),
    Units(Units),
}

impl Left {
    /// The first fit from `ready` on; one that is not finished before `limit` may be left out.
    #[inline]
    fn first_fit(
        &self,
        model: &Model<'_>,
        (activity, mode): (usize, usize),
        ready: usize,
        limit: usize,
    ) -> Option<(usize, usize)> {
        match self {
            Self::Steps(steps) => steps.first_fit(model, model.way(activity, mode), ready, limit),
            Self::Units(units) => units.first_fit(model, activity, mode, ready),
        }
    }

    #[inline]
    fn last_fit(
        &self,
        model: &Model<'_>,
        (activity, mode): (usize, usize),
        until: usize,
    ) -> Option<(usize, usize)> {
        match self {
            Self::Steps(steps) => steps.last_fit(model, model.way(activity, mode), until),
            Self::Units(units) => units.last_fit(model, activity, mode, until),
        }
    }

    #[inline]
    fn occupy(&mut self, model: &Model<'_>, (activity, mode): (usize, usize), start: usize, finish: usize) {
        match self {
            Self::Steps(steps) => steps.occupy(model, model.way(activity, mode), start, finish),
            Self::Units(units) => units.occupy(model.demands(activity, mode), start, finish),
        }
    }
}

impl Decoder {
    pub(super) fn new(model: &Model<'_>) -> Self {
        let left =
            if model.is_lanes { Left::Steps(Skyline::new(model)) } else { Left::Units(Units::new(model)) };
        Self { left, schedules: 0 }
    }

    fn clear(&mut self) {
        match &mut self.left {
            Left::Steps(steps) => steps.clear(),
            Left::Units(units) => units.clear(),
        }
        self.schedules += 1;
    }

    /// Places activities in this order, predecessors first, each at its earliest; what has begun goes before the rest. The
    /// activity that did not fit into the horizon is the error; the plan is then half filled.
    pub(super) fn forward(
        &mut self,
        model: &Model<'_>,
        order: &[usize],
        choice: &[Choice],
        plan: &mut Plan,
    ) -> Result<(), usize> {
        self.clear();
        if model.begun {
            let begun = |activity: usize| model.problem.activities[activity].under_way;
            let first = order.iter().copied().filter(|&one| begun(one));
            for activity in first.chain(order.iter().copied().filter(|&one| !begun(one))) {
                self.place(model, activity, choice[activity], plan)?;
            }
        } else {
            for &activity in order {
                self.place(model, activity, choice[activity], plan)?;
            }
        }
        plan.value = judge(model, &plan.finish);
        Ok(())
    }

    #[inline]
    fn place(
        &mut self,
        model: &Model<'_>,
        activity: usize,
        choice: Choice,
        plan: &mut Plan,
    ) -> Result<(), usize> {
        let ready = model.ready(activity, |other| plan.finish[other]);
        let fit = |mode, limit| {
            self.left
                .first_fit(model, (activity, mode), ready, limit)
                .map(|(from, until)| (mode, from, until))
        };
        let best = match choice {
            Choice::Fixed(mode) => fit(mode, usize::MAX),
            Choice::Free => (0..model.modes(activity)).fold(None, |best: Option<(_, _, usize)>, mode| {
                let limit = best.map_or(usize::MAX, |best| best.2);
                fit(mode, limit).filter(|found| found.2 < limit).or(best)
            }),
        };
        let (mode, from, until) = best.ok_or(activity)?;
        self.left.occupy(model, (activity, mode), from, until);
        (plan.start[activity], plan.finish[activity], plan.mode[activity]) = (from, until, mode);
        Ok(())
    }

    /// Places activities in this order, successors first, each at its latest to be finished by its own `until`. `None` when
    /// that does not fit; the plan is then half filled.
    pub(super) fn backward(
        &mut self,
        model: &Model<'_>,
        order: &[usize],
        mode: &[usize],
        until: impl Fn(usize) -> usize,
        plan: &mut Plan,
    ) -> Option<()> {
        self.clear();
        for &activity in order {
            let by = model.needed(activity, until(activity), |other| plan.start[other]);
            let (from, to) = self.left.last_fit(model, (activity, mode[activity]), by)?;
            if from < model.release(activity) {
                return None;
            }
            self.left.occupy(model, (activity, mode[activity]), from, to);
            (plan.start[activity], plan.finish[activity]) = (from, to);
        }
        Some(())
    }

    /// Whether some mode of an activity fits into the horizon; asked of a fresh decoder, with nothing else there.
    pub(super) fn fits_alone(&self, model: &Model<'_>, activity: usize) -> bool {
        (0..model.modes(activity))
            .any(|mode| self.left.first_fit(model, (activity, mode), 0, usize::MAX).is_some())
    }
}

/// The value of finishes.
pub(super) fn judge(model: &Model<'_>, finish: &[usize]) -> Value {
    let mut value = Value { tardiness: 0.0, makespan: 0, waiting: 0.0 };
    for (&(weight, due), &at) in model.dues().iter().zip(finish) {
        value.makespan = value.makespan.max(at);
        value.waiting += weight * count(at);
        value.tardiness += weight * count(at.saturating_sub(due));
    }
    value
}

#[expect(clippy::cast_precision_loss, reason = "a time is at most the longest horizon")]
fn count(units: usize) -> f64 {
    units as f64
}
