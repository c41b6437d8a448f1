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
const SLICE: Duration = Duration::from_micros(50);
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

/// How long ago a small call last began; `None` when none ever did.
fn since_small_call(now: Instant) -> Option<Duration> {
    let last = SMALL_CALL.load(Ordering::Relaxed).checked_sub(1)?;
    Some(Duration::from_micros(micros(now).saturating_sub(last)))
}

/// How long to rest after so much work; `None` while a slice lasts.
fn rest(worked: Duration, since_small_call: Option<Duration>) -> Option<Duration> {
    if worked < SLICE {
        return None;
    }
    let is_asked = since_small_call.is_some_and(|since| since < ABOUT);
    Some(if is_asked { (worked * REST).min(LONGEST_REST) } else { Duration::ZERO })
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
        let Some(rest) = rest(now - self.working.get(), since_small_call(now)) else { return };
        if !rest.is_zero() {
            std::thread::sleep(rest);
        }
        self.working.set(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{ABOUT, LONGEST_REST, Pace, SLICE, rest, small_call};

    #[test]
    fn a_calculation_rests_as_long_as_it_worked_while_small_calls_come_and_not_without() {
        let moment = Some(Duration::from_micros(100));
        assert_eq!(rest(SLICE / 2, moment), None);
        assert_eq!(rest(SLICE, moment), Some(SLICE));
        assert_eq!(rest(SLICE * 3, moment), Some(SLICE * 3));
        assert_eq!(rest(Duration::from_secs(9), moment), Some(LONGEST_REST));
        assert_eq!(rest(SLICE, Some(ABOUT)), Some(Duration::ZERO), "no small call for a while");
        assert_eq!(rest(SLICE, None), Some(Duration::ZERO), "no small call ever");
    }

    #[test]
    fn half_of_the_time_is_rest_beside_small_calls() {
        let pace = Pace::new();
        let began = Instant::now();
        let (mut worked, mut owed) = (Duration::ZERO, Duration::ZERO);
        while worked < SLICE * 40 {
            let before = Instant::now();
            small_call();
            while before.elapsed() < SLICE {}
            let slice = before.elapsed();
            worked += slice;
            // A slice that other work on the machine made long is rested from no longer than is allowed.
            owed += slice.min(LONGEST_REST);
            pace.give_way();
        }
        assert!(began.elapsed() + SLICE >= worked + owed, "{worked:?} of {:?}", began.elapsed());
    }
}
