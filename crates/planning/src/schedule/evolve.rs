//! Genetic search over activity lists: two-point crossover, adjacent swaps, every child justified (hybrid genetic
//! algorithm, Valls, Ballestín & Quintanilla 2008); a population that makes no progress gives way to a fresh one, the best schedule being kept aside.

use std::ops::ControlFlow;

use rand_core::Rng;

use super::{
    Value,
    decode::{Choice, Decoder, Plan},
    draw::below,
    exchange::Exchanger,
    justify::Justifier,
    model::{Model, Neighbour},
    sample::{Rule, biased, by_rule},
};

/// Individuals of a population at most.
const POPULATION: usize = 60;
/// Individuals of a population at least.
const SMALL_POPULATION: usize = 16;
/// Activities in the lists of a population between these: long lists are dear, and many of them learn too slowly.
const PLACES: usize = 3_600;
/// Children without a new best of their population before it is renewed.
const STALE_CHILDREN: usize = 600;
/// Of a hundred places of a list, so many are swapped with the next.
const SWAPS: usize = 10;
/// Of a hundred children, so many get one mode set at random.
const MODES: usize = 30;

/// Of a hundred children of a mother with something late, so many get a late activity moved forward.
const HURRIES: usize = 50;

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

/// Where a search begins.
pub(super) struct Starts {
    pub(super) rules: Vec<Rule>,
    /// An order from the end that every new plan is tried in, too.
    pub(super) from_end: Option<Vec<usize>>,
    /// Choices of modes that new individuals take by turns.
    pub(super) choices: Vec<Vec<Choice>>,
    /// An order and choices that are known to be good, for this problem or one that is like it.
    pub(super) known: Option<(Vec<usize>, Vec<Choice>)>,
}

/// Searches until the effort is spent, `done` holds for the best value, or `watch` breaks.
pub(super) fn evolve(
    model: &Model<'_>,
    decoder: &mut Decoder,
    starts: &Starts,
    effort: u64,
    rng: &mut impl Rng,
    done: &dyn Fn(&Value) -> bool,
    watch: &mut dyn FnMut(u64, &Value) -> ControlFlow<()>,
) -> Result<(Plan, Ending), usize> {
    let Starts { rules, from_end, choices, known } = starts;
    let (mut justifier, mut exchanger) = (Justifier::new(model), Exchanger::new(model));
    let born = |justifier: &mut Justifier, decoder: &mut Decoder, order: &[usize], choice: Vec<Choice>| {
        let mut plan = Plan::room(model);
        decoder.forward(model, order, &choice, &mut plan)?;
        justifier.justify(model, decoder, &mut plan);
        if let Some(order) = from_end {
            justifier.rearrange(model, decoder, order, &mut plan);
        }
        // The list becomes that of the justified plan.
        Ok::<_, usize>(Individual { order: justifier.by_start(model, &plan), choice, plan })
    };
    let most = (PLACES / model.len().max(1)).clamp(SMALL_POPULATION, POPULATION);
    let by_rules = rules.len() * choices.len();
    let (first, mut made) = match known {
        Some((order, choice)) => (born(&mut justifier, decoder, order, choice.clone()), 0),
        None => (born(&mut justifier, decoder, &by_rule(model, &rules[0]), choices[0].clone()), 1),
    };
    let first = first?;
    let mut best = first.clone();
    let mut population = vec![first];
    let mut stale = 0;
    let mut polished = false;
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
        let child = if population.len() < most && made < 3 * most {
            let (rule, choice) = (made / choices.len() % rules.len(), &choices[made % choices.len()]);
            let order =
                if made < by_rules { by_rule(model, &rules[rule]) } else { biased(model, &rules[rule], rng) };
            made += 1;
            born(&mut justifier, decoder, &order, choice.clone())
        } else if stale > STALE_CHILDREN {
            (stale, made) = (0, by_rules + 1);
            population.clear();
            record = None;
            born(&mut justifier, decoder, &biased(model, &rules[0], rng), choices[0].clone())
        } else {
            let (mother, father) = (parent(&population, rng), parent(&population, rng));
            let (order, choice) = child_of(model, mother, father, rng);
            born(&mut justifier, decoder, &order, choice)
        };
        let Ok(mut child) = child else { continue };
        if child.plan.value.beats(&best.plan.value) {
            best = child.clone();
            polished = false;
        }
        // The rules come first: what one of them finds would not last.
        if from_end.is_some() && model.is_lanes && made >= by_rules && !polished {
            let value = best.plan.value;
            let mut go_on = |schedules| schedules < effort && watch(schedules, &value).is_continue();
            exchanger.improve(model, decoder, &mut best.plan, &mut go_on);
            best.order = justifier.by_start(model, &best.plan);
            (child, polished) = (best.clone(), true);
        }
        let value = child.plan.value;
        admit(&mut population, most, child);
        if record.is_none_or(|record| value.beats(&record)) {
            (record, stale) = (Some(value), 0);
        } else {
            stale += 1;
        }
    }
}

/// Takes a new individual in, unless it is there already or worse than all.
fn admit(population: &mut Vec<Individual>, most: usize, child: Individual) -> bool {
    if population.iter().any(|one| one.plan.start == child.plan.start) {
        return false;
    }
    if population.len() < most {
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
        if below(rng, 100) < SWAPS && model.before.of(next).iter().all(|link| link.activity != one) {
            order.swap(place - 1, place);
        }
    }
    if mother.plan.value.tardiness > 0.0 && below(rng, 100) < HURRIES {
        hurry(model, &mother.plan, &mut order, rng);
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

/// Moves an activity that is late in the plan, with what it waits for, to somewhere before it in the list.
fn hurry(model: &Model<'_>, plan: &Plan, order: &mut [usize], rng: &mut impl Rng) {
    let is_late = |one: usize| model.dues()[one].0 > 0.0 && plan.finish[one] > model.dues()[one].1;
    let late: Vec<usize> = (0..order.len()).filter(|&place| is_late(order[place])).collect();
    if late.is_empty() {
        return;
    }
    let last = late[below(rng, late.len())];
    let part = &mut order[below(rng, last + 1)..=last];
    let mut is_moved = vec![false; model.len()];
    for &one in part.iter().rev() {
        let needed = |link: &Neighbour| is_moved[link.activity];
        is_moved[one] = one == part[part.len() - 1] || model.after.of(one).iter().any(needed);
    }
    // A stable sort: both parts keep their order.
    part.sort_by_key(|&one| !is_moved[one]);
}
