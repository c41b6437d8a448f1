//! Keys of one tenant beside each other: nobody takes what another waits for, nothing is kept for nobody, a retry passes
//! when it was told, and no clock frees a window or locks anybody out.

use std::time::Duration;

use pm33_admission::{Limiter, Limits, Verdict};
use pm33_tenancy::TenantId;

const LIMITS: Limits = Limits { key: 60, tenant: 300 };
const WINDOW: Duration = Duration::from_mins(1);

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

/// Greedy keys call every 20 ms; the polite one, evenly, as often as it is guaranteed.
fn beside_greedy(greedy: u64, joins: u64) -> (u64, u64, Vec<Duration>) {
    let limiter = Limiter::new();
    let guaranteed = (300 / (greedy + 1)).min(60);
    let (mut asked, mut passed, mut all) = (0, 0, Vec::new());
    for millis in (0..600_000).step_by(20) {
        let now = at(millis);
        for key in 0..greedy {
            if is_admitted(&limiter, &format!("greedy{key}"), now) {
                all.push(now);
            }
        }
        // Its first minute beside them is the one in which they give way.
        if millis >= joins && millis % (60_000 / guaranteed / 20 * 20) == 0 {
            let is_in = is_admitted(&limiter, "polite", now);
            if is_in {
                all.push(now);
            }
            if millis >= joins + 60_000 {
                asked += 1;
                passed += u64::from(is_in);
            }
        }
    }
    (asked, passed, all)
}

#[test]
fn a_polite_key_beside_greedy_ones_gets_its_guarantee() {
    // The half-second slots of a window and what is lost before a claim begins cost whoever calls exactly at his rate one or
    // two calls a minute, so that of a smaller share it is a larger part.
    for (greedy, joins, percent) in [(5, 0, 95), (5, 200_000, 95), (9, 200_000, 90), (29, 200_000, 80)] {
        let (asked, passed, all) = beside_greedy(greedy, joins);
        assert!(passed * 100 >= asked * percent, "{passed} of {asked} beside {greedy}");
        assert!(fullest(&all) <= 300);
        // Ten minutes allow 3,000; what is kept for the polite one is not lost.
        assert!(all.len() * 100 >= 3_000 * 96, "{} beside {greedy}", all.len());
    }
}

#[test]
fn what_nobody_waits_for_is_there_for_everybody() {
    let limiter = Limiter::new();
    // Fifty keys were here and called once; six go on as fast as they can.
    for key in 0..50 {
        assert!(is_admitted(&limiter, &format!("once{key}"), at(1_000)));
    }
    let mut passed = 0;
    for millis in (70_000..670_000).step_by(50) {
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
