//! Rate limits: key and tenant decided in one step, so that a call refused by either debits neither (governance R1, R2).

use std::{collections::HashMap, time::Duration};

use pm33_tenancy::TenantId;

use super::sync::{Arc, Mutex, PoisonError};
use crate::{
    room::Room,
    tally::Tally,
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
        /// Calls of the key that were refused in the last minute, this one with them.
        refused: u32,
    },
}

/// Tenants that are tracked at most, and keys per tenant.
pub(crate) const TENANTS: usize = 65_536;
pub(crate) const KEYS: usize = 4_096;

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
    keys: HashMap<Box<str>, KeyWindow>,
    room: Room,
    /// Calls that were refused although their key had less than its share.
    waiting: Tally,
    /// What is kept for keys that wait, as it was last summed up.
    kept: Kept,
    /// When it was last asked, by the monotonic clock.
    asked: Duration,
}

/// A key's calls.
struct KeyWindow {
    admitted: Window,
    /// Refused while it had less than its share of the tenant's calls.
    waiting: Tally,
    /// Refused for whatever reason.
    refused: Tally,
}

impl KeyWindow {
    fn new() -> Self {
        Self { admitted: Window::new(), waiting: Tally::default(), refused: Tally::default() }
    }

    fn advance(&mut self, now: Duration) {
        self.admitted.advance(now);
        self.waiting.advance(now);
        self.refused.advance(now);
    }

    fn is_active(&self) -> bool {
        self.admitted.used() > 0 || self.refused.total() > 0
    }

    /// What its claim can become when its calls leave the window.
    fn later(&self, limits: Limits) -> u32 {
        self.waiting.total().saturating_mul(PER_REFUSAL).min(limits.key)
    }

    /// What is to be kept for it of its share: so much for each time that it was refused.
    fn claim(&self, share: u32) -> u32 {
        share.saturating_sub(self.admitted.used()).min(self.waiting.total().saturating_mul(PER_REFUSAL))
    }
}

/// What is kept for a key after one refusal below its share: it lost more than that one call before it came.
const PER_REFUSAL: u32 = 8;
/// Keys whose claims are summed up at every call; beyond, ten times a second.
const SUMMED: usize = 64;
const SUMMED_EVERY: Duration = Duration::from_millis(100);

/// Shares and claims of a tenant's keys (governance R6).
#[derive(Clone, Copy, Default)]
struct Kept {
    at: Option<Duration>,
    /// What each active key has for itself: as much of the tenant's limit as every other, up to the key's own limit.
    share: u32,
    /// What is kept for keys that were refused below it.
    claims: u32,
    /// What that can become while nobody calls.
    later: u32,
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
        let full = Verdict::Denied {
            scope: LimitScope::Tenant,
            limit: limits.tenant,
            retry_after: COUNTED,
            refused: 1,
        };
        let Some(window) = self.window(tenant, now) else { return full };
        let mut window = window.lock().unwrap_or_else(PoisonError::into_inner);
        let window = &mut *window;
        window.asked = window.asked.max(now);
        window.all.advance(now);
        if !window.keys.contains_key(principal) {
            if !window.make_room(now) {
                return full;
            }
            window.keys.insert(principal.into(), KeyWindow::new());
        }
        window.waiting.advance(now);
        let kept = window.keep(limits, now);
        let TenantWindow { all, keys, waiting, .. } = window;
        let Some(key) = keys.get_mut(principal) else { return full };
        key.advance(now);
        decide(key, all, waiting, kept, limits, now)
    }

    /// Refuses a call for what others said, and counts that.
    pub(crate) fn refuse(
        &self,
        tenant: TenantId,
        principal: &str,
        denial: (LimitScope, u32, Duration),
        now: Duration,
    ) -> Verdict {
        let (scope, limit, retry_after) = denial;
        let mut refused = 1;
        if let Some(window) = self.window(tenant, now) {
            let mut window = window.lock().unwrap_or_else(PoisonError::into_inner);
            window.asked = window.asked.max(now);
            if window.keys.contains_key(principal) || window.make_room(now) {
                let key = window.keys.entry(principal.into()).or_insert_with(KeyWindow::new);
                key.refused.add(now);
                refused = key.refused.total();
            }
        }
        Verdict::Denied { scope, limit, retry_after, refused }
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
        let window = TenantWindow {
            all: Window::new(),
            keys: HashMap::new(),
            room: Room::new(KEYS),
            waiting: Tally::default(),
            kept: Kept::default(),
            asked: now,
        };
        Some(Arc::clone(windows.entry(tenant).or_insert(Arc::new(Mutex::new(window)))))
    }

    /// Tenants that are tracked.
    #[cfg(test)]
    pub(crate) fn tenants(&self) -> usize {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner).windows.len()
    }
}

