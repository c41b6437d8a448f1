//! A tenant's calls, and who of its keys may call when there is not enough for all of them: each has as much of the
//! tenant's limit as every other, of which as much is kept for it as it asks for; what nobody asks for is for whoever
//! comes (governance R6).

use std::time::Duration;

use pm33_tenancy::IdMap;

use crate::{
    room::Room,
    tally::{Minute, Tally},
    verdict::{Admitted, LimitScope, Limits, Verdict},
    window::{COUNTED, Window},
};

/// Keys that are tracked per tenant at most.
pub(crate) const KEYS: usize = 4_096;
/// Keys that are summed up at every call; beyond, ten times a second.
const SUMMED: usize = 64;
const SUMMED_EVERY: Duration = Duration::from_millis(100);
/// Calls of the last 75 to 80 seconds: who was told to wait for a minute, and rounds it up, is not forgotten meanwhile.
type Wanted = Tally<16>;

/// A tenant's calls of the last minute.
pub(crate) struct TenantWindow {
    all: Window,
    keys: IdMap<Box<str>, KeyWindow>,
    room: Room,
    /// Calls that were refused for what others had. Without any, nothing is kept for anybody.
    contended: Wanted,
    /// Shares, as they were last summed up.
    shares: Shares,
    /// When it was last asked, by the monotonic clock.
    asked: Duration,
}

/// A key's calls of the last minute.
struct KeyWindow {
    admitted: Window,
    /// Calls, admitted or not.
    wanted: Wanted,
    refused: Minute,
    /// Its part of the sum of what is held.
    summed: u32,
}

/// What the keys of a tenant have.
#[derive(Clone, Copy, Default)]
struct Shares {
    at: Option<Duration>,
    /// What each has for itself: as much of the tenant's limit as every other, up to the key's own limit.
    share: u32,
    /// Keys that have one.
    keys: u32,
    /// What all of them hold.
    held: u32,
}

impl KeyWindow {
    fn new() -> Self {
        Self { admitted: Window::new(), wanted: Wanted::default(), refused: Minute::default(), summed: 0 }
    }

    fn advance(&mut self, now: Duration) {
        self.admitted.advance(now);
        self.wanted.advance(now);
        self.refused.advance(now);
    }

    /// Whether it has a share.
    fn is_active(&self) -> bool {
        self.wanted.total() > 0 || self.admitted.used() > 0
    }

    /// What others cannot have: what it used, or as much of its share as it asks for.
    fn held(&self, share: u32) -> u32 {
        share.min(self.wanted.total()).max(self.admitted.used())
    }
}

impl TenantWindow {
    pub(crate) fn new(now: Duration) -> Self {
        Self {
            all: Window::new(),
            keys: IdMap::default(),
            room: Room::new(KEYS),
            contended: Wanted::default(),
            shares: Shares::default(),
            asked: now,
        }
    }

    pub(crate) fn was_asked_within(&self, span: Duration, now: Duration) -> bool {
        now.saturating_sub(self.asked) < span
    }

    /// Decides on one call.
    pub(crate) fn admit(&mut self, principal: &str, limits: Limits, now: Duration) -> Verdict {
        self.all.advance(now);
        self.contended.advance(now);
        let Some(key) = self.key(principal, now) else { return Verdict::full(limits) };
        key.advance(now);
        key.wanted.add(1, now);
        let shares = (self.contended.total() > 0).then(|| self.share(limits, now));
        let Self { all, keys, .. } = self;
        let Some(key) = keys.get_mut(principal) else { return Verdict::full(limits) };
        let used = key.admitted.used();
        let leaves_shares = |shares: Shares| {
            let others = shares.held.saturating_sub(key.summed);
            used < shares.share || used.saturating_add(others) < limits.tenant
        };
        let is_free = all.used() < limits.tenant && shares.is_none_or(leaves_shares);
        if is_free && used < limits.key {
            key.admitted.add();
            all.add();
            return Verdict::Admitted(Admitted {
                key_left: limits.key - key.admitted.used(),
                tenant_left: limits.tenant - all.used(),
                reset: key.admitted.free_in(key.admitted.used(), now),
            });
        }
        let retry_after = if is_free && shares.is_none() {
            key.admitted.free_in(limits.key, now)
        } else {
            self.wait(principal, limits, now)
        };
        let refused = self.refuse(principal, now);
        if used >= limits.key {
            return Verdict::Denied { scope: LimitScope::Key, limit: limits.key, retry_after, refused };
        }
        Verdict::Denied { scope: LimitScope::Tenant, limit: limits.tenant, retry_after, refused }
    }

