//! Rate limits: key and tenant decided in one step, so that a call refused by either debits neither (governance R1, R2).

use std::time::Duration;

use pm33_tenancy::{IdMap, TenantId};

use super::sync::{Arc, Mutex, PoisonError};
use crate::{
    room::Room,
    shares::TenantWindow,
    verdict::{LimitScope, Limits, Verdict},
    window::COUNTED,
};

/// Tenants that are tracked at most.
pub(crate) const TENANTS: usize = 65_536;

/// The limits of one process. Only verified callers reach it, so its maps grow with real keys. An entry is dropped only
/// when it counts nothing any more; a full map of entries that count refuses newcomers, so that dropping never frees a
/// window.
pub struct Limiter {
    tenants: Mutex<Tenants>,
}

struct Tenants {
    windows: IdMap<TenantId, Arc<Mutex<TenantWindow>>>,
    room: Room,
}

impl Default for Limiter {
    fn default() -> Self {
        Self::new()
    }
}

impl Limiter {
    /// A limiter that has counted nothing.
    pub fn new() -> Self {
        Self { tenants: Mutex::new(Tenants { windows: IdMap::default(), room: Room::new(TENANTS) }) }
    }

    /// Decides on one call of a principal (`Caller::principal`) at a monotonic time.
    pub fn admit(&self, tenant: TenantId, principal: &str, limits: Limits, now: Duration) -> Verdict {
        let Some(window) = self.window(tenant, now) else { return Verdict::full(limits) };
        let mut window = window.lock().unwrap_or_else(PoisonError::into_inner);
        window.admit(principal, limits, now)
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
        let refused = self
            .window(tenant, now)
            .map_or(1, |window| window.lock().unwrap_or_else(PoisonError::into_inner).refuse(principal, now));
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
                window.unwrap_or_else(PoisonError::into_inner).was_asked_within(COUNTED, now)
            });
            room.swept(windows.len(), now);
        }
        if windows.len() >= TENANTS {
            return None;
        }
        let window = TenantWindow::new(now);
        Some(Arc::clone(windows.entry(tenant).or_insert(Arc::new(Mutex::new(window)))))
    }

    /// Tenants that are tracked.
    #[cfg(test)]
    pub(crate) fn tenants(&self) -> usize {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner).windows.len()
    }
}