impl TenantWindow {
    /// Shares and claims now. Where nobody waits nothing is summed up.
    fn keep(&mut self, limits: Limits, now: Duration) -> Kept {
        if self.waiting.total() == 0 {
            // Nothing is kept, so that nobody's share matters.
            self.kept = Kept { at: None, share: limits.key, claims: 0, later: 0 };
            return self.kept;
        }
        let is_fresh = self.kept.at.is_some_and(|at| now.saturating_sub(at) < SUMMED_EVERY && at <= now);
        if is_fresh && self.keys.len() > SUMMED {
            return self.kept;
        }
        for key in self.keys.values_mut() {
            key.advance(now);
        }
        let active = self.keys.values().filter(|key| key.is_active()).count();
        let active = u32::try_from(active).unwrap_or(u32::MAX).max(1);
        let share = (limits.tenant / active).clamp(1, limits.key.max(1));
        let claims = self.keys.values().map(|key| key.claim(share)).fold(0, u32::saturating_add);
        let later = self.keys.values().map(|key| key.later(limits)).fold(0, u32::saturating_add);
        self.kept = Kept { at: Some(now), share, claims, later };
        self.kept
    }

    /// Whether one more key has room.
    fn make_room(&mut self, now: Duration) -> bool {
        if self.room.wants_sweep(self.keys.len(), now) {
            self.keys.retain(|_, key| {
                key.advance(now);
                // What was only refused makes room.
                key.admitted.used() > 0 || key.waiting.total() > 0
            });
            self.room.swept(self.keys.len(), now);
        }
        self.keys.len() < KEYS
    }
}

/// Decides on one call; all windows have been moved to `now`.
fn decide(
    key: &mut KeyWindow,
    all: &mut Window,
    waiting: &mut Tally,
    kept: Kept,
    limits: Limits,
    now: Duration,
) -> Verdict {
    // What is kept for others is not there for who has his share already.
    let others = kept.claims.saturating_sub(key.claim(kept.share));
    let is_below = key.admitted.used() < kept.share;
    let room = limits.tenant.saturating_sub(if is_below { 0 } else { others });
    // Whoever has to wait waits until there is room behind all that will be kept by then.
    let later = if is_below { others } else { kept.later.saturating_sub(key.later(limits)) };
    let free = limits.tenant.saturating_sub(later).max(1);
    let key_wait = (key.admitted.used() >= limits.key).then(|| key.admitted.free_in(limits.key, now));
    let tenant_wait = (all.used() >= room).then(|| all.free_in(free.min(room.max(1)), now));
    // A retry passes when both have room: what the one has freed by then may not be enough for the other.
    let Some(retry_after) = key_wait.max(tenant_wait) else {
        key.admitted.add();
        all.add();
        return Verdict::Admitted(Admitted {
            key_left: limits.key - key.admitted.used(),
            tenant_left: limits.tenant - all.used(),
            reset: key.admitted.free_in(key.admitted.used(), now),
        });
    };
    key.refused.add(now);
    let refused = key.refused.total();
    if key_wait.is_some() {
        return Verdict::Denied { scope: LimitScope::Key, limit: limits.key, retry_after, refused };
    }
    if is_below {
        key.waiting.add(now);
        waiting.add(now);
    }
    Verdict::Denied { scope: LimitScope::Tenant, limit: limits.tenant, retry_after, refused }
}
