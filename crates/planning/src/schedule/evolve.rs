//! Genetic search over activity lists: two-point crossover, adjacent swaps, every child justified (hybrid genetic
//! algorithm, Valls, Ballestín & Quintanilla 2008); a population that makes no progress gives way to a fresh one, the best schedule being kept aside.

use std::ops::ControlFlow;

use rand_core::Rng;

use super::{
    Value,
    decode::{Choice, Decoder, Plan},
    draw::below,
    justify::{by_start, justify},
    model::Model,
    sample::{Rule, biased, by_rule},
};

/// Individuals of a population.
const POPULATION: usize = 60;
/// Children without a new best of their population before it is renewed.
const STALE_CHILDREN: usize = 600;
/// Of a hundred places of a list, so many are swapped with the next.
const SWAPS: usize = 10;
/// Of a hundred children, so many get one mode set at random.
const MODES: usize = 30;

/// A list with its plan.
#[derive(Clone, Debug)]
struct Individual {
    order: Vec<usize>,
    choice: Vec<Choice>,
    plan: Plan,
}

/// How a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The effort is used up.
    Spent,
    /// Nothing better can be.
    Optimal,
    /// The caller stopped it.
    Stopped,
}

/// Searches until the effort is spent, `done` holds for the best value, or `watch` breaks.
pub(super) fn evolve(
    decoder: &mut Decoder<'_>,
    rules: &[Rule],
    effort: u64,
    rng: &mut impl Rng,
    done: &dyn Fn(&Value) -> bool,
    watch: &mut dyn FnMut(u64, &Value) -> ControlFlow<()>,
) -> Result<(Plan, Ending), usize> {
    let model = decoder.model;
    let free = vec![Choice::Free; model.len()];
    let first = born(decoder, &by_rule(model, &rules[0]), free.clone())?;
    let mut best = first.clone();
    let mut population = vec![first];
    let mut made = 0_usize;
    let mut stale = 0;
    let mut record: Option<Value> = None;
    loop {
        if done(&best.plan.value) {
            return Ok((best.plan, Ending::Optimal));
        }
        if watch(decoder.schedules, &best.plan.value).is_break() {
            return Ok((best.plan, Ending::Stopped));
        }
        if decoder.schedules >= effort {
            return Ok((best.plan, Ending::Spent));
        }
        let child = if population.len() < POPULATION && made < 3 * POPULATION {
            made += 1;
            let rule = &rules[made % rules.len()];
            let order = if made < rules.len() { by_rule(model, rule) } else { biased(model, rule, rng) };
            born(decoder, &order, free.clone())
        } else if stale > STALE_CHILDREN {
            (stale, made) = (0, rules.len());
            population.clear();
            record = None;
            born(decoder, &biased(model, &rules[0], rng), free.clone())
        } else {
            let (mother, father) = (parent(&population, rng), parent(&population, rng));
            let (order, choice) = child_of(model, mother, father, rng);
            born(decoder, &order, choice)
        };
        let Ok(child) = child else { continue };
        if child.plan.value.beats(&best.plan.value) {
            best = child.clone();
        }
        let value = child.plan.value;
        admit(&mut population, child);
        if record.is_none_or(|record| value.beats(&record)) {
            (record, stale) = (Some(value), 0);
        } else {
            stale += 1;
        }
    }
}

/// Decodes and justifies a list; the list becomes that of the justified plan.
fn born(decoder: &mut Decoder<'_>, order: &[usize], choice: Vec<Choice>) -> Result<Individual, usize> {
    let plan = decoder.forward(order, &choice)?;
    let plan = justify(decoder, plan);
    Ok(Individual { order: by_start(decoder, &plan), choice, plan })
}

/// Takes a new individual in, unless it is there already or worse than all.
fn admit(population: &mut Vec<Individual>, child: Individual) -> bool {
    if population.iter().any(|one| one.plan.start == child.plan.start) {
        return false;
    }
    if population.len() < POPULATION {
        population.push(child);
        return true;
    }
    let worst = population.iter().enumerate().max_by(|a, b| a.1.plan.value.order(&b.1.plan.value));
    let Some((place, worst)) = worst else { return false };
    if child.plan.value.order(&worst.plan.value).is_gt() {
        return false;
    }
    population[place] = child;
    true
}

/// The better of two drawn at random.
fn parent<'p>(population: &'p [Individual], rng: &mut impl Rng) -> &'p Individual {
    let (a, b) = (below(rng, population.len()), below(rng, population.len()));
    if population[b].plan.value.beats(&population[a].plan.value) { &population[b] } else { &population[a] }
}

/// Two-point crossover: the mother's list outside two cuts, the father's order between them; then mutation.
fn child_of(
    model: &Model<'_>,
    mother: &Individual,
    father: &Individual,
    rng: &mut impl Rng,
) -> (Vec<usize>, Vec<Choice>) {
    let count = model.len();
    let (a, b) = (below(rng, count + 1), below(rng, count + 1));
    let (low, high) = (a.min(b), a.max(b));
    let mut taken = vec![false; count];
    let mut order = Vec::with_capacity(count);
    let mut choice = mother.choice.clone();
    for &one in &mother.order[..low] {
        taken[one] = true;
        order.push(one);
    }
    for &one in &father.order {
        if order.len() == high {
            break;
        }
        if !std::mem::replace(&mut taken[one], true) {
            choice[one] = father.choice[one];
            order.push(one);
        }
    }
    order.extend(mother.order.iter().filter(|&&one| !taken[one]));
    for place in 1..count {
        let (one, next) = (order[place - 1], order[place]);
        if below(rng, 100) < SWAPS && model.before[next].iter().all(|link| link.activity != one) {
            order.swap(place - 1, place);
        }
    }
    if count > 0 && below(rng, 100) < MODES {
        let one = below(rng, count);
        let modes = model.modes(one);
        if modes > 1 {
            let drawn = below(rng, modes + 1);
            choice[one] = if drawn == modes { Choice::Free } else { Choice::Fixed(drawn) };
        }
    }
    (order, choice)
}