    /// Notes that there is not enough for all, and keeps its share for a key that has less; when it passes.
    fn wait(&mut self, principal: &str, limits: Limits, now: Duration) -> Duration {
        self.contended.add(1, now);
        let shares = self.share(limits, now);
        let Some(key) = self.keys.get_mut(principal) else { return COUNTED };
        if key.admitted.used() < shares.share {
            key.wanted.add(u16::MAX, now);
        }
        self.passes_in(principal, shares, limits, now)
    }

    /// Counts a refused call; how many of its key were in the last minute.
    pub(crate) fn refuse(&mut self, principal: &str, now: Duration) -> u32 {
        let Some(key) = self.key(principal, now) else { return 1 };
        key.refused.add(1, now);
        key.refused.total()
    }

    /// A key's calls; none where there is no room for one more key.
    fn key(&mut self, principal: &str, now: Duration) -> Option<&mut KeyWindow> {
        self.asked = self.asked.max(now);
        if !self.keys.contains_key(principal) {
            if !self.make_room(now) {
                return None;
            }
            self.keys.insert(principal.into(), KeyWindow::new());
        }
        self.keys.get_mut(principal)
    }

    /// Whether one more key has room.
    fn make_room(&mut self, now: Duration) -> bool {
        if self.room.wants_sweep(self.keys.len(), now) {
            let is_full = self.keys.len() >= KEYS;
            self.keys.retain(|_, key| {
                key.advance(now);
                // What was only refused makes room where there is none.
                key.admitted.used() > 0 || (!is_full && key.wanted.total() > 0)
            });
            self.room.swept(self.keys.len(), now);
        }
        self.keys.len() < KEYS
    }

    /// The shares now.
    fn share(&mut self, limits: Limits, now: Duration) -> Shares {
        let is_fresh = self.shares.at.is_some_and(|at| now.saturating_sub(at) < SUMMED_EVERY && at <= now);
        if is_fresh && self.keys.len() > SUMMED {
            return self.shares;
        }
        let mut active = 0_u32;
        for key in self.keys.values_mut() {
            key.advance(now);
            active += u32::from(key.is_active());
        }
        let share = (limits.tenant / active.max(1)).clamp(1, limits.key.max(1));
        let mut held = 0_u32;
        for key in self.keys.values_mut() {
            key.summed = key.held(share);
            held = held.saturating_add(key.summed);
        }
        self.shares = Shares { at: Some(now), share, keys: active, held };
        self.shares
    }

    /// When a call of a key passes whatever the others do that have a share: it then has less than its own, and what they
    /// have used and may yet take of theirs leaves room for it.
    fn passes_in(&self, principal: &str, shares: Shares, limits: Limits, now: Duration) -> Duration {
        let Some(key) = self.keys.get(principal) else { return COUNTED };
        let Shares { share, keys, .. } = shares;
        let mut used = key.admitted.used();
        if self.keys.len() > SUMMED {
            let left = limits.tenant.saturating_sub(share.saturating_mul(keys - 1)).max(1);
            let own = if used < share { Duration::ZERO } else { key.admitted.free_in(share, now) };
            return own.max(self.all.free_in(left, now));
        }
        let others = self.keys.iter().filter(|(name, key)| &***name != principal && key.is_active());
        let mut others: Vec<_> = others.map(|(_, key)| (&key.admitted, key.admitted.used())).collect();
        // Without calls nothing ends in it.
        for slot in self.all.slots().filter(|slot| self.all.calls_in(*slot) > 0) {
            used -= key.admitted.calls_in(slot);
            let mut taken = used;
            for (admitted, used) in &mut others {
                *used -= admitted.calls_in(slot);
                taken = taken.saturating_add((*used).max(share));
            }
            if used < share && taken < limits.tenant {
                return Window::ends_in(slot, now);
            }
        }
        COUNTED
    }
}
