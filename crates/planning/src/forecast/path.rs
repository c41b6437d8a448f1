//! One trial's days, drawn once and asked many times: the same blocks as [`Bootstrap::days_until`] draws from the same
//! random numbers.

use rand_core::Rng;

use super::bootstrap::Bootstrap;

/// A trial's days as far as anybody has asked.
pub(super) struct Path<'a, R> {
    sampler: &'a Bootstrap,
    random: R,
    most: u32,
    blocks: Vec<Block>,
    days: u32,
    items: u32,
}

/// A drawn block, with the days and items before it.
struct Block {
    start: usize,
    length: u32,
    days: u32,
    items: u32,
}

impl<'a, R: Rng> Path<'a, R> {
    /// A path of at most so many days.
    pub(super) fn new(sampler: &'a Bootstrap, random: R, most: u32) -> Self {
        Self { sampler, random, most, blocks: Vec::new(), days: 0, items: 0 }
    }

    /// The day on which so many items are finished; `None` beyond the end.
    pub(super) fn day_of(&mut self, items: u32) -> Option<u32> {
        if items == 0 {
            return Some(0);
        }
        while self.items < items && self.draw() {}
        if self.items < items {
            return None;
        }
        let at = self.blocks.partition_point(|block| block.items < items).saturating_sub(1);
        let block = self.blocks.get(at)?;
        let (from, wanted) = (block.start, items - block.items);
        let sums = &self.sampler.sums;
        let within =
            sums[from + 1..=from + block.length as usize].partition_point(|sum| sum - sums[from] < wanted);
        let day = block.days + u32::try_from(within).ok()? + 1;
        (day <= self.most).then_some(day)
    }

    /// Items that are finished by the end of a day.
    pub(super) fn items_by(&mut self, day: u32) -> u32 {
        let day = day.min(self.most);
        while self.days < day && self.draw() {}
        let at = self.blocks.partition_point(|block| block.days < day).saturating_sub(1);
        self.blocks.get(at).map_or(0, |block| {
            let within = (day - block.days).min(block.length) as usize;
            block.items + self.sampler.sums[block.start + within] - self.sampler.sums[block.start]
        })
    }

    fn draw(&mut self) -> bool {
        if self.days >= self.most {
            return false;
        }
        let (start, length) = self.sampler.block(self.random.next_u64());
        let items = self.sampler.sums[start + length as usize] - self.sampler.sums[start];
        self.blocks.push(Block { start, length, days: self.days, items: self.items });
        self.days += length;
        self.items = self.items.saturating_add(items);
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Seed;

    proptest! {
        #[test]
        fn a_path_says_what_the_sampler_says(
            counts in prop::collection::vec(0_u32..9, 1..80),
            asked in prop::collection::vec(0_u32..300, 1..12),
            seed: u64,
        ) {
            let sampler = Bootstrap::new(&counts, 15.0).expect("a window");
            let stream = || Seed::from_u64(seed).stream();
            let mut path = Path::new(&sampler, stream(), 120);
            for items in asked {
                let day = sampler.days_until(items, 120, &mut stream());
                prop_assert_eq!(path.day_of(items), (day <= 120).then_some(day));
                let days = items.min(120);
                prop_assert_eq!(path.items_by(days), sampler.items_in(days, &mut stream()));
            }
        }
    }
}
