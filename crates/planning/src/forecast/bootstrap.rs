//! The sampler: a stationary block bootstrap of daily counts (Politis & Romano 1994, "The Stationary Bootstrap", JASA 89).
//! Blocks begin anywhere in the window with equal chance, have geometric lengths and wrap round the window's end. With
//! running sums over the wrapped window a whole block costs one subtraction, so a trial costs its blocks and not its days.

use rand_core::Rng;

/// Block lengths stop here; with a mean of 21 days, one block in 200,000 would have been longer.
const LONGEST: usize = 256;
/// Blocks are drawn by one random word: 8 bits choose a column of the alias table, 24 bits one of its two lengths, 32 bits
/// the start.
const COLUMN_BITS: u32 = 24;

/// A window of daily counts, made ready for drawing.
#[derive(Clone, Debug)]
pub struct Bootstrap {
    /// `sums[i]` is the number of items on the first `i` days of the window, which repeats without end.
    pub(super) sums: Vec<u32>,
    window: u32,
    lengths: Box<[Column; LONGEST]>,
}

#[derive(Clone, Copy, Debug)]
struct Column {
    /// Of the column's 2^24 values, how many mean its own length.
    own: u32,
    /// The length that the others mean.
    other: u32,
}

impl Bootstrap {
    /// Makes a window ready. `None` when it is empty or its sums would not fit 32 bits.
    pub fn new(counts: &[u32], mean_block: f64) -> Option<Self> {
        let window = u32::try_from(counts.len()).ok().filter(|window| *window > 0)?;
        let mut sums = Vec::with_capacity(counts.len() + LONGEST + 1);
        sums.push(0_u32);
        let mut total = 0_u32;
        for count in counts.iter().cycle().take(counts.len() + LONGEST) {
            total = total.checked_add(*count)?;
            sums.push(total);
        }
        Some(Self { sums, window, lengths: geometric(mean_block.max(1.0)) })
    }

    /// Items of one trial over so many days.
    #[inline]
    pub fn items_in(&self, days: u32, random: &mut impl Rng) -> u32 {
        let (mut left, mut items) = (days, 0_u32);
        while left > 0 {
            let (start, length) = self.block(random.next_u64());
            let taken = length.min(left);
            items = items.saturating_add(self.sums[start + taken as usize] - self.sums[start]);
            left -= taken;
        }
        items
    }

    /// Items of each of so many trials over so many days, as [`Self::items_in`] would give them one after the other. The
    /// blocks of all trials are one loop: a processor cannot foresee where a trial ends, and guessing wrong costs it as
    /// much as a block.
    pub fn trials_in(&self, days: u32, trials: u32, random: &mut impl Rng) -> Vec<u32> {
        let mut drawn = vec![0; trials as usize];
        if days == 0 {
            return drawn;
        }
        let (mut trial, mut left, mut items) = (0, days, 0_u32);
        while let Some(total) = drawn.get_mut(trial) {
            let (start, length) = self.block(random.next_u64());
            let taken = length.min(left);
            items = items.saturating_add(self.sums[start + taken as usize] - self.sums[start]);
            left -= taken;
            *total = items;
            let ended = left == 0;
            trial += usize::from(ended);
            left = std::hint::select_unpredictable(ended, days, left);
            items = std::hint::select_unpredictable(ended, 0, items);
        }
        drawn
    }

    /// Days of one trial until so many items are finished; `most + 1` when that takes more than `most` days. The last
    /// day counts.
    #[inline]
    pub fn days_until(&self, items: u32, most: u32, random: &mut impl Rng) -> u32 {
        let (mut wanted, mut days) = (items, 0_u32);
        if wanted == 0 {
            return 0;
        }
        while days < most {
            let (start, length) = self.block(random.next_u64());
            let before = self.sums[start];
            let end = start + length as usize;
            let block = self.sums[end] - before;
            if block >= wanted {
                let within = self.sums[start + 1..=end].partition_point(|sum| sum - before < wanted);
                return (days + u32::try_from(within).unwrap_or(length) + 1).min(most + 1);
            }
            wanted -= block;
            days += length;
        }
        most + 1
    }

    /// Start and length of the block that a random word stands for.
    #[inline]
    pub(super) fn block(&self, word: u64) -> (usize, u32) {
        let (high, low) = ((word >> 32) as u32, word as u32);
        // Multiply and shift instead of a remainder (Lemire 2019); the bias is under 2^-22 for any window of ours.
        let start = (u64::from(high) * u64::from(self.window)) >> 32;
        let index = (low >> COLUMN_BITS) as usize;
        let column = self.lengths[index];
        let own = low & ((1 << COLUMN_BITS) - 1) < column.own;
        // Nobody can guess which it is, so a branch would be wrong for a third of the blocks.
        (start as usize, std::hint::select_unpredictable(own, index as u32 + 1, column.other))
    }
}

