//! Outcomes of trials, and what is stated from them.

use super::track::LEVELS;

/// What an outcome is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// A day by its number; later is worse. `i32::MAX` is beyond everything that is forecast.
    Dates,
    /// A number of items; fewer is worse.
    Items,
}

/// Outcomes of trials in ascending order.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcomes {
    sorted: Vec<i32>,
    reading: Reading,
    /// For dates: the share of trials in which each team was the last.
    pub last: Vec<f64>,
}

/// What is stated at a level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Statement {
    /// The level, 0 to 1.
    pub level: f64,
    /// Done by this day (its number), or at least so many items. `None` beyond everything that is forecast.
    pub value: Option<i32>,
    /// The chance of what is stated; without a value, of an end within what is forecast. Of whole days and items that one is stated whose chance is nearest to the level.
    pub chance: f64,
    /// Monte Carlo standard error of the value: half the distance between the values one standard error of the level
    /// above and below it.
    pub error: f64,
}

impl Outcomes {
    pub(super) fn new(sorted: Vec<i32>, reading: Reading, last: Vec<f64>) -> Option<Self> {
        (!sorted.is_empty()).then_some(Self { sorted, reading, last })
    }

    /// What is stated at each of the usual levels.
    pub fn statements(&self) -> [Statement; 4] {
        LEVELS.map(|level| self.stated(level))
    }

    /// What is stated at a level.
    pub fn stated(&self, level: f64) -> Statement {
        let trials = self.sorted.len() as f64;
        // Good outcomes first: early dates, or many items.
        let held = (level * trials).ceil().max(1.0);
        let surely = self.good(held);
        let (mut value, mut chance) = (surely, self.chance(surely));
        // The next better outcome holds less often than the level; it is stated when it is nearer.
        let better = self.better_than(surely);
        if let Some(bold) = better
            && (self.chance(bold) - level).abs() < (chance - level).abs()
        {
            (value, chance) = (bold, self.chance(bold));
        }
        let spread = (level * (1.0 - level) / trials).sqrt();
        let at = |level: f64| f64::from(self.good((level * trials).ceil().clamp(1.0, trials)));
        if value == i32::MAX {
            chance = self.chance(i32::MAX - 1);
        }
        Statement {
            level,
            value: (value != i32::MAX).then_some(value),
            chance,
            error: if value == i32::MAX {
                0.0
            } else {
                ((at(level + spread) - at(level - spread)) / 2.0).abs()
            },
        }
    }

    /// The chance of an outcome that is as good as a value or better.
    pub fn chance(&self, value: i32) -> f64 {
        let trials = self.sorted.len();
        let good = match self.reading {
            Reading::Dates => self.sorted.partition_point(|outcome| *outcome <= value),
            Reading::Items => trials - self.sorted.partition_point(|outcome| *outcome < value),
        };
        good as f64 / trials as f64
    }

    /// Points of the distribution for a picture: value and chance of at most it, at most so many.
    pub fn curve(&self, most: usize) -> Vec<(i32, f64)> {
        let step = self.sorted.len().div_ceil(most.max(1)).max(1);
        self.sorted
            .iter()
            .enumerate()
            .step_by(step)
            .filter(|(_, value)| **value != i32::MAX)
            .map(|(index, value)| (*value, (index + 1) as f64 / self.sorted.len() as f64))
            .collect()
    }

    /// The outcome that has so many as good ones, itself among them.
    fn good(&self, held: f64) -> i32 {
        let rank = (held as usize).clamp(1, self.sorted.len());
        match self.reading {
            Reading::Dates => self.sorted[rank - 1],
            Reading::Items => self.sorted[self.sorted.len() - rank],
        }
    }

    fn better_than(&self, value: i32) -> Option<i32> {
        match self.reading {
            Reading::Dates => {
                let before = self.sorted.partition_point(|outcome| *outcome < value);
                before.checked_sub(1).map(|index| self.sorted[index])
            }
            Reading::Items => {
                self.sorted.get(self.sorted.partition_point(|outcome| *outcome <= value)).copied()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(values: &[i32], reading: Reading) -> Outcomes {
        Outcomes::new(values.to_vec(), reading, Vec::new()).expect("outcomes")
    }

    #[test]
    fn a_date_is_stated_upwards_and_items_downwards() {
        let values: Vec<i32> = (1..=100).collect();
        assert_eq!(of(&values, Reading::Dates).stated(0.85).value, Some(85));
        assert_eq!(of(&values, Reading::Items).stated(0.85).value, Some(16));
        assert!((of(&values, Reading::Items).chance(16) - 0.85).abs() < 1e-12);
    }

    #[test]
    fn of_coarse_outcomes_the_nearest_is_stated_with_its_true_chance() {
        let values = [vec![10; 83], vec![11; 17]].concat();
        let stated = of(&values, Reading::Dates).stated(0.85);
        assert_eq!(stated.value, Some(10));
        assert!((stated.chance - 0.83).abs() < 1e-12);
    }

    #[test]
    fn beyond_the_horizon_is_said_and_not_made_up() {
        let values = [vec![10; 60], vec![i32::MAX; 40]].concat();
        let outcomes = of(&values, Reading::Dates);
        assert_eq!((outcomes.stated(0.5).value, outcomes.stated(0.85).value), (Some(10), None));
        assert!(outcomes.stated(0.85).error.abs() < 1e-12);
        assert!((outcomes.stated(0.85).chance - 0.6).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn higher_levels_state_less(mut values in prop::collection::vec(0_i32..60, 1..300), low in 0.01_f64..0.99) {
            values.sort_unstable();
            let high = low + (1.0 - low) / 2.0;
            let dates = of(&values, Reading::Dates);
            prop_assert!(dates.stated(low).value <= dates.stated(high).value);
            let items = of(&values, Reading::Items);
            prop_assert!(items.stated(low).value >= items.stated(high).value);
            prop_assert!(dates.stated(low).error >= 0.0);
        }
    }
}
