//! A sliding window of counters with an exact bound: no span of 60 seconds, wherever it starts, holds more than the
//! limit.

use std::{ops::RangeInclusive, time::Duration};

/// Counters per 60 seconds; one more is kept, so that every counter that overlaps the last 60 seconds counts whole.
const SLOTS: usize = 120;
const SLOT_MILLIS: u64 = 500;
/// Longest that a call counts: a window and the slot it came in.
pub(crate) const COUNTED: Duration = Duration::from_millis(60_500);

/// Counts of admitted calls in half-second slots. Memory is fixed whatever the limit.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    counts: [u32; SLOTS + 1],
    /// Number of the newest slot since the clock's start.
    newest: u64,
    total: u32,
}

impl Window {
    pub(crate) fn new() -> Self {
        Self { counts: [0; SLOTS + 1], newest: 0, total: 0 }
    }

    fn slot(now: Duration) -> u64 {
        u64::try_from(now.as_millis()).unwrap_or(u64::MAX) / SLOT_MILLIS
    }

    /// Moves the window to `now`; a time before the newest slot counts as that slot.
    pub(crate) fn advance(&mut self, now: Duration) {
        let slot = Self::slot(now);
        if slot <= self.newest {
            return;
        }
        let steps = slot - self.newest;
        if steps > SLOTS as u64 {
            self.counts = [0; SLOTS + 1];
            self.total = 0;
        } else {
            for number in self.newest + 1..=slot {
                let index = index(number);
                self.total -= self.counts[index];
                self.counts[index] = 0;
            }
        }
        self.newest = slot;
    }

    /// Calls that count against the limit now.
    pub(crate) fn used(&self) -> u32 {
        self.total
    }

    /// Counts one call.
    pub(crate) fn add(&mut self) {
        self.counts[index(self.newest)] += 1;
        self.total += 1;
    }

    /// How long until fewer than `limit` calls count, if no more are admitted.
    pub(crate) fn free_in(&self, limit: u32, now: Duration) -> Duration {
        let mut left = self.total;
        for number in self.slots() {
            left -= self.counts[index(number)];
            if left < limit {
                return Self::ends_in(number, now);
            }
        }
        COUNTED
    }

    /// Numbers of the slots that count, the oldest first.
    pub(crate) fn slots(&self) -> RangeInclusive<u64> {
        self.newest.saturating_sub(SLOTS as u64)..=self.newest
    }

    /// Calls that came in a slot, as far as they count.
    pub(crate) fn calls_in(&self, slot: u64) -> u32 {
        if self.slots().contains(&slot) { self.counts[index(slot)] } else { 0 }
    }

    /// How long until a slot counts no more.
    pub(crate) fn ends_in(slot: u64, now: Duration) -> Duration {
        Duration::from_millis((slot + SLOTS as u64 + 1).saturating_mul(SLOT_MILLIS)).saturating_sub(now)
    }
}

fn index(number: u64) -> usize {
    // The remainder is below 121.
    usize::try_from(number % (SLOTS as u64 + 1)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WINDOW: Duration = Duration::from_mins(1);

    #[test]
    fn a_call_counts_for_its_slot_and_sixty_seconds() {
        let mut window = Window::new();
        window.advance(Duration::from_millis(10_499));
        window.add();
        window.advance(Duration::from_millis(70_499));
        assert_eq!(window.used(), 1);
        window.advance(Duration::from_millis(70_500));
        assert_eq!(window.used(), 0);
        assert_eq!(size_of::<Window>(), 496);
    }

    #[test]
    fn a_time_before_the_newest_slot_counts_as_that_slot() {
        let mut window = Window::new();
        window.advance(Duration::from_secs(100));
        window.add();
        window.advance(Duration::from_secs(1));
        window.add();
        assert_eq!(window.used(), 2);
        assert_eq!(window.free_in(1, Duration::from_secs(100)), COUNTED);
    }

    proptest! {
        /// Every call whose slot has not ended sixty seconds ago counts, and no other.
        #[test]
        fn the_count_is_that_of_a_list_of_slots(gaps in proptest::collection::vec(prop_oneof![0_u64..900, 0_u64..70_000], 1..300)) {
            let (mut window, mut now, mut slots) = (Window::new(), 0, Vec::new());
            for gap in gaps {
                now += gap;
                window.advance(Duration::from_millis(now));
                window.add();
                slots.push(now / SLOT_MILLIS);
                let counted = slots.iter().filter(|slot| *slot + SLOTS as u64 >= now / SLOT_MILLIS).count();
                prop_assert_eq!(window.used() as usize, counted);
                let all_gone = window.free_in(1, Duration::from_millis(now));
                prop_assert!(all_gone <= COUNTED && all_gone > WINDOW);
            }
        }
    }
}
