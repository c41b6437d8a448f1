//! Rate limits: key and tenant decided in one step, so that a call refused by either debits neither (governance R1, R2).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use pm33_tenancy::TenantId;

use crate::window::{WINDOW, Window};

/// Calls that may be admitted in any 60 seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Per key.
    pub key: u32,
    /// Per tenant.
    pub tenant: u32,
}

/// Which limit refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitScope {
    /// The key's.
    Key,
    /// The tenant's.
    Tenant,
}

impl LimitScope {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Tenant => "tenant",
        }
    }
}

/// An admitted call's standing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// Calls that the key has left in this window.
    pub key_left: u32,
    /// Calls that the tenant has left.
    pub tenant_left: u32,
    /// When the oldest counted call of the key leaves the window.
    pub reset: Duration,
}

/// What the limiter says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Admitted(Admitted),
    /// Not now.
    Denied {
        /// Which limit.
        scope: LimitScope,
        /// That limit.
        limit: u32,
        /// A retry then passes, unless others use the room first.
        retry_after: Duration,
    },
}

/// Tenants that are tracked at most, and keys per tenant.
const TENANTS: usize = 65_536;
const KEYS: usize = 4_096;

/// The limits of one process. Only verified callers reach it, so its maps grow with real keys; entries that count
/// nothing any more are dropped when a map is full, and a full map of live entries refuses newcomers rather than free
/// a window.
#[derive(Default)]
pub struct Limiter {
    tenants: Mutex<HashMap<TenantId, Arc<Mutex<TenantWindow>>>>,
}

struct TenantWindow {
    all: Window,
    keys: HashMap<Box<str>, Window>,
    /// When it was last asked, by the monotonic clock.
    asked: Duration,
}

impl Limiter {
    /// A limiter that has counted nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Decides on one call of a principal (`Caller::principal`) at a monotonic time.
    pub fn admit(&self, tenant: TenantId, principal: &str, limits: Limits, now: Duration) -> Verdict {
        let Some(window) = self.window(tenant, now) else {
            return Verdict::Denied { scope: LimitScope::Tenant, limit: limits.tenant, retry_after: WINDOW };
        };
        let mut window = window.lock().unwrap_or_else(PoisonError::into_inner);
        let window = &mut *window;
        window.asked = window.asked.max(now);
        window.all.advance(now);
        if !window.keys.contains_key(principal) {
            if window.keys.len() >= KEYS {
                window.keys.retain(|_, key| {
                    key.advance(now);
                    key.used() > 0
                });
            }
            if window.keys.len() >= KEYS {
                return Verdict::Denied { scope: LimitScope::Tenant, limit: limits.tenant, retry_after: WINDOW };
            }
            window.keys.insert(principal.into(), Window::new());
        }
        let Some(key) = window.keys.get_mut(principal) else {
            return Verdict::Denied { scope: LimitScope::Key, limit: limits.key, retry_after: WINDOW };
        };
        key.advance(now);
        if key.used() >= limits.key {
            return Verdict::Denied {
                scope: LimitScope::Key,
                limit: limits.key,
                retry_after: key.free_in(limits.key, now),
            };
        }
        if window.all.used() >= limits.tenant {
            return Verdict::Denied {
                scope: LimitScope::Tenant,
                limit: limits.tenant,
                retry_after: window.all.free_in(limits.tenant, now),
            };
        }
        key.add();
        window.all.add();
        Verdict::Admitted(Admitted {
            key_left: limits.key - key.used(),
            tenant_left: limits.tenant - window.all.used(),
            reset: key.free_in(key.used(), now),
        })
    }

    fn window(&self, tenant: TenantId, now: Duration) -> Option<Arc<Mutex<TenantWindow>>> {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(window) = tenants.get(&tenant) {
            return Some(Arc::clone(window));
        }
        if tenants.len() >= TENANTS {
            tenants.retain(|_, window| {
                let window = window.lock().unwrap_or_else(PoisonError::into_inner);
                now.saturating_sub(window.asked) <= WINDOW + Duration::from_secs(1)
            });
            if tenants.len() >= TENANTS {
                return None;
            }
        }
        let window = TenantWindow { all: Window::new(), keys: HashMap::new(), asked: now };
        Some(Arc::clone(tenants.entry(tenant).or_insert_with(|| Arc::new(Mutex::new(window)))))
    }
}

#[cfg(test)]
mod tests {
    use pm33_tenancy::Timestamp;
    use proptest::prelude::*;

    use super::*;

