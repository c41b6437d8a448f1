//! No 60 seconds hold more admitted calls than the limit, wherever they start; and what is refused may try again when
//! it was told.

use std::{collections::HashMap, time::Duration};

use pm33_admission::{LimitScope, Limiter, Limits, Verdict};
use pm33_tenancy::TenantId;
use proptest::prelude::*;

const WINDOW: Duration = Duration::from_mins(1);
const LIMITS: Limits = Limits { key: 60, tenant: 300 };

fn tenant(number: u8) -> TenantId {
    TenantId::from_uuid(uuid::Uuid::from_u128(u128::from(number)))
}

fn is_admitted(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Admitted(_))
}

fn retry_after(verdict: Verdict) -> Option<Duration> {
    match verdict {
        Verdict::Admitted(_) => None,
        Verdict::Denied { retry_after, .. } => Some(retry_after),
    }
}

/// The most calls in any 60 seconds that start with one of them.
fn fullest(calls: &[Duration]) -> usize {
    let mut last = 0;
    (0..calls.len())
        .map(|first| {
            while last < calls.len() && calls[last] < calls[first] + WINDOW {
                last += 1;
            }
            last - first
        })
        .max()
        .unwrap_or(0)
}

#[test]
fn six_hundred_at_once_give_sixty_and_a_true_retry_after() {
    let limiter = Limiter::new();
    let start = Duration::from_millis(1_234);
    let verdicts: Vec<_> = (0..600).map(|_| limiter.admit(tenant(1), "k", LIMITS, start)).collect();
    assert_eq!(verdicts.iter().filter(|verdict| is_admitted(**verdict)).count(), 60);
    let Verdict::Admitted(first) = verdicts[0] else { unreachable!("the first of 60") };
    assert_eq!((first.key_left, first.tenant_left), (59, 299));
    let Verdict::Denied { scope: LimitScope::Key, limit: 60, retry_after, .. } = verdicts[599] else {
        unreachable!("the six hundredth")
    };
    assert_eq!(first.reset, retry_after);
    let retry = start + retry_after;
    assert!(!is_admitted(limiter.admit(
        tenant(1),
        "k",
        LIMITS,
        retry.saturating_sub(Duration::from_millis(1))
    )));
    assert!(is_admitted(limiter.admit(tenant(1), "k", LIMITS, retry)));
}

#[test]
fn ten_minutes_of_random_traffic_stay_within_both_limits() {
    let limiter = Limiter::new();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |below: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % below
    };
    let mut now = Duration::from_millis(77);
    let mut by_key: HashMap<(u8, u8), Vec<Duration>> = HashMap::new();
    let mut by_tenant: HashMap<u8, Vec<Duration>> = HashMap::new();
    while now < Duration::from_mins(10) {
        now += Duration::from_micros(next(12_000));
        let (of, key) = (u8::try_from(next(10)).unwrap(), u8::try_from(next(5)).unwrap());
        if is_admitted(limiter.admit(tenant(of), &format!("key{key}"), LIMITS, now)) {
            by_key.entry((of, key)).or_default().push(now);
            by_tenant.entry(of).or_default().push(now);
        }
    }
    assert_eq!((by_key.len(), by_tenant.len()), (50, 10));
    assert!(by_key.values().all(|calls| fullest(calls) <= 60));
    assert!(by_tenant.values().all(|calls| fullest(calls) <= 300));
}

#[test]
fn at_least_98_percent_of_the_rate_is_usable() {
    let limiter = Limiter::new();
    let calls = (0..600_000_u64).filter(|milli| {
        milli % 10 == 0 && is_admitted(limiter.admit(tenant(1), "k", LIMITS, Duration::from_millis(*milli)))
    });
    // Ten minutes allow 600.
    assert!(calls.count() >= 588);
}

#[test]
fn a_call_that_the_tenants_limit_refuses_costs_the_key_nothing() {
    let limiter = Limiter::new();
    let limits = Limits { key: 60, tenant: 100 };
    for key in ["a", "b"] {
        assert!((0..50).all(|_| is_admitted(limiter.admit(tenant(1), key, limits, WINDOW))));
    }
    for _ in 0..500 {
        let verdict = limiter.admit(tenant(1), "a", limits, WINDOW);
        assert!(matches!(verdict, Verdict::Denied { scope: LimitScope::Tenant, limit: 100, .. }));
    }
    // The tenant's limit is raised: the key has its ten left.
    let passed = (0..50).filter(|_| is_admitted(limiter.admit(tenant(1), "a", LIMITS, WINDOW))).count();
    assert_eq!(passed, 10);
}

#[test]
fn a_call_that_the_keys_limit_refuses_costs_the_tenant_nothing() {
    let limiter = Limiter::new();
    let limits = Limits { key: 10, tenant: 20 };
    assert_eq!((0..500).filter(|_| is_admitted(limiter.admit(tenant(1), "a", limits, WINDOW))).count(), 10);
    assert_eq!((0..500).filter(|_| is_admitted(limiter.admit(tenant(1), "b", limits, WINDOW))).count(), 10);
}

