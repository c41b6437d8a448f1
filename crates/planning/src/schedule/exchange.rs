//! Exchanging neighbours on lanes: where the later of two matters more per unit of its length, or is late and the other has
//! time, it goes first, as long as the schedule gets better by it. Many pairs are exchanged at once and decoded once; where
//! that does not help, each half of them is tried alone.

use std::collections::HashSet;

use super::{
    decode::{Choice, Decoder, Plan},
    model::Model,
    sorter::Sorter,
};

/// Room for exchanging, kept from plan to plan.
#[derive(Debug)]
pub(super) struct Exchanger {
    next: Plan,
    order: Vec<usize>,
    place: Vec<usize>,
    fixed: Vec<Choice>,
    sorter: Sorter,
}

/// Of two on the same lane the earlier and the later.
type Pair = (usize, usize);

impl Exchanger {
    pub(super) fn new(model: &Model<'_>) -> Self {
        Self {
            next: Plan::room(model),
            order: Vec::new(),
            place: vec![0; model.len()],
            fixed: Vec::new(),
            sorter: Sorter::default(),
        }
    }

    /// Exchanges until nothing gets better, or `go_on` says no; never makes a plan worse.
    pub(super) fn improve(
        &mut self,
        model: &Model<'_>,
        decoder: &mut Decoder,
        plan: &mut Plan,
        go_on: &mut dyn FnMut(u64) -> bool,
    ) {
        self.fixed.clear();
        self.fixed.extend(plan.mode.iter().map(|&mode| Choice::Fixed(mode)));
        // Pairs that did not help alone.
        let mut useless = HashSet::new();
        loop {
            self.list(model, plan);
            let mut batches = vec![self.pairs(model, plan, &useless)];
            let mut is_better = false;
            while let Some(mut batch) = batches.pop().filter(|batch| !batch.is_empty()) {
                if !go_on(decoder.schedules) {
                    return;
                }
                if self.try_all(model, decoder, &batch, plan) {
                    is_better = true;
                    self.list(model, plan);
                } else if batch.len() > 1 {
                    batches.push(batch.split_off(batch.len() / 2));
                    batches.push(batch);
                } else {
                    useless.extend(batch);
                }
            }
            if !is_better {
                return;
            }
        }
    }

    /// Lists a plan's activities by start.
    fn list(&mut self, model: &Model<'_>, plan: &Plan) {
        self.sorter.by_start(model, plan, &mut self.order);
        for (place, &one) in self.order.iter().enumerate() {
            self.place[one] = place;
        }
    }

    /// Neighbours on a lane that may gain by changing places, no activity in two pairs.
    fn pairs(&self, model: &Model<'_>, plan: &Plan, useless: &HashSet<Pair>) -> Vec<Pair> {
        let mut last: Vec<Option<usize>> = vec![None; model.problem.resources.len()];
        let mut pairs = Vec::new();
        for &b in &self.order {
            let Some(demand) = model.way(b, plan.mode[b]).single else { continue };
            let before = last[demand.resource].replace(b);
            let Some(a) = before else { continue };
            if self.is_wrong(model, plan, a, b) && !useless.contains(&(a, b)) {
                pairs.push((a, b));
                last[demand.resource] = None;
            }
        }
        pairs
    }

    /// Whether the later of two seems to belong before the earlier one, and may go there.
    fn is_wrong(&self, model: &Model<'_>, plan: &Plan, a: usize, b: usize) -> bool {
        let ((weight_a, due_a), (weight_b, due_b)) = (model.dues()[a], model.dues()[b]);
        // As long as they take, lateness aside.
        let length = |one: usize| plan.finish[one] - plan.start[one];
        let has_time = weight_a <= 0.0 || due_a >= plan.finish[b];
        let is_late = weight_b > 0.0 && plan.finish[b] > due_b;
        let matters_more = weight_b * number(length(a)) > weight_a * number(length(b));
        has_time && (is_late || matters_more) && self.may_lead(model, a, b)
    }

    /// Whether everything that `b` waits for is listed before `a`.
    fn may_lead(&self, model: &Model<'_>, a: usize, b: usize) -> bool {
        model.before.of(b).iter().all(|link| self.place[link.activity] < self.place[a])
    }

    /// Decodes with the later of each pair before the earlier one; takes what comes of it where it is better.
    fn try_all(&mut self, model: &Model<'_>, decoder: &mut Decoder, batch: &[Pair], plan: &mut Plan) -> bool {
        let mut lead: Vec<Option<usize>> = vec![None; model.len()];
        let mut is_moved = vec![false; model.len()];
        for &(a, b) in batch.iter().filter(|(a, b)| self.may_lead(model, *a, *b)) {
            lead[a] = Some(b);
            is_moved[b] = true;
        }
        let mut order = Vec::with_capacity(self.order.len());
        for &one in &self.order {
            order.extend(lead[one]);
            if !is_moved[one] {
                order.push(one);
            }
        }
        let made = decoder.forward(model, &order, &self.fixed, &mut self.next);
        let is_better = made.is_ok() && self.next.value.beats(&plan.value);
        if is_better {
            std::mem::swap(plan, &mut self.next);
        }
        is_better
    }
}

#[expect(clippy::cast_precision_loss, reason = "a time is at most the longest horizon")]
fn number(units: usize) -> f64 {
    units as f64
}
