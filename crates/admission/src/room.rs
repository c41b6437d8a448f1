//! When a map of counters is swept: each time it has doubled, and while it is full not at every newcomer's call.

use std::time::Duration;

/// Entries below which a map is not swept.
const LEAST: usize = 64;
/// How often a full map is swept at most.
const PAUSE: Duration = Duration::from_millis(500);

/// When to sweep one map. What a sweep costs is paid for by the entries that came since the last.
pub(crate) struct Room {
    most: usize,
    at: usize,
    last: Duration,
}

impl Room {
    /// For a map of at most so many entries.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, at: LEAST, last: Duration::ZERO }
    }

    /// Whether a map of this size is to be swept before it grows.
    pub(crate) fn wants_sweep(&self, size: usize, now: Duration) -> bool {
        size >= self.at && (size < self.most || now.saturating_sub(self.last) >= PAUSE)
    }

    /// Notes a sweep that left so many entries.
    pub(crate) fn swept(&mut self, left: usize, now: Duration) {
        self.at = (left * 2).clamp(LEAST, self.most);
        self.last = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_swept_when_it_has_doubled_and_a_full_one_twice_a_second() {
        let mut room = Room::new(1_000);
        let at = Duration::from_millis;
        assert!(!room.wants_sweep(LEAST - 1, at(0)) && room.wants_sweep(LEAST, at(0)));
        room.swept(400, at(1_000));
        assert!(!room.wants_sweep(799, at(1_000)) && room.wants_sweep(800, at(1_000)));
        room.swept(900, at(2_000));
        assert!(!room.wants_sweep(1_000, at(2_499)) && room.wants_sweep(1_000, at(2_500)));
    }
}
