//! Work outside a question that has to be finished before some of what was asked may begin.

use serde::{Deserialize, Serialize};

use super::recipe::TeamRecipe;

/// Most units whose order is simulated.
pub const UNITS_MAX: usize = 200;

/// Items of one team that wait for the same things and are waited for together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// The team.
    pub team: String,
    /// Its open items.
    pub items: u32,
    /// Whether they are part of what was asked.
    pub asked: bool,
    /// What must be finished first.
    pub needs: Vec<Need>,
}

/// A unit that must be finished first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Need {
    /// Its place in the list of units.
    pub unit: usize,
    /// Working days between its finish and the start; negative is a lead.
    pub lag_days: i32,
}

/// What a forecast waits for, with what its dates are drawn from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Prerequisites {
    /// Teams that have a part in them and none in what was asked.
    pub teams: Vec<TeamRecipe>,
    /// The units.
    pub units: Vec<Unit>,
}

impl Prerequisites {
    /// Whether nothing is waited for.
    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }
}

/// Places of units in an order in which each comes after what it needs. Where units wait for each other in a circle, the
/// first of them in the list is placed as if it did not wait for the others.
pub(super) fn order(units: &[Unit]) -> Vec<usize> {
    let mut waits: Vec<usize> = vec![0; units.len()];
    let mut followers: Vec<Vec<usize>> = vec![Vec::new(); units.len()];
    for (place, unit) in units.iter().enumerate() {
        for need in unit.needs.iter().filter(|need| need.unit < units.len()) {
            waits[place] += 1;
            followers[need.unit].push(place);
        }
    }
    let mut placed = vec![false; units.len()];
    let mut ready: Vec<usize> = (0..units.len()).rev().filter(|place| waits[*place] == 0).collect();
    let mut order = Vec::with_capacity(units.len());
    let mut first = 0;
    loop {
        while let Some(place) = ready.pop() {
            if std::mem::replace(&mut placed[place], true) {
                continue;
            }
            order.push(place);
            for follower in &followers[place] {
                waits[*follower] -= 1;
                if waits[*follower] == 0 {
                    ready.push(*follower);
                }
            }
        }
        let Some(stuck) = (first..units.len()).find(|place| !placed[*place]) else { return order };
        first = stuck;
        ready.push(stuck);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(needs: &[usize]) -> Unit {
        let needs = needs.iter().map(|unit| Need { unit: *unit, lag_days: 0 }).collect();
        Unit { team: "Core".to_owned(), items: 1, asked: false, needs }
    }

    #[test]
    fn what_is_needed_comes_first_and_a_circle_is_broken_once() {
        assert_eq!(order(&[unit(&[2]), unit(&[]), unit(&[1])]), [1, 2, 0]);
        assert_eq!(order(&[unit(&[1]), unit(&[0]), unit(&[0])]), [0, 2, 1]);
        assert_eq!(order(&[unit(&[7])]), [0]);
    }
}