/// Geometric lengths from 1 on with this mean, as an alias table (Vose 1991): one look-up, exact to 2^-24.
fn geometric(mean: f64) -> Box<[Column; LONGEST]> {
    let stop = 1.0 / mean;
    let mut weights = [0.0_f64; LONGEST];
    let mut chance = stop;
    for weight in &mut weights {
        *weight = chance;
        chance *= 1.0 - stop;
    }
    let total: f64 = weights.iter().sum();
    let mut scaled = weights.map(|weight| weight / total * LONGEST as f64);
    let (mut small, mut large): (Vec<usize>, Vec<usize>) =
        (0..LONGEST).partition(|index| scaled[*index] < 1.0);
    let whole = 1_u32 << COLUMN_BITS;
    // What is left over at the end is a whole column but for rounding.
    let mut table = Box::new(std::array::from_fn(|index| Column { own: whole, other: index as u32 + 1 }));
    while !small.is_empty()
        && let Some(rich) = large.pop()
        && let Some(poor) = small.pop()
    {
        table[poor] = Column { own: (scaled[poor] * f64::from(whole)) as u32, other: rich as u32 + 1 };
        scaled[rich] -= 1.0 - scaled[poor];
        if scaled[rich] < 1.0 { small.push(rich) } else { large.push(rich) }
    }
    table
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Seed;

    /// The sampler day by day, as the paper describes it.
    fn plainly(counts: &[u32], sampler: &Bootstrap, days: u32, random: &mut impl Rng) -> Vec<u32> {
        let mut drawn = Vec::new();
        while drawn.len() < days as usize {
            let (start, length) = sampler.block(random.next_u64());
            drawn.extend((0..length as usize).map(|day| counts[(start + day) % counts.len()]));
        }
        drawn.truncate(days as usize);
        drawn
    }

    #[test]
    fn lengths_are_geometric() {
        for mean in [1.0, 5.0, 15.0, 21.0] {
            let table = geometric(mean);
            let mut chances = vec![0.0; LONGEST + 1];
            for (index, column) in table.iter().enumerate() {
                let own = f64::from(column.own) / f64::from(1_u32 << COLUMN_BITS) / LONGEST as f64;
                chances[index + 1] += own;
                chances[column.other as usize] += 1.0 / LONGEST as f64 - own;
            }
            let mut expected = 1.0 / mean;
            for (length, chance) in chances.iter().enumerate().skip(1).take(60) {
                assert!((chance - expected).abs() < 1e-5, "{mean} {length}: {chance} {expected}");
                expected *= 1.0 - 1.0 / mean;
            }
        }
    }

    #[test]
    fn windows_that_cannot_be_drawn_from_are_refused() {
        assert!(Bootstrap::new(&[], 15.0).is_none());
        assert!(Bootstrap::new(&[u32::MAX, 1], 15.0).is_none());
        let nothing = Bootstrap::new(&[0, 0], 15.0).expect("a window of idle days");
        let mut random = Seed::from_u64(1).stream();
        assert_eq!((nothing.items_in(100, &mut random), nothing.days_until(1, 50, &mut random)), (0, 51));
    }

    #[test]
    fn every_day_is_drawn_equally_often() {
        let counts: Vec<u32> = (0..7).map(|day| 1 << (4 * day)).collect();
        let sampler = Bootstrap::new(&counts, 4.0).expect("a window");
        let mut random = Seed::from_u64(2).stream();
        let mut seen = [0_u32; 7];
        for _ in 0..70_000 {
            let total = sampler.items_in(10, &mut random);
            for (day, times) in seen.iter_mut().enumerate() {
                *times += total >> (4 * day) & 15;
            }
        }
        for times in seen {
            assert!((f64::from(times) / 100_000.0 - 1.0).abs() < 0.03, "{seen:?}");
        }
    }

    proptest! {
        #[test]
        fn blocks_at_once_are_days_one_by_one(
            counts in prop::collection::vec(0_u32..9, 1..80), days in 0_u32..200, items in 0_u32..100, seed: u64,
        ) {
            let sampler = Bootstrap::new(&counts, 15.0).expect("a window");
            let stream = || Seed::from_u64(seed).stream();
            let drawn = plainly(&counts, &sampler, days, &mut stream());
            prop_assert_eq!(sampler.items_in(days, &mut stream()), drawn.iter().sum::<u32>());
            let mut random = stream();
            let one_by_one: Vec<u32> = (0..5).map(|_| sampler.items_in(days, &mut random)).collect();
            prop_assert_eq!(sampler.trials_in(days, 5, &mut stream()), one_by_one);
            let mut sum = 0;
            let until = if items == 0 { Some(0) } else {
                drawn.iter().position(|count| { sum += count; sum >= items }).map(|day| day as u32 + 1)
            };
            prop_assert_eq!(sampler.days_until(items, days, &mut stream()), until.unwrap_or(days + 1));
        }
    }
}
