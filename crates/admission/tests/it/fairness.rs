//! Keys of one tenant beside each other: nobody takes what another waits for, nothing is kept for nobody, a retry passes
//! when it was told, and no clock frees a window or locks anybody out.

use std::time::Duration;

use pm33_admission::{Limiter, Limits, Verdict};
use pm33_tenancy::TenantId;

const LIMITS: Limits = Limits { key: 60, tenant: 300 };
const WINDOW: Duration = Duration::from_mins(1);
/// Longest that a call counts.
const WINDOW_MILLIS: u64 = 60_500;

fn tenant() -> TenantId {
    TenantId::from_uuid(uuid::Uuid::from_u128(1))
}

fn at(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn is_admitted(limiter: &Limiter, key: &str, now: Duration) -> bool {
    matches!(limiter.admit(tenant(), key, LIMITS, now), Verdict::Admitted(_))
}

/// The most of the times that lie within 60 seconds.
fn fullest(times: &[Duration]) -> usize {
    let within =
        |from: &Duration| times.iter().filter(|time| **time >= *from && **time < *from + WINDOW).count();
    times.iter().map(within).max().unwrap_or(0)
}

/// How greedy keys call.
#[derive(Clone, Copy, Debug)]
enum Greed {
    /// One call each, in turns, whenever there is a moment.
    Evenly,
    /// Each takes whatever there is before the next one comes.
    AtOnce,
}

/// What happened beside greedy keys.
struct Beside {
    /// Calls of the polite key after its first minute, and how many of them passed.
    asked: u64,
    passed: u64,
    /// When anybody's passed.
    all: Vec<Duration>,
}

/// Greedy keys never stop; the polite one calls evenly, as often as it is guaranteed, from when it joins until it leaves.
fn beside(greed: Greed, greedy: u64, joins: u64, leaves: u64) -> Beside {
    let limiter = Limiter::new();
    let guaranteed = (300 / (greedy + 1)).min(60);
    let mut told = Beside { asked: 0, passed: 0, all: Vec::new() };
    for millis in (0..600_000).step_by(100) {
        let now = at(millis);
        for key in 0..greedy {
            while is_admitted(&limiter, &format!("greedy{key}"), now) {
                told.all.push(now);
                if let Greed::Evenly = greed {
                    break;
                }
            }
        }
        if (joins..leaves).contains(&millis) && millis % (60_000 / guaranteed / 100 * 100) == 0 {
            let is_in = is_admitted(&limiter, "polite", now);
            if is_in {
                told.all.push(now);
            }
            // Its first minute beside them is the one in which they give way.
            if millis >= joins + WINDOW_MILLIS {
                told.asked += 1;
                told.passed += u64::from(is_in);
            }
        }
    }
    told
}

#[test]
fn a_polite_key_beside_greedy_ones_gets_its_guarantee() {
    for greed in [Greed::Evenly, Greed::AtOnce] {
        // The half-second slots of a window cost whoever calls exactly at his rate a call in some minutes, so that of a
        // smaller share it is a larger part.
        for (greedy, joins, percent) in [(5, 0, 95), (5, 200_000, 95), (9, 200_000, 95), (29, 200_000, 90)] {
            let Beside { asked, passed, all } = beside(greed, greedy, joins, 600_000);
            assert!(
                passed * 100 >= asked * percent,
                "{passed} of {asked} beside {greedy} {greed:?} from {joins}"
            );
            assert!(fullest(&all) <= 300);
            // Ten minutes allow 3,000; what is kept for the polite one is not lost.
            assert!(all.len() * 100 >= 3_000 * 96, "{} beside {greedy} {greed:?}", all.len());
        }
    }
}

#[test]
fn what_was_kept_for_a_key_that_has_gone_is_there_for_all() {
    let Beside { all, .. } = beside(Greed::AtOnce, 5, 0, 300_000);
    let last = all.iter().filter(|time| **time >= at(480_000)).count();
    assert!(last >= 590, "{last} of the 600 of two minutes");
}

#[test]
fn what_nobody_waits_for_is_there_for_everybody() {
    let limiter = Limiter::new();
    // Fifty keys were here and called once; six go on as fast as they can.
    for key in 0..50 {
        assert!(is_admitted(&limiter, &format!("once{key}"), at(1_000)));
    }
    let mut passed = 0;
    for millis in (70_000..670_000).step_by(100) {
        passed += (0..6).filter(|key| is_admitted(&limiter, &format!("busy{key}"), at(millis))).count();
    }
    assert!(passed * 100 >= 3_000 * 98, "{passed}");
}

#[test]
fn random_traffic_on_fifty_keys_uses_what_is_allowed_and_no_more() {
    let limiter = Limiter::new();
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |below: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % below
    };
    let (mut now, mut all) = (at(5), Vec::new());
    while now < at(600_000) {
        now += Duration::from_micros(next(50_000));
        if is_admitted(&limiter, &format!("key{}", next(50)), now) {
            all.push(now);
        }
    }
    assert!(fullest(&all) <= 300);
    assert!(all.len() * 100 >= 3_000 * 98, "{}", all.len());
}

