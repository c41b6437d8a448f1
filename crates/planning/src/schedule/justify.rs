//! Forward-backward improvement: push everything as late as it goes inside the makespan, then as early as it goes,
//! while that makes the schedule better (Valls, Ballestín & Quintanilla 2005).

use super::decode::{Choice, Decoder, Plan};

/// Passes until nothing gets better; each pass is two schedules.
const PASSES_MAX: usize = 10;

/// Improves a plan by justification; never makes it worse.
pub(super) fn justify(decoder: &mut Decoder<'_>, mut plan: Plan) -> Plan {
    for _ in 0..PASSES_MAX {
        let Some(next) = once(decoder, &plan) else { return plan };
        let better = next.value.beats(&plan.value);
        if better || next.value.order(&plan.value).is_eq() {
            plan = next;
        }
        if !better {
            return plan;
        }
    }
    plan
}

/// One double justification; `None` where the mirrored pass does not fit.
fn once(decoder: &mut Decoder<'_>, plan: &Plan) -> Option<Plan> {
    let mut order = decoder.model.order.clone();
    let position = positions(&order);
    // Later finish first; where equal, successors before predecessors.
    order.sort_unstable_by_key(|&one| std::cmp::Reverse((plan.finish[one], plan.start[one], position[one])));
    let order = repaired(decoder, order, Ends::Successors);
    let late = decoder.backward(&order, &plan.mode, plan.value.makespan)?;
    let fixed: Vec<_> = plan.mode.iter().map(|&mode| Choice::Fixed(mode)).collect();
    let order = by_start(decoder, &late);
    decoder.forward(&order, &fixed).ok()
}

/// A plan's activities by start, predecessors first.
pub(super) fn by_start(decoder: &Decoder<'_>, plan: &Plan) -> Vec<usize> {
    let mut order = decoder.model.order.clone();
    let position = positions(&order);
    order.sort_unstable_by_key(|&one| (plan.start[one], plan.finish[one], position[one]));
    repaired(decoder, order, Ends::Predecessors)
}

/// Which neighbours an order must list first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    Predecessors,
    Successors,
}

fn positions(order: &[usize]) -> Vec<usize> {
    let mut position = vec![0; order.len()];
    for (place, &one) in order.iter().enumerate() {
        position[one] = place;
    }
    position
}

/// With leads an activity may start before its predecessor: then the order is mended, keeping it otherwise.
fn repaired(decoder: &Decoder<'_>, order: Vec<usize>, first: Ends) -> Vec<usize> {
    let model = decoder.model;
    if model.problem.links.iter().all(|link| link.lag >= 0) {
        return order;
    }
    let mut seen = vec![false; order.len()];
    let mut mended = Vec::with_capacity(order.len());
    let mut stack = Vec::new();
    for one in order {
        stack.push(one);
        while let Some(&top) = stack.last() {
            let needed = if first == Ends::Predecessors { &model.before[top] } else { &model.after[top] };
            match needed.iter().find(|link| !seen[link.activity]) {
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
    mended
}
