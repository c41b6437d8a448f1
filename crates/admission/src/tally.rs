//! A small sliding count of events, of a fixed few bytes: exact to five seconds, for what no limit is promised on.

use std::time::Duration;

const SLOT_SECONDS: u64 = 5;

/// Events of the last 60 to 65 seconds.
pub(crate) type Minute = Tally<13>;

/// Events of as many slots of five seconds, the newest of which is not over.
#[derive(Clone, Debug)]
pub(crate) struct Tally<const SLOTS: usize> {
    counts: [u16; SLOTS],
    newest: u64,
}

impl<const SLOTS: usize> Default for Tally<SLOTS> {
    fn default() -> Self {
        Self { counts: [0; SLOTS], newest: 0 }
    }
}

impl<const SLOTS: usize> Tally<SLOTS> {
    fn slot(now: Duration) -> u64 {
        now.as_secs() / SLOT_SECONDS
    }

    fn count(&mut self, slot: u64) -> &mut u16 {
        &mut self.counts[index::<SLOTS>(slot)]
    }

    /// Moves the count to `now`; a time before the newest slot counts as that slot.
    pub(crate) fn advance(&mut self, now: Duration) {
        let slot = Self::slot(now);
        if slot.saturating_sub(self.newest) >= SLOTS as u64 {
            self.counts = [0; SLOTS];
        } else {
            for number in self.newest + 1..=slot {
                *self.count(number) = 0;
            }
        }
        self.newest = self.newest.max(slot);
    }

    /// Counts so many events.
    pub(crate) fn add(&mut self, events: u16, now: Duration) {
        self.advance(now);
        let count = self.count(self.newest);
        *count = count.saturating_add(events);
    }

    /// Events that count, as of the last move.
    pub(crate) fn total(&self) -> u32 {
        self.counts.iter().map(|count| u32::from(*count)).sum()
    }

    /// How long until fewer than `limit` events count, if none comes.
    pub(crate) fn free_in(&self, limit: u32, now: Duration) -> Duration {
        let mut left = self.total();
        for number in (self.newest + 1).saturating_sub(SLOTS as u64)..=self.newest {
            left -= u32::from(self.counts[index::<SLOTS>(number)]);
            if left < limit {
                return Duration::from_secs((number + SLOTS as u64) * SLOT_SECONDS).saturating_sub(now);
            }
        }
        Duration::from_secs(SLOTS as u64 * SLOT_SECONDS)
    }
}

fn index<const SLOTS: usize>(slot: u64) -> usize {
    // The remainder is below the number of slots.
    usize::try_from(slot % SLOTS as u64).unwrap_or(0)
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
            let (mut tally, mut now, mut times) = (Minute::default(), 0, Vec::new());
            for gap in gaps {
                now += gap;
                times.push(now);
                tally.add(1, Duration::from_millis(now));
                let younger = |than: u64| times.iter().filter(|time| now - *time < than).count();
                let total = tally.total() as usize;
                prop_assert!(younger(60_000) <= total && total <= younger(65_001), "{} at {}", total, now);
                let free = tally.free_in(1, Duration::from_millis(now));
                prop_assert!(free > Duration::from_mins(1) && free <= Duration::from_secs(65));
            }
        }
    }
}
