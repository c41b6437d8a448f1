//! A small sliding count of events, of a fixed few bytes: exact to five seconds, for what no limit is promised on.

use std::time::Duration;

const SLOTS: u32 = 13;
const SLOT_SECONDS: u64 = 5;

/// Events of the last 60 to 65 seconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    counts: [u16; SLOTS as usize],
    newest: u32,
}

impl Tally {
    fn slot(now: Duration) -> u32 {
        u32::try_from(now.as_secs() / SLOT_SECONDS).unwrap_or(u32::MAX)
    }

    /// Moves the count to `now`; a time before the newest slot counts as that slot.
    pub(crate) fn advance(&mut self, now: Duration) {
        let slot = Self::slot(now);
        let steps = slot.saturating_sub(self.newest);
        if steps >= SLOTS {
            self.counts = [0; SLOTS as usize];
        } else {
            for number in 0..steps {
                self.counts[((self.newest + number + 1) % SLOTS) as usize] = 0;
            }
        }
        self.newest = self.newest.max(slot);
    }

    /// Counts an event.
    pub(crate) fn add(&mut self, now: Duration) {
        self.advance(now);
        let slot = &mut self.counts[(self.newest % SLOTS) as usize];
        *slot = slot.saturating_add(1);
    }

    /// Events that count, as of the last move.
    pub(crate) fn total(&self) -> u32 {
        self.counts.iter().map(|count| u32::from(*count)).sum()
    }

    /// How long until fewer than `limit` events count, if none comes.
    pub(crate) fn free_in(&self, limit: u32, now: Duration) -> Duration {
        let mut left = self.total();
        for age in (0..SLOTS).rev() {
            let Some(number) = self.newest.checked_sub(age) else { continue };
            left -= u32::from(self.counts[(number % SLOTS) as usize]);
            if left < limit {
                let leaves = Duration::from_secs((u64::from(number) + u64::from(SLOTS)) * SLOT_SECONDS);
                return leaves.saturating_sub(now);
            }
        }
        Duration::from_secs(u64::from(SLOTS) * SLOT_SECONDS)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_younger_than_a_minute_counts_and_what_is_older_than_65_seconds_does_not(
            gaps in proptest::collection::vec(prop_oneof![0_u64..900, 0_u64..70_000], 1..200),
        ) {
            let (mut tally, mut now, mut times) = (Tally::default(), 0, Vec::new());
            for gap in gaps {
                now += gap;
                times.push(now);
                tally.add(Duration::from_millis(now));
                let younger = |than: u64| times.iter().filter(|time| now - *time < than).count();
                let total = tally.total() as usize;
                prop_assert!(younger(60_000) <= total && total <= younger(65_001), "{} at {}", total, now);
                let free = tally.free_in(1, Duration::from_millis(now));
                prop_assert!(free > Duration::from_mins(1) && free <= Duration::from_secs(65));
            }
        }
    }
}
