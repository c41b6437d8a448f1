//! Orders of activities by their times in a plan, predecessors or successors first.

use super::{decode::Plan, model::Model};

/// Sorts activities by their times.
#[derive(Debug, Default)]
pub(super) struct Sorter {
    keys: Vec<u64>,
}

/// Bits of a time and of a place: a problem has fewer of either.
const BITS: u32 = 20;

impl Sorter {
    /// By start, then finish, predecessors first.
    pub(super) fn by_start(&mut self, model: &Model<'_>, plan: &Plan, order: &mut Vec<usize>) {
        self.sort(model, &plan.start, &plan.finish, order);
        mend(model, order, Ends::Predecessors);
    }

    /// Later finish first, then later start, successors first.
    pub(super) fn by_finish_back(&mut self, model: &Model<'_>, plan: &Plan, order: &mut Vec<usize>) {
        self.sort(model, &plan.finish, &plan.start, order);
        order.reverse();
        mend(model, order, Ends::Successors);
    }

    /// One word holds both times and the place, which is far quicker to sort than the three of them.
    fn sort(&mut self, model: &Model<'_>, major: &[usize], minor: &[usize], order: &mut Vec<usize>) {
        self.keys.clear();
        self.keys.extend(
            (0_u64..)
                .zip(&model.order)
                .map(|(place, &one)| ((major[one] as u64) << BITS | minor[one] as u64) << BITS | place),
        );
        self.keys.sort_unstable();
        order.clear();
        let place = |key: &u64| usize::try_from(key & ((1 << BITS) - 1)).unwrap_or(0);
        order.extend(self.keys.iter().map(|key| model.order[place(key)]));
    }
}

/// Which neighbours an order must list first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    Predecessors,
    Successors,
}

/// With leads an activity may start before its predecessor: then the order is mended, keeping it otherwise.
fn mend(model: &Model<'_>, order: &mut Vec<usize>, first: Ends) {
    if !model.leads {
        return;
    }
    let mut seen = vec![false; order.len()];
    let mut mended = Vec::with_capacity(order.len());
    let mut stack = Vec::new();
    for &one in &*order {
        stack.push(one);
        while let Some(&top) = stack.last() {
            let needed = if first == Ends::Predecessors { &model.before } else { &model.after };
            match needed.of(top).iter().find(|link| !seen[link.activity]) {
                Some(link) if !seen[top] => stack.push(link.activity),
                _ => {
                    stack.pop();
                    if !std::mem::replace(&mut seen[top], true) {
                        mended.push(top);
                    }
                }
            }
        }
    }
    *order = mended;
}
