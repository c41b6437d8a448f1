//! Stored sessions in memory, and a clock whose hands tests move.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use pm33_admission::{AdmissionError, SessionId, SessionRecord, SessionStore, Sessions};
use pm33_tenancy::{Clock, TenantId, Timestamp};

pub(crate) const IDLE: Duration = Duration::from_mins(30);

#[derive(Default)]
pub(crate) struct Hands {
    pub(crate) wall: AtomicI64,
    monotonic: AtomicU64,
}

impl Hands {
    pub(crate) fn pass(&self, span: Duration) {
        self.set_wall_on(span);
        self.monotonic.fetch_add(u64::try_from(span.as_micros()).unwrap(), Ordering::SeqCst);
    }

    pub(crate) fn set_wall_on(&self, span: Duration) {
        self.wall.fetch_add(i64::try_from(span.as_micros()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(1_800_000_000_000_000 + self.wall.load(Ordering::SeqCst))
    }
    fn monotonic(&self) -> Duration {
        Duration::from_micros(self.monotonic.load(Ordering::SeqCst))
    }
}

#[derive(Default)]
pub(crate) struct Stored {
    pub(crate) rows: Mutex<HashMap<(TenantId, SessionId), SessionRecord>>,
    pub(crate) finds: AtomicU64,
    pub(crate) touches: AtomicU64,
}

#[async_trait]
impl SessionStore for Stored {
    async fn open(&self, session: &SessionRecord, most: u32) -> Result<(), AdmissionError> {
        let mut rows = self.rows.lock().unwrap();
        if rows.keys().filter(|(tenant, _)| *tenant == session.tenant).count() >= most as usize {
            return Err(AdmissionError::TooManySessions { limit: most });
        }
        rows.insert((session.tenant, session.id.clone()), session.clone());
        Ok(())
    }
    async fn find(&self, tenant: TenantId, id: &SessionId) -> Result<Option<SessionRecord>, AdmissionError> {
        self.finds.fetch_add(1, Ordering::SeqCst);
        Ok(self.rows.lock().unwrap().get(&(tenant, id.clone())).cloned())
    }
    async fn touch(&self, tenant: TenantId, id: &SessionId, at: Timestamp) -> Result<(), AdmissionError> {
        self.touches.fetch_add(1, Ordering::SeqCst);
        if let Some(row) = self.rows.lock().unwrap().get_mut(&(tenant, id.clone())) {
            row.used = at;
        }
        Ok(())
    }
    async fn end(&self, tenant: TenantId, id: &SessionId) -> Result<bool, AdmissionError> {
        Ok(self.rows.lock().unwrap().remove(&(tenant, id.clone())).is_some())
    }
    async fn end_idle(
        &self,
        tenant: TenantId,
        before: Timestamp,
        most: u64,
    ) -> Result<Vec<SessionId>, AdmissionError> {
        let mut rows = self.rows.lock().unwrap();
        let idle = rows.values().filter(|row| row.tenant == tenant && row.used < before);
        let ids: Vec<_> = idle.map(|row| row.id.clone()).take(usize::try_from(most).unwrap()).collect();
        rows.retain(|(_, id), _| !ids.contains(id));
        Ok(ids)
    }
    async fn tenants(&self) -> Result<Vec<TenantId>, AdmissionError> {
        Ok(self.rows.lock().unwrap().keys().map(|(tenant, _)| *tenant).collect())
    }
}

/// One store and one clock; any number of processes over them.
#[derive(Default)]
pub(crate) struct House {
    pub(crate) store: Arc<Stored>,
    pub(crate) clock: Arc<Hands>,
}

impl House {
    pub(crate) fn process(&self) -> Sessions {
        Sessions::new(Arc::clone(&self.store) as _, Arc::clone(&self.clock) as _, 10_000)
    }

    pub(crate) fn record(&self, tenant: TenantId, principal: &str) -> SessionRecord {
        SessionRecord {
            id: SessionId::random(),
            tenant,
            principal: principal.to_owned(),
            revision: "2025-11-25".to_owned(),
            capabilities: r#"{"roots":{"listChanged":true},"sampling":{},"elicitation":{}}"#.to_owned(),
            client: "a-client/1.2.3".to_owned(),
            opened: self.clock.now(),
            used: self.clock.now(),
        }
    }

    /// A session opened in a process by the principal `key`.
    pub(crate) async fn open(&self, process: &Sessions) -> SessionRecord {
        let record = self.record(tenant(1), "key");
        process.open(record.clone(), 1_000).await.unwrap();
        record
    }
}

pub(crate) fn tenant(number: u8) -> TenantId {
    TenantId::from_uuid(uuid::Uuid::from_u128(u128::from(number)))
}

/// Whether the principal `key` may still use a session.
pub(crate) async fn is_live(process: &Sessions, session: &SessionRecord) -> bool {
    process.resume(session.tenant, "key", &session.id, IDLE).await.unwrap().is_some()
}