#[test]
fn whoever_honours_retry_after_is_not_refused_twice() {
    // Ten keys want more than there is, each one call after the other.
    let limiter = Limiter::new();
    let names: Vec<String> = (0..10).map(|key| format!("key{key}")).collect();
    let mut due: Vec<(Duration, usize, bool)> = (0..10).map(|key| (at(key as u64 * 7), key, false)).collect();
    let (mut refused, mut again) = (0, 0);
    while refused < 1_000 {
        due.sort_unstable();
        let (now, key, is_retry) = due.remove(0);
        match limiter.admit(tenant(), &names[key], LIMITS, now) {
            Verdict::Admitted(_) => due.push((now + at(150), key, false)),
            Verdict::Denied { retry_after, .. } => {
                // As a client does: whole seconds, rounded up.
                let seconds = retry_after.as_millis().div_ceil(1_000);
                due.push((now + Duration::from_secs(u64::try_from(seconds).unwrap()), key, true));
                refused += 1;
                again += u32::from(is_retry);
            }
        }
    }
    assert_eq!(again, 0, "of {refused}");
}

/// Of so many refused calls of keys that call without a pause and wait when they are told, how many are refused again; beside
/// keys that never wait.
fn refused_again(keys: usize, restless: u64, wait: impl Fn(Duration) -> Duration) -> u32 {
    let limiter = Limiter::new();
    let names: Vec<String> = (0..keys).map(|key| format!("key{key}")).collect();
    let mut due: Vec<(Duration, usize, bool)> = (0..keys).map(|key| (at(0), key, false)).collect();
    let (mut refused, mut again, mut tick) = (0, 0, 0);
    while refused < 300 {
        due.sort_unstable();
        let (now, key, is_retry) = due.remove(0);
        while at(tick * 250) <= now {
            for other in 0..restless {
                while is_admitted(&limiter, &format!("restless{other}"), at(tick * 250)) {}
            }
            tick += 1;
        }
        match limiter.admit(tenant(), &names[key], LIMITS, now) {
            Verdict::Admitted(_) => due.push((now, key, false)),
            Verdict::Denied { retry_after, .. } => {
                due.push((now + wait(retry_after), key, true));
                refused += 1;
                again += u32::from(is_retry);
            }
        }
    }
    again
}

#[test]
fn whoever_takes_all_that_he_may_and_then_waits_is_not_refused_twice() {
    let whole = |wait: Duration| at(u64::try_from(wait.as_millis()).unwrap().div_ceil(1_000) * 1_000);
    for (keys, restless) in [(1, 0), (6, 0), (10, 0), (1, 5), (5, 5), (9, 9)] {
        for (name, again) in [
            ("to the instant", refused_again(keys, restless, |wait| wait)),
            ("in whole seconds", refused_again(keys, restless, whole)),
        ] {
            assert_eq!(again, 0, "{keys} beside {restless}, {name}");
        }
    }
}

#[test]
fn a_clock_that_is_set_frees_no_window_and_locks_nobody_out() {
    let hour = Duration::from_hours(1);
    for (from, to) in [(hour * 30, hour * 29), (hour, hour * 25)] {
        let limiter = Limiter::new();
        let before = (0..100).filter(|_| is_admitted(&limiter, "k", from)).count();
        assert_eq!(before, 60);
        let passed = (0..100).filter(|_| is_admitted(&limiter, "k", to)).count();
        // Set back, what was used stays used; set forward by a day, the window is over by any clock.
        assert_eq!(passed, if to < from { 0 } else { 60 });
        // The monotonic clock goes on from where it is; a minute on nobody is locked out.
        let later = from.max(to) + Duration::from_millis(60_500);
        assert!(is_admitted(&limiter, "k", later));
    }
}

#[test]
fn refusals_are_counted_so_that_a_key_that_never_stops_is_known() {
    let limiter = Limiter::new();
    let mut most = 0;
    for call in 0..700 {
        if let Verdict::Denied { refused, .. } = limiter.admit(tenant(), "k", LIMITS, at(1_000 + call)) {
            assert!(refused == most + 1, "{refused} after {most}");
            most = refused;
        }
    }
    assert_eq!(most, 640);
    let Verdict::Denied { refused, .. } = limiter.admit(tenant(), "k", LIMITS, at(60_000)) else {
        panic!("the window is full")
    };
    assert_eq!(refused, 641);
}
