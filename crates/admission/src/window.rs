//! A sliding window of counters with an exact bound: no span of 60 seconds, wherever it starts, holds more than the
//! limit.

use std::time::Duration;

/// Length of the window.
pub(crate) const WINDOW: Duration = Duration::from_secs(60);
/// Counters per window; one more is kept, so that every counter that overlaps the last 60 seconds counts whole.
const SLOTS: usize = 120;
const SLOT_MILLIS: u64 = 500;

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
        for number in self.newest.saturating_sub(SLOTS as u64)..=self.newest {
            left -= self.counts[index(number)];
            if left < limit {
                let leaves = Duration::from_millis((number + SLOTS as u64 + 1) * SLOT_MILLIS);
                return leaves.saturating_sub(now);
            }
        }
        WINDOW
    }
}

fn index(number: u64) -> usize {
    // The remainder is below 121.
    usize::try_from(number % (SLOTS as u64 + 1)).unwrap_or(0)
}
