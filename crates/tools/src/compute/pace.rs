//! Giving way: while small calls are about, a calculation works in short slices and rests between them. A machine may serve two
//! busy cores worse than one (shared cores, a host that bounds the pair), so a calculation that fills the core that calls leave
//! free can still make them wait.

use std::{
    cell::Cell,
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

/// Work between two rests.
const SLICE: Duration = Duration::from_micros(500);
/// A rest is so many times as long as the work before it.
const REST: u32 = 1;
/// A rest at most, where work could not be interrupted for long.
const LONGEST_REST: Duration = Duration::from_millis(20);
/// Small calls are about for so long after one began.
const ABOUT: Duration = Duration::from_millis(5);

/// When the process first looked.
static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
/// When a small call last began, in microseconds since then and one more; 0 for never.
static SMALL_CALL: AtomicU64 = AtomicU64::new(0);

/// Notes that a small call begins.
pub(crate) fn small_call() {
    SMALL_CALL.store(micros(Instant::now()) + 1, Ordering::Relaxed);
}

fn micros(at: Instant) -> u64 {
    u64::try_from(at.saturating_duration_since(*BEGAN).as_micros()).unwrap_or(u64::MAX - 1)
}

/// Whether a small call began a moment ago.
fn is_asked(now: Instant) -> bool {
    let last = SMALL_CALL.load(Ordering::Relaxed);
    last > 0 && u128::from(micros(now).saturating_sub(last - 1)) < ABOUT.as_micros()
}

/// One calculation's pace.
#[derive(Debug)]
pub(crate) struct Pace {
    /// When it last began to work.
    working: Cell<Instant>,
}

impl Pace {
    pub(crate) fn new() -> Self {
        Self { working: Cell::new(Instant::now()) }
    }

    /// Rests on this thread when a slice is over and small calls are about.
    pub(crate) fn give_way(&self) {
        let now = Instant::now();
        let worked = now - self.working.get();
        if worked < SLICE {
            return;
        }
        if is_asked(now) {
            std::thread::sleep((worked * REST).min(LONGEST_REST));
        }
        self.working.set(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{ABOUT, Pace, REST, SLICE, small_call};

    /// Works until a clock says so, giving way all the time; how long that took.
    fn works(pace: &Pace, work: Duration) -> Duration {
        let began = Instant::now();
        let (mut done, mut last) = (Duration::ZERO, Instant::now());
        while done < work {
            let before = Instant::now();
            // What is not spent in a rest is work.
            done += before - last;
            pace.give_way();
            last = Instant::now();
        }
        began.elapsed()
    }

    #[test]
    fn a_calculation_rests_as_long_as_it_works_while_small_calls_come_and_not_without() {
        let pace = Pace::new();
        let work = Duration::from_millis(40);
        std::thread::sleep(ABOUT * 2);
        // Other work on the machine makes any one try longer, never shorter.
        let alone = (0..10).map(|_| works(&pace, work)).min().expect("tries");
        assert!(alone < work + work / 2, "{alone:?}");
        let asked = std::thread::spawn({
            let until = Instant::now() + Duration::from_millis(200);
            move || {
                while Instant::now() < until {
                    small_call();
                    std::thread::sleep(Duration::from_micros(200));
                }
            }
        });
        small_call();
        let beside = works(&pace, work);
        asked.join().expect("a thread that ends");
        // A rest is left out at the end.
        assert!(beside + SLICE * 4 >= work * (1 + REST), "{beside:?}");
    }
}
