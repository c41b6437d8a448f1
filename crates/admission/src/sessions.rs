//! Live legacy sessions: a small memory over the stored records, sliding idle time, one principal per session.

use std::{sync::Arc, time::Duration};

use pm33_tenancy::{Clock, TenantId, Timestamp};

use crate::{
    AdmissionError, SessionId, SessionRecord, SessionStore,
    live::{Live, LiveSessions, NOTE_EVERY, Use},
};

/// Sessions that one sweep of a tenant ends.
const SWEPT: u32 = 1_000;

/// The sessions of a deployment as one process sees them.
pub struct Sessions {
    store: Arc<dyn SessionStore>,
    clock: Arc<dyn Clock>,
    live: LiveSessions,
    /// Wall and monotonic time of the start.
    started: (Timestamp, Duration),
}

impl Sessions {
    /// Sessions over a store, with up to `remembered` of them in memory.
    pub fn new(store: Arc<dyn SessionStore>, clock: Arc<dyn Clock>, remembered: u64) -> Self {
        let started = (clock.now(), clock.monotonic());
        Self { store, clock, live: LiveSessions::new(remembered), started }
    }

    /// Opens a session.
    ///
    /// # Errors
    /// [`AdmissionError::TooManySessions`] at the tenant's bound.
    pub async fn open(&self, record: SessionRecord, most: u32) -> Result<(), AdmissionError> {
        self.store.open(&record, most).await?;
        let monotonic = self.clock.monotonic();
        self.live.insert(Live { used: monotonic, noted: monotonic, stored: record.used, record });
        Ok(())
    }

    /// The session, if it is this principal's and was used within `idle`; notes the use. Unknown, foreign and expired
    /// sessions all give `None`.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn resume(
        &self,
        tenant: TenantId,
        principal: &str,
        id: &SessionId,
        idle: Duration,
    ) -> Result<Option<SessionRecord>, AdmissionError> {
        let seen = self.live.note(tenant, principal, id, idle, self.clock.monotonic());
        match seen {
            Use::Live(record) => return Ok(Some(record)),
            Use::Foreign => return Ok(None),
            Use::Unknown | Use::Idle(_) | Use::Due => {}
        }
        // Memory alone does not keep a session alive for longer than this: another process may have ended it.
        let Some(mut record) = self.store.find(tenant, id).await? else {
            if !matches!(seen, Use::Unknown) {
                self.live.end(tenant, id);
            }
            return Ok(None);
        };
        if record.principal != principal {
            return Ok(None);
        }
        let is_live = match seen {
            Use::Idle(stored) => record.used > stored && self.cautious_now().since(record.used) < idle,
            Use::Unknown => self.cautious_now().since(record.used) < idle,
            Use::Due | Use::Live(_) | Use::Foreign => true,
        };
        if !is_live {
            self.store.end(tenant, id).await?;
            self.live.end(tenant, id);
            return Ok(None);
        }
        let (now, monotonic) = (self.clock.now(), self.clock.monotonic());
        if matches!(seen, Use::Due) {
            self.store.touch(tenant, id, now).await?;
            self.live.told(tenant, id, now);
        } else {
            let mut noted = monotonic.saturating_sub(now.since(record.used));
            if now.since(record.used) >= NOTE_EVERY {
                self.store.touch(tenant, id, now).await?;
                record.used = now;
                noted = monotonic;
            }
            self.live.insert(Live { used: monotonic, noted, stored: record.used, record: record.clone() });
        }
        Ok(Some(record))
    }

    /// Ends a session of this principal; whether there was one.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn end(
        &self,
        tenant: TenantId,
        principal: &str,
        id: &SessionId,
    ) -> Result<bool, AdmissionError> {
        let is_owner = match self.live.is_owner(tenant, principal, id) {
            Some(is_owner) => is_owner,
            None => self.store.find(tenant, id).await?.is_some_and(|record| record.principal == principal),
        };
        if !is_owner {
            return Ok(false);
        }
        self.live.forget(tenant, id);
        self.store.end(tenant, id).await
    }

    /// Removes a bounded number of sessions of a tenant that were idle for longer than `idle`, from the store and from
    /// memory; the ids of those that are no more, whoever ended them. To be called at least every 30 seconds, so that
    /// nothing is left of a session a minute after its end.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn sweep(&self, tenant: TenantId, idle: Duration) -> Result<Vec<SessionId>, AdmissionError> {
        // A use may be this much newer than what the store knows.
        let idle = idle.saturating_add(NOTE_EVERY);
        let mut ended =
            self.store.end_idle(tenant, self.cautious_now().minus(idle), u64::from(SWEPT)).await?;
        for id in &ended {
            self.live.forget(tenant, id);
        }
        ended.extend(self.live.take_ended(tenant));
        let monotonic = self.clock.monotonic();
        for id in self.live.idle(tenant, idle, monotonic, SWEPT as usize) {
            if let Some(record) = self.store.find(tenant, &id).await? {
                // Used elsewhere, or to be ended by the next sweep.
                let ago = self.clock.now().since(record.used);
                self.live.used_elsewhere(tenant, &id, ago, monotonic);
            } else {
                self.live.forget(tenant, &id);
                ended.push(id);
            }
        }
        Ok(ended)
    }

    /// How many sessions are in this process's memory.
    pub fn remembered(&self) -> usize {
        self.live.len()
    }

    /// The wall clock, but never further from the start than the monotonic clock went: a clock that is set forward ends
    /// no session.
    fn cautious_now(&self) -> Timestamp {
        let (wall, monotonic) = self.started;
        self.clock.now().min(wall.plus(self.clock.monotonic().saturating_sub(monotonic)))
    }
}
