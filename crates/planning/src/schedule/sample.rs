//! First orders for the search: by latest finish and other rules, then biased random samples of them.

use std::{cmp::Reverse, collections::BinaryHeap};

use rand_core::Rng;

use super::{
    draw::below,
    model::{Model, Neighbours},
};

/// Priority values of activities, smaller first.
pub(super) type Rule = Vec<f64>;

/// Rules for a problem that ends at about `end`: latest finish, latest start, and where something has a cost of delay, that
/// per unit of time, due dates before everything else, and due dates among everything else.
pub(super) fn rules(model: &Model<'_>, floors: &[(usize, usize)], end: usize) -> Vec<Rule> {
    let latest_finish = latest_finish(model);
    let latest_start = model.ceilings(model.horizon).iter().map(|ceiling| number(ceiling.0)).collect();
    let mut rules = vec![latest_finish.clone(), latest_start];
    if model.dues().iter().any(|due| due.0 > 0.0) {
        rules.push(value_first(model, floors));
        let long = number(2 * model.horizon);
        rules.push(due_first(model, floors, |one| long + latest_finish[one]));
        rules.push(due_first(model, floors, |_| number(end)));
    }
    rules
}

/// The rule that does best alone.
pub(super) fn latest_finish(model: &Model<'_>) -> Rule {
    model.ceilings(model.horizon).iter().map(|ceiling| number(ceiling.1)).collect()
}

/// What matters least per unit of its length last: an order from the end, successors first; `None` where nothing has a cost
/// of delay.
pub(super) fn cheapest_last(model: &Model<'_>, floors: &[(usize, usize)]) -> Option<Vec<usize>> {
    let costs = model.dues().iter().any(|due| due.0 > 0.0);
    costs.then(|| {
        let back = value_first(model, floors).iter().map(|value| -value).collect();
        listed(&model.after, &model.before, &back)
    })
}

/// Weighted shortest job first, a predecessor counting what waits for it.
fn value_first(model: &Model<'_>, floors: &[(usize, usize)]) -> Rule {
    let mut best = vec![0.0_f64; model.len()];
    for &one in model.order.iter().rev() {
        let length = number(floors[one].1.saturating_sub(floors[one].0)).max(1.0);
        let own = model.problem.activities[one].weight / length;
        best[one] = model.after.of(one).iter().map(|link| best[link.activity]).fold(own, f64::max);
    }
    best.iter().map(|value| -value).collect()
}

/// Earliest due date first, a predecessor inheriting the tightest one behind it; `free` is for what has none.
fn due_first(model: &Model<'_>, floors: &[(usize, usize)], free: impl Fn(usize) -> f64) -> Rule {
    let mut due = vec![0.0; model.len()];
    for &one in model.order.iter().rev() {
        let own = match model.dues()[one] {
            (weight, due) if weight > 0.0 && due < usize::MAX => number(due),
            _ => free(one),
        };
        due[one] = model
            .after
            .of(one)
            .iter()
            .map(|link| {
                let length = floors[link.activity].1.saturating_sub(floors[link.activity].0);
                due[link.activity] - number(length)
            })
            .fold(own, f64::min);
    }
    due
}

/// An order by a rule, predecessors first; where equal, the lower index.
pub(super) fn by_rule(model: &Model<'_>, rule: &Rule) -> Vec<usize> {
    listed(&model.before, &model.after, rule)
}

fn listed(before: &Neighbours, after: &Neighbours, rule: &Rule) -> Vec<usize> {
    let mut ranked: Vec<usize> = (0..rule.len()).collect();
    ranked.sort_unstable_by(|&a, &b| rule[a].total_cmp(&rule[b]).then(a.cmp(&b)));
    let mut rank = vec![0; rule.len()];
    for (place, &one) in ranked.iter().enumerate() {
        rank[one] = place;
    }
    let mut open = before.counts();
    let ready = (0..open.len()).filter(|&one| open[one] == 0).map(|one| Reverse(rank[one]));
    let mut free: BinaryHeap<_> = ready.collect();
    let mut order = Vec::with_capacity(open.len());
    while let Some(Reverse(place)) = free.pop() {
        let one = ranked[place];
        order.push(one);
        for link in after.of(one) {
            open[link.activity] -= 1;
            if open[link.activity] == 0 {
                free.push(Reverse(rank[link.activity]));
            }
        }
    }
    order
}

/// A random order that leans to a rule: each time the best of a few free activities drawn at random.
pub(super) fn biased(model: &Model<'_>, rule: &Rule, rng: &mut impl Rng) -> Vec<usize> {
    let mut open = model.before.counts();
    let mut free: Vec<usize> = (0..open.len()).filter(|&one| open[one] == 0).collect();
    let mut order = Vec::with_capacity(open.len());
    while !free.is_empty() {
        let mut best = below(rng, free.len());
        for _ in 0..2 {
            let other = below(rng, free.len());
            if rule[free[other]] < rule[free[best]] {
                best = other;
            }
        }
        let one = free.swap_remove(best);
        order.push(one);
        for link in model.after.of(one) {
            open[link.activity] -= 1;
            if open[link.activity] == 0 {
                free.push(link.activity);
            }
        }
    }
    order
}

#[expect(clippy::cast_precision_loss, reason = "a time is at most the longest horizon")]
fn number(units: usize) -> f64 {
    units as f64
}