#[test]
fn other_tenants_and_keys_are_apart() {
    let limiter = Limiter::new();
    for _ in 0..60 {
        limiter.admit(tenant(1), "k", LIMITS, WINDOW);
    }
    assert!(!is_admitted(limiter.admit(tenant(1), "k", LIMITS, WINDOW)));
    assert!(is_admitted(limiter.admit(tenant(1), "other", LIMITS, WINDOW)));
    assert!(is_admitted(limiter.admit(tenant(2), "k", LIMITS, WINDOW)));
}

#[test]
fn a_key_that_waits_for_its_own_limit_is_told_to_wait_for_the_tenants_too() {
    let limiter = Limiter::new();
    let limits = Limits { key: 2, tenant: 4 };
    let at = |second| Duration::from_secs(second);
    for (key, second) in [("a", 1), ("a", 2), ("b", 30), ("b", 31)] {
        assert!(is_admitted(limiter.admit(tenant(1), key, limits, at(second))));
    }
    // The tenant's limit falls: the key has room at 61.5, the tenant not before the third call has left.
    let lowered = Limits { key: 2, tenant: 2 };
    let wait = retry_after(limiter.admit(tenant(1), "a", lowered, at(40))).unwrap();
    assert_eq!(wait, Duration::from_millis(50_500));
    assert!(is_admitted(limiter.admit(tenant(1), "a", lowered, at(40) + wait)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn no_window_holds_more_than_the_limits_and_every_retry_after_is_true(
        key in 1_u32..40, tenants in 1_u32..80,
        traffic in proptest::collection::vec((0_u64..4_000, 0_usize..4), 50..400),
    ) {
        let limiter = Limiter::new();
        let limits = Limits { key, tenant: tenants };
        let names = ["a", "b", "c", "d"];
        let mut now = Duration::from_secs(5);
        let mut by_key = [const { Vec::new() }; 4];
        let mut all = Vec::new();
        for (gap, name) in traffic {
            now += Duration::from_millis(gap);
            match limiter.admit(tenant(1), names[name], limits, now) {
                Verdict::Admitted(standing) => {
                    by_key[name].push(now);
                    all.push(now);
                    let recent = all.iter().filter(|call| **call + WINDOW > now).count();
                    prop_assert!(standing.tenant_left as usize <= tenants as usize - recent);
                }
                Verdict::Denied { retry_after, .. } if gap % 5 == 0 => {
                    // The same traffic and then silence until that moment.
                    now += retry_after;
                    prop_assert!(is_admitted(limiter.admit(tenant(1), names[name], limits, now)));
                    by_key[name].push(now);
                    all.push(now);
                }
                Verdict::Denied { retry_after, .. } => prop_assert!(retry_after <= WINDOW + Duration::from_millis(500)),
            }
        }
        for calls in &by_key {
            prop_assert!(fullest(calls) <= key as usize);
        }
        prop_assert!(fullest(&all) <= tenants as usize);
    }

    #[test]
    fn a_key_alone_is_told_the_first_moment_that_passes(
        key in 1_u32..40, tenants in 1_u32..80, traffic in proptest::collection::vec(0_u64..4_000, 50..400),
    ) {
        let (limiter, limits) = (Limiter::new(), Limits { key, tenant: tenants });
        let mut now = Duration::from_secs(5);
        for gap in traffic {
            now += Duration::from_millis(gap);
            if let Some(wait) = retry_after(limiter.admit(tenant(1), "k", limits, now)) {
                let early = now + wait.saturating_sub(Duration::from_millis(1));
                prop_assert!(!is_admitted(limiter.admit(tenant(1), "k", limits, early)));
                now += wait;
                prop_assert!(is_admitted(limiter.admit(tenant(1), "k", limits, now)));
            }
        }
    }

    #[test]
    fn a_changed_limit_is_in_force_at_once(
        changes in proptest::collection::vec((1_u32..50, 1_u32..90, 0_u64..20_000), 1..40),
    ) {
        let limiter = Limiter::new();
        let mut now = Duration::from_secs(5);
        let mut admitted: Vec<Duration> = Vec::new();
        for (key, tenants, gap) in changes {
            now += Duration::from_millis(gap);
            let limits = Limits { key, tenant: tenants };
            let passed = (0..100).filter(|_| is_admitted(limiter.admit(tenant(1), "k", limits, now))).count();
            let within = |span: Duration| admitted.iter().filter(|call| **call + span > now).count();
            let limit = key.min(tenants) as usize;
            // A call counts for at least 60 seconds and at most half a second more.
            prop_assert!(passed <= limit.saturating_sub(within(WINDOW)));
            prop_assert!(passed >= limit.saturating_sub(within(WINDOW + Duration::from_millis(501))));
            admitted.extend(std::iter::repeat_n(now, passed));
        }
    }
}
