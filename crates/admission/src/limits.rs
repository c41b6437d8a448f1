//! Rate limits: key and tenant decided in one step, so that a call refused by either debits neither (governance R1, R2).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use pm33_tenancy::TenantId;

use crate::{
    room::Room,
    window::{COUNTED, Window},
};

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

/// The limits of one process. Only verified callers reach it, so its maps grow with real keys. An entry is dropped only
/// when it counts nothing any more; a full map of entries that count refuses newcomers, so that dropping never frees a
/// window.
pub struct Limiter {
    tenants: Mutex<Tenants>,
}

struct Tenants {
    windows: HashMap<TenantId, Arc<Mutex<TenantWindow>>>,
    room: Room,
}

struct TenantWindow {
    all: Window,
    keys: HashMap<Box<str>, Window>,
    room: Room,
    /// When it was last asked, by the monotonic clock.
    asked: Duration,
}

impl Default for Limiter {
    fn default() -> Self {
        Self::new()
    }
}

impl Limiter {
    /// A limiter that has counted nothing.
    pub fn new() -> Self {
        Self { tenants: Mutex::new(Tenants { windows: HashMap::new(), room: Room::new(TENANTS) }) }
    }

    /// Decides on one call of a principal (`Caller::principal`) at a monotonic time.
    pub fn admit(&self, tenant: TenantId, principal: &str, limits: Limits, now: Duration) -> Verdict {
        let full = Verdict::Denied { scope: LimitScope::Tenant, limit: limits.tenant, retry_after: COUNTED };
        let Some(window) = self.window(tenant, now) else { return full };
        let mut window = window.lock().unwrap_or_else(PoisonError::into_inner);
        let window = &mut *window;
        window.asked = window.asked.max(now);
        window.all.advance(now);
        if !window.keys.contains_key(principal) {
            if !window.make_room(now) {
                return full;
            }
            window.keys.insert(principal.into(), Window::new());
        }
        let Some(key) = window.keys.get_mut(principal) else { return full };
        key.advance(now);
        decide(key, &mut window.all, limits, now)
    }

    fn window(&self, tenant: TenantId, now: Duration) -> Option<Arc<Mutex<TenantWindow>>> {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        let Tenants { windows, room } = &mut *tenants;
        if let Some(window) = windows.get(&tenant) {
            return Some(Arc::clone(window));
        }
        if room.wants_sweep(windows.len(), now) {
            // One that somebody holds is about to count a call.
            windows.retain(|_, window| {
                let window = if Arc::strong_count(window) > 1 { return true } else { window.lock() };
                now.saturating_sub(window.unwrap_or_else(PoisonError::into_inner).asked) < COUNTED
            });
            room.swept(windows.len(), now);
        }
        if windows.len() >= TENANTS {
            return None;
        }
        let window =
            TenantWindow { all: Window::new(), keys: HashMap::new(), room: Room::new(KEYS), asked: now };
        Some(Arc::clone(windows.entry(tenant).or_insert(Arc::new(Mutex::new(window)))))
    }

    /// Tenants that are tracked.
    #[cfg(test)]
    fn tenants(&self) -> usize {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner).windows.len()
    }
}

impl TenantWindow {
    /// Whether one more key has room.
    fn make_room(&mut self, now: Duration) -> bool {
        if self.room.wants_sweep(self.keys.len(), now) {
            self.keys.retain(|_, key| {
                key.advance(now);
                key.used() > 0
            });
            self.room.swept(self.keys.len(), now);
        }
        self.keys.len() < KEYS
    }
}

/// Decides on one call; both windows have been moved to `now`.
fn decide(key: &mut Window, all: &mut Window, limits: Limits, now: Duration) -> Verdict {
    let wait = |window: &Window, limit: u32| {
        if window.used() < limit { None } else { Some(window.free_in(limit, now)) }
    };
    let (key_wait, tenant_wait) = (wait(key, limits.key), wait(all, limits.tenant));
    // A retry passes when both have room: what the one has freed by then may not be enough for the other.
    let retry_after = key_wait.max(tenant_wait);
    match (key_wait, retry_after) {
        (_, None) => {
            key.add();
            all.add();
            Verdict::Admitted(Admitted {
                key_left: limits.key - key.used(),
                tenant_left: limits.tenant - all.used(),
                reset: key.free_in(key.used(), now),
            })
        }
        (Some(_), Some(retry_after)) => {
            Verdict::Denied { scope: LimitScope::Key, limit: limits.key, retry_after }
        }
        (None, Some(retry_after)) => {
            Verdict::Denied { scope: LimitScope::Tenant, limit: limits.tenant, retry_after }
        }
    }
}

#[cfg(test)]
mod tests {
    use pm33_tenancy::Timestamp;

    use super::*;

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
}
