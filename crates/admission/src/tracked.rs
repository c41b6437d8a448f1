//! The limiter's maps: what they hold, what they forget, and what they refuse when they are full.

use std::time::Duration;

use pm33_tenancy::{TenantId, Timestamp};

use crate::{LimitScope, Limiter, Limits, Verdict, limits::TENANTS, shares::KEYS, window::COUNTED};

const LIMITS: Limits = Limits { key: 60, tenant: 300 };

fn tenant() -> TenantId {
    TenantId::new(Timestamp::from_micros(0))
}

fn is_admitted(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Admitted(_))
}

#[test]
fn entries_that_count_are_never_dropped_and_a_full_map_refuses_newcomers() {
    let (limiter, start) = (Limiter::new(), Duration::from_secs(9));
    let one = tenant();
    let limits = Limits { key: 1, tenant: u32::MAX };
    for key in 0..KEYS {
        assert!(is_admitted(limiter.admit(one, &key.to_string(), limits, start)));
    }
    let late = start + COUNTED.saturating_sub(Duration::from_millis(501));
    assert!(matches!(
        limiter.admit(one, "newcomer", limits, late),
        Verdict::Denied { scope: LimitScope::Tenant, retry_after: COUNTED, .. }
    ));
    for key in 0..KEYS {
        assert!(!is_admitted(limiter.admit(one, &key.to_string(), limits, late)));
    }
    assert!(is_admitted(limiter.admit(one, "newcomer", limits, late + COUNTED)));
}

#[test]
fn tenants_that_are_idle_are_forgotten_and_others_are_not() {
    let (limiter, limits) = (Limiter::new(), Limits { key: 1, tenant: 1 });
    let busy = tenant();
    for second in 0..2_000 {
        let now = Duration::from_secs(second);
        limiter.admit(tenant(), "k", limits, now);
        let passes = is_admitted(limiter.admit(busy, "k", limits, now));
        // At 0, then whenever the last call has left the window: every 61 seconds.
        assert_eq!(passes, second % 61 == 0, "{second}");
    }
    assert!(limiter.tenants() < 200, "{}", limiter.tenants());
}

#[test]
fn a_flood_of_tenants_is_bounded() {
    let (limiter, now) = (Limiter::new(), Duration::from_secs(1));
    for _ in 0..TENANTS {
        assert!(is_admitted(limiter.admit(tenant(), "k", LIMITS, now)));
    }
    assert!(!is_admitted(limiter.admit(tenant(), "k", LIMITS, now)));
    assert!(is_admitted(limiter.admit(tenant(), "k", LIMITS, now + COUNTED)));
}

#[test]
fn a_clock_that_starts_late_or_stands_still_frees_nothing() {
    let (limiter, tenant) = (Limiter::new(), tenant());
    for now in [Duration::MAX, Duration::from_secs(u64::MAX / 2_000), Duration::ZERO] {
        let admitted = (0..100).filter(|_| is_admitted(limiter.admit(tenant, "k", LIMITS, now))).count();
        assert!(admitted <= 60);
    }
}