    const LIMITS: Limits = Limits { key: 60, tenant: 300 };

    fn tenant() -> TenantId {
        TenantId::new(Timestamp::from_micros(0))
    }

    #[test]
    fn sixty_at_once_then_none_until_retry_after() {
        let (limiter, tenant) = (Limiter::new(), tenant());
        let start = Duration::from_millis(1_234);
        let admitted =
            (0..600).filter(|_| matches!(limiter.admit(tenant, "k", LIMITS, start), Verdict::Admitted(_))).count();
        assert_eq!(admitted, 60);
        let Verdict::Denied { scope: LimitScope::Key, limit: 60, retry_after } = limiter.admit(tenant, "k", LIMITS, start)
        else {
            panic!("admitted");
        };
        let before = start + retry_after - Duration::from_millis(1);
        assert!(matches!(limiter.admit(tenant, "k", LIMITS, before), Verdict::Denied { .. }));
        assert!(matches!(limiter.admit(tenant, "k", LIMITS, start + retry_after), Verdict::Admitted(_)));
    }

    #[test]
    fn a_call_that_the_tenant_limit_refuses_costs_the_key_nothing() {
        let (limiter, tenant) = (Limiter::new(), tenant());
        let limits = Limits { key: 60, tenant: 100 };
        for key in ["a", "b"] {
            for _ in 0..50 {
                assert!(matches!(limiter.admit(tenant, key, limits, WINDOW), Verdict::Admitted(_)));
            }
        }
        for _ in 0..500 {
            let verdict = limiter.admit(tenant, "a", limits, WINDOW);
            assert!(matches!(verdict, Verdict::Denied { scope: LimitScope::Tenant, .. }));
        }
        // The tenant's limit is raised: the key has its ten left.
        let raised = Limits { key: 60, tenant: 300 };
        let more = (0..50).filter(|_| matches!(limiter.admit(tenant, "a", raised, WINDOW), Verdict::Admitted(_))).count();
        assert_eq!(more, 10);
    }

    #[test]
    fn other_tenants_and_keys_are_apart() {
        let limiter = Limiter::new();
        let (one, other) = (tenant(), tenant());
        for _ in 0..60 {
            limiter.admit(one, "k", LIMITS, WINDOW);
        }
        assert!(matches!(limiter.admit(one, "k", LIMITS, WINDOW), Verdict::Denied { .. }));
        assert!(matches!(limiter.admit(one, "other", LIMITS, WINDOW), Verdict::Admitted(_)));
        assert!(matches!(limiter.admit(other, "k", LIMITS, WINDOW), Verdict::Admitted(_)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_window_holds_more_than_the_limit(
            limit in 1_u32..40,
            gaps in proptest::collection::vec(0_u64..4_000, 50..400),
        ) {
            let (limiter, tenant) = (Limiter::new(), tenant());
            let limits = Limits { key: limit, tenant: limit * 2 };
            let mut now = Duration::from_secs(5);
            let mut admitted: Vec<(usize, Duration)> = Vec::new();
            for (index, gap) in gaps.iter().enumerate() {
                now += Duration::from_millis(*gap);
                let key = index % 4;
                if matches!(limiter.admit(tenant, ["a", "b", "c", "d"][key], limits, now), Verdict::Admitted(_)) {
                    admitted.push((key, now));
                }
            }
            for (start_key, start) in &admitted {
                let inside = |at: &Duration| *at >= *start && *at < *start + WINDOW;
                let by_key = admitted.iter().filter(|(key, at)| key == start_key && inside(at)).count();
                let by_tenant = admitted.iter().filter(|(_, at)| inside(at)).count();
                prop_assert!(by_key <= limit as usize, "{by_key} > {limit}");
                prop_assert!(by_tenant <= 2 * limit as usize, "{by_tenant}");
            }
        }

        #[test]
        fn honouring_retry_after_is_never_refused_twice(limit in 1_u32..30, gaps in proptest::collection::vec(0_u64..900, 1..200)) {
            let (limiter, tenant) = (Limiter::new(), tenant());
            let limits = Limits { key: limit, tenant: 1_000 };
            let mut now = Duration::from_secs(1);
            for gap in gaps {
                now += Duration::from_millis(gap);
                if let Verdict::Denied { retry_after, .. } = limiter.admit(tenant, "k", limits, now) {
                    now += retry_after;
                    prop_assert!(matches!(limiter.admit(tenant, "k", limits, now), Verdict::Admitted(_)));
                }
            }
        }
    }
}
