//! First orders for the search: by latest finish and other rules, then biased random samples of them.

use rand_core::Rng;

use super::{draw::below, model::Model};

/// Priority values of activities, smaller first.
pub(super) type Rule = Vec<f64>;

/// Rules for a problem: latest finish, latest start, cost of delay per unit of time with due dates first.
pub(super) fn rules(model: &Model<'_>, floors: &[(usize, usize)]) -> Vec<Rule> {
    let until = floors.iter().map(|floor| floor.1).max().unwrap_or(0).max(model.horizon);
    let ceilings = model.ceilings(until);
    let latest_finish = ceilings.iter().map(|ceiling| number(ceiling.1)).collect();
    let latest_start = ceilings.iter().map(|ceiling| number(ceiling.0)).collect();
    let mut rules: Vec<Rule> = vec![latest_finish, latest_start];
    if model.problem.activities.iter().any(|one| one.weight > 0.0) {
        rules.push(value_first(model, floors));
        rules.push(due_first(model, floors));
    }
    rules
}

/// Weighted shortest job first, a predecessor counting what waits for it.
fn value_first(model: &Model<'_>, floors: &[(usize, usize)]) -> Rule {
    let mut best = vec![0.0_f64; model.len()];
    for &one in model.order.iter().rev() {
        let length = number(floors[one].1.saturating_sub(floors[one].0)).max(1.0);
        let own = model.problem.activities[one].weight / length;
        best[one] = model.after[one].iter().map(|link| best[link.activity]).fold(own, f64::max);
    }
    best.iter().map(|value| -value).collect()
}

/// Earliest due date first, a predecessor inheriting the tightest one behind it; without one, last.
fn due_first(model: &Model<'_>, floors: &[(usize, usize)]) -> Rule {
    let mut due = vec![f64::MAX; model.len()];
    for &one in model.order.iter().rev() {
        let own = model.problem.activities[one].due.map_or(f64::MAX, number);
        due[one] = model.after[one]
            .iter()
            .map(|link| {
                let length = floors[link.activity].1.saturating_sub(floors[link.activity].0);
                due[link.activity] - number(length)
            })
            .fold(own, f64::min);
    }
    due
}

/// An order by a rule, predecessors first.
pub(super) fn by_rule(model: &Model<'_>, rule: &Rule) -> Vec<usize> {
    pick(model, |free| {
        let best =
            free.iter().enumerate().min_by(|a, b| rule[*a.1].total_cmp(&rule[*b.1]).then(a.1.cmp(b.1)));
        best.map_or(0, |(place, _)| place)
    })
}

/// A random order that leans to a rule: each time the best of a few free activities drawn at random.
pub(super) fn biased(model: &Model<'_>, rule: &Rule, rng: &mut impl Rng) -> Vec<usize> {
    pick(model, |free| {
        let mut best = below(rng, free.len());
        for _ in 0..2 {
            let other = below(rng, free.len());
            if rule[free[other]] < rule[free[best]] {
                best = other;
            }
        }
        best
    })
}

fn pick(model: &Model<'_>, mut choose: impl FnMut(&[usize]) -> usize) -> Vec<usize> {
    let mut open: Vec<usize> = model.before.iter().map(Vec::len).collect();
    let mut free: Vec<usize> = (0..open.len()).filter(|&one| open[one] == 0).collect();
    let mut order = Vec::with_capacity(open.len());
    while !free.is_empty() {
        let one = free.swap_remove(choose(&free));
        order.push(one);
        for link in &model.after[one] {
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
