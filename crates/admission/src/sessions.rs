//! Live legacy sessions: a small memory over the stored records, sliding idle time, one principal per session.

use std::{sync::Arc, time::Duration};

use moka::sync::Cache;
use pm33_tenancy::{Clock, TenantId, Timestamp};

use crate::{AdmissionError, SessionId, SessionRecord, SessionStore};

/// How often a use is written down.
const NOTE_EVERY: Duration = Duration::from_secs(60);

/// The sessions of a deployment as one process sees them.
pub struct Sessions {
    store: Arc<dyn SessionStore>,
    clock: Arc<dyn Clock>,
    live: Cache<SessionId, Arc<Live>>,
}

struct Live {
    record: SessionRecord,
    /// Wall and monotonic time of the last use; monotonic decides within a process.
    used: std::sync::Mutex<(Timestamp, Duration, Timestamp)>,
}

impl Sessions {
    /// Sessions over a store, with up to `remembered` of them in memory.
    pub fn new(store: Arc<dyn SessionStore>, clock: Arc<dyn Clock>, remembered: u64) -> Self {
        Self { store, clock, live: Cache::new(remembered) }
    }

    /// Opens a session.
    ///
    /// # Errors
    /// [`AdmissionError::TooManySessions`] at the tenant's bound.
    pub async fn open(&self, record: SessionRecord, most: u32) -> Result<(), AdmissionError> {
        self.store.open(&record, most).await?;
        self.remember(record);
        Ok(())
    }

    fn remember(&self, record: SessionRecord) -> Arc<Live> {
        let used = (record.used, self.clock.monotonic(), record.used);
        let live = Arc::new(Live { record, used: std::sync::Mutex::new(used) });
        self.live.insert(live.record.id.clone(), Arc::clone(&live));
        live
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
        let (now, monotonic) = (self.clock.now(), self.clock.monotonic());
        let live = match self.live.get(id) {
            Some(live) if live.record.tenant == tenant => live,
            _ => match self.store.find(tenant, id).await? {
                Some(record) if record.principal == principal => {
                    if now.since(record.used) >= idle {
                        self.store.end(tenant, id).await?;
                        return Ok(None);
                    }
                    self.remember(record)
                }
                _ => return Ok(None),
            },
        };
        if live.record.principal != principal {
            return Ok(None);
        }
        let (expired, write) = {
            let mut used = live.used.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let expired = monotonic.saturating_sub(used.1) >= idle;
            let write = !expired && now.since(used.2) >= NOTE_EVERY;
            if !expired {
                used.0 = now;
                used.1 = monotonic;
            }
            if write {
                used.2 = now;
            }
            (expired, write)
        };
        if expired {
            self.end(tenant, principal, id).await?;
            return Ok(None);
        }
        if write {
            self.store.touch(tenant, id, now).await?;
        }
        Ok(Some(live.record.clone()))
    }

    /// Ends a session of this principal; whether there was one.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn end(&self, tenant: TenantId, principal: &str, id: &SessionId) -> Result<bool, AdmissionError> {
        let record = match self.live.get(id) {
            Some(live) => Some(live.record.clone()),
            None => self.store.find(tenant, id).await?,
        };
        match record {
            Some(record) if record.tenant == tenant && record.principal == principal => {
                self.live.invalidate(id);
                self.store.end(tenant, id).await
            }
            _ => Ok(false),
        }
    }

    /// Removes a bounded number of sessions of a tenant that were idle for longer than `idle`; their ids.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn sweep(&self, tenant: TenantId, idle: Duration) -> Result<Vec<SessionId>, AdmissionError> {
        // A use may be a minute newer than what the store knows.
        let before = self.clock.now().minus(idle + NOTE_EVERY);
        let ended = self.store.end_idle(tenant, before, 1_000).await?;
        for id in &ended {
            self.live.invalidate(id);
        }
        Ok(ended)
    }
}
