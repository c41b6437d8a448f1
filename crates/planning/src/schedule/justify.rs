//! Forward-backward improvement: push everything as late as it goes without being later than it may, then as early as it
//! goes, while that makes the schedule better (Valls, Ballestín & Quintanilla 2005).

use super::{
    decode::{Choice, Decoder, Plan},
    model::Model,
    sorter::Sorter,
};

/// Passes until nothing gets better; each pass is two schedules.
const PASSES_MAX: usize = 10;

/// Room for improving, kept from plan to plan.
#[derive(Debug)]
pub(super) struct Justifier {
    late: Plan,
    next: Plan,
    order: Vec<usize>,
    fixed: Vec<Choice>,
    sorter: Sorter,
}

impl Justifier {
    pub(super) fn new(model: &Model<'_>) -> Self {
        Self {
            late: Plan::room(model),
            next: Plan::room(model),
            order: Vec::new(),
            fixed: Vec::new(),
            sorter: Sorter::default(),
        }
    }

    /// Improves a plan by justification; never makes it worse.
    pub(super) fn justify(&mut self, model: &Model<'_>, decoder: &mut Decoder, plan: &mut Plan) {
        for _ in 0..PASSES_MAX {
            self.sorter.by_finish_back(model, plan, &mut self.order);
            if !self.pass(model, decoder, plan) {
                return;
            }
        }
    }

    /// Places activities from the end in this order, inside the plan's end and due dates, and keeps that where it is better.
    /// With what matters least per unit of its length last, this is the backward rule of Smith 1956.
    pub(super) fn rearrange(
        &mut self,
        model: &Model<'_>,
        decoder: &mut Decoder,
        order: &[usize],
        plan: &mut Plan,
    ) {
        self.order.clear();
        self.order.extend_from_slice(order);
        if self.pass(model, decoder, plan) {
            self.justify(model, decoder, plan);
        }
    }

    /// One double justification in the order that is set, successors first; whether it made the plan better.
    fn pass(&mut self, model: &Model<'_>, decoder: &mut Decoder, plan: &mut Plan) -> bool {
        self.fixed.clear();
        self.fixed.extend(plan.mode.iter().map(|&mode| Choice::Fixed(mode)));
        // What has a due date stays in time, or no later than it is; the rest may go to the end.
        let (finish, end, dues) = (&plan.finish, plan.value.makespan, model.dues());
        let until = |one: usize| match dues[one] {
            (weight, due) if weight > 0.0 => due.max(finish[one]).min(end),
            _ => end,
        };
        let back = decoder.backward(model, &self.order, &plan.mode, until, &mut self.late);
        if back.is_none() {
            return false;
        }
        self.sorter.by_start(model, &self.late, &mut self.order);
        if decoder.forward(model, &self.order, &self.fixed, &mut self.next).is_err() {
            return false;
        }
        let better = self.next.value.beats(&plan.value);
        if better || self.next.value.order(&plan.value).is_eq() {
            std::mem::swap(plan, &mut self.next);
        }
        better
    }

    /// A plan's activities by start, predecessors first.
    pub(super) fn by_start(&mut self, model: &Model<'_>, plan: &Plan) -> Vec<usize> {
        let mut order = Vec::with_capacity(model.len());
        self.sorter.by_start(model, plan, &mut order);
        order
    }
}
