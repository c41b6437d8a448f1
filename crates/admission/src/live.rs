//! The sessions that a process remembers: by tenant, few bytes each, the longest unused dropped first.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use pm33_tenancy::{TenantId, Timestamp};

use crate::{SessionId, SessionRecord};

/// How often a use is written down. Twice a minute, so that a sweep which allows for it is done within a minute.
pub(crate) const NOTE_EVERY: Duration = Duration::from_secs(30);

/// A remembered session. Times are of the monotonic clock, but for the one that the store has.
pub(crate) struct Live {
    pub(crate) record: SessionRecord,
    pub(crate) used: Duration,
    /// When the store was last told or asked of a use, and which use it then knew of.
    pub(crate) noted: Duration,
    pub(crate) stored: Timestamp,
}

/// What memory says of a use.
pub(crate) enum Use {
    /// It is the caller's and live.
    Live(SessionRecord),
    /// It is somebody else's.
    Foreign,
    /// The store has to be asked: memory knows nothing.
    Unknown,
    /// The store has to be asked: idle for too long here, but perhaps used elsewhere after the given time.
    Idle(Timestamp),
    /// The store has to be told of the use.
    Due,
}

/// The remembered sessions of a process.
pub(crate) struct LiveSessions {
    most: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    tenants: HashMap<TenantId, HashMap<SessionId, Box<Live>>>,
    count: usize,
    /// Ended between two sweeps; the next one tells.
    ended: HashMap<TenantId, Vec<SessionId>>,
}

impl LiveSessions {
    pub(crate) fn new(most: u64) -> Self {
        Self { most: usize::try_from(most).unwrap_or(usize::MAX).max(1), state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers a session.
    pub(crate) fn insert(&self, mut live: Live) {
        for text in [
            &mut live.record.principal,
            &mut live.record.revision,
            &mut live.record.capabilities,
            &mut live.record.client,
        ] {
            text.shrink_to_fit();
        }
        let mut state = self.state();
        if state.count >= self.most {
            state.drop_longest_unused();
        }
        let (tenant, id) = (live.record.tenant, live.record.id.clone());
        if state.tenants.entry(tenant).or_default().insert(id, Box::new(live)).is_none() {
            state.count += 1;
        }
    }

    /// Notes a use of a session that is neither foreign nor idle for `idle`.
    pub(crate) fn note(
        &self,
        tenant: TenantId,
        principal: &str,
        id: &SessionId,
        idle: Duration,
        monotonic: Duration,
    ) -> Use {
        let mut state = self.state();
        let Some(live) = state.tenants.get_mut(&tenant).and_then(|ids| ids.get_mut(id)) else {
            return Use::Unknown;
        };
        if live.record.principal != principal {
            return Use::Foreign;
        }
        if monotonic.saturating_sub(live.used) >= idle {
            return Use::Idle(live.stored);
        }
        live.used = live.used.max(monotonic);
        if monotonic.saturating_sub(live.noted) >= NOTE_EVERY {
            // One call tells the store; those beside it go on.
            live.noted = monotonic;
            return Use::Due;
        }
        Use::Live(live.record.clone())
    }

    /// Notes what the store was told of.
    pub(crate) fn told(&self, tenant: TenantId, id: &SessionId, at: Timestamp) {
        if let Some(live) = self.state().tenants.get_mut(&tenant).and_then(|ids| ids.get_mut(id)) {
            live.stored = at;
        }
    }

    /// Notes that the store knows of a use so long ago, if that is newer than the last one here.
    pub(crate) fn used_elsewhere(
        &self,
        tenant: TenantId,
        id: &SessionId,
        ago: Duration,
        monotonic: Duration,
    ) {
        if let Some(live) = self.state().tenants.get_mut(&tenant).and_then(|ids| ids.get_mut(id)) {
            live.used = live.used.max(monotonic.saturating_sub(ago));
        }
    }

    /// Whether a remembered session is this principal's; `None` when it is not remembered.
    pub(crate) fn is_owner(&self, tenant: TenantId, principal: &str, id: &SessionId) -> Option<bool> {
        self.state()
            .tenants
            .get(&tenant)
            .and_then(|ids| ids.get(id))
            .map(|live| live.record.principal == principal)
    }

    pub(crate) fn forget(&self, tenant: TenantId, id: &SessionId) {
        let mut state = self.state();
        let Some(ids) = state.tenants.get_mut(&tenant) else { return };
        let was_there = ids.remove(id).is_some();
        if ids.is_empty() {
            state.tenants.remove(&tenant);
        }
        state.count -= usize::from(was_there);
    }

    /// Forgets a session that turned out to have ended; the next sweep tells of it.
    pub(crate) fn end(&self, tenant: TenantId, id: &SessionId) {
        self.forget(tenant, id);
        let mut state = self.state();
        let ended = state.ended.entry(tenant).or_default();
        if !ended.contains(id) {
            ended.push(id.clone());
        }
    }

    /// Takes what ended since the last sweep.
    pub(crate) fn take_ended(&self, tenant: TenantId) -> Vec<SessionId> {
        self.state().ended.remove(&tenant).unwrap_or_default()
    }

    /// Up to `most` sessions of a tenant that were not used here for `idle`.
    pub(crate) fn idle(
        &self,
        tenant: TenantId,
        idle: Duration,
        monotonic: Duration,
        most: usize,
    ) -> Vec<SessionId> {
        let state = self.state();
        let ids = state.tenants.get(&tenant).into_iter().flatten();
        let idle = ids.filter(|(_, live)| monotonic.saturating_sub(live.used) >= idle);
        idle.map(|(id, _)| id.clone()).take(most).collect()
    }

    /// How many are remembered.
    pub(crate) fn len(&self) -> usize {
        self.state().count
    }
}

impl State {
    /// Drops about an eighth, so that the search for them is rare. They are stored: the next use finds them there.
    fn drop_longest_unused(&mut self) {
        let mut uses: Vec<Duration> =
            self.tenants.values().flat_map(HashMap::values).map(|live| live.used).collect();
        let last = uses.len() / 8;
        let (_, limit, _) = uses.select_nth_unstable(last);
        let (limit, mut left) = (*limit, last + 1);
        self.tenants.retain(|_, ids| {
            ids.retain(|_, live| {
                let goes = left > 0 && live.used <= limit;
                left -= usize::from(goes);
                !goes
            });
            !ids.is_empty()
        });
        self.count = self.tenants.values().map(HashMap::len).sum();
    }
}
