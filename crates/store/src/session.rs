//! One call's unit of work: reads at once, writes in one transaction that is begun by the first of them, and a commit
//! that carries the audit row.

use std::sync::{Arc, Mutex, PoisonError};

use pm33_product::WorkItem;
use pm33_tenancy::{AuditEvent, AuditKeys, TenantId, WorkspaceRef, prepare};
use sea_orm::{DatabaseTransaction, DbErr, TransactionTrait};
use tokio::sync::{Mutex as AsyncMutex, MutexGuard};

use crate::{
    AuditReads, StoreError, audit, engine,
    lane::Grant,
    snapshots::Delta,
    store::{Inner, Writer},
};

/// A unit of work; implements every data port. Dropped without a commit, nothing of it happened.
pub struct Session {
    pub(crate) inner: Arc<Inner>,
    tenant: Option<TenantId>,
    unit: AsyncMutex<Option<Unit>>,
    deltas: Mutex<Vec<Delta>>,
    /// Whether directory or access data changed.
    access: Mutex<Option<TenantId>>,
}

/// A begun unit.
pub(crate) enum Unit {
    /// A turn on the embedded database's writer.
    Lane(Grant),
    /// A transaction of its own.
    Own(DatabaseTransaction),
}

impl Unit {
    /// The transaction that statements go to.
    pub(crate) fn transaction(&self) -> &DatabaseTransaction {
        match self {
            Self::Lane(grant) => &grant.savepoint,
            Self::Own(transaction) => transaction,
        }
    }
}

/// What a commit did.
#[derive(Clone, Debug)]
pub struct Committed {
    /// Number of the audit row; `None` when it was only queued.
    pub seq: Option<u64>,
    /// Workspaces whose data changed.
    pub changed: Vec<WorkspaceRef>,
}

/// A locked unit with its transaction.
pub(crate) struct Writing<'a>(MutexGuard<'a, Option<Unit>>);

impl Writing<'_> {
    /// The transaction.
    pub(crate) fn db(&self) -> Result<&DatabaseTransaction, StoreError> {
        self.0.as_ref().map(Unit::transaction).ok_or(StoreError::Closed)
    }
}

impl Session {
    pub(crate) fn new(inner: Arc<Inner>, tenant: Option<TenantId>) -> Self {
        Self {
            inner,
            tenant,
            unit: AsyncMutex::new(None),
            deltas: Mutex::new(Vec::new()),
            access: Mutex::new(None),
        }
    }

    pub(crate) fn audit_keys(&self) -> &AuditKeys {
        &self.inner.options.audit_keys
    }

    /// A session serves one tenant, whatever it is asked; an operator's serves all.
    fn check(&self, tenant: TenantId) -> Result<(), StoreError> {
        if self.tenant.is_none_or(|own| own == tenant) { Ok(()) } else { Err(StoreError::Foreign) }
    }

    /// The unit, begun if it was not.
    pub(crate) async fn write(&self, tenant: TenantId) -> Result<Writing<'_>, StoreError> {
        self.check(tenant)?;
        let mut unit = self.unit.lock().await;
        if unit.is_none() {
            *unit = Some(match &self.inner.writer {
                Writer::Lane(lane) => Unit::Lane(lane.grant().await?),
                Writer::Pool(pool) => Unit::Own(pool.begin().await?),
            });
        }
        if let Some(unit) = unit.as_ref() {
            engine::set_tenant(unit.transaction(), tenant.uuid()).await?;
        }
        Ok(Writing(unit))
    }

    /// Reads for a tenant: inside the unit when one is begun, so that it sees its own writes.
    pub(crate) async fn read<T>(
        &self,
        tenant: TenantId,
        query: impl AsyncFnOnce(&DatabaseTransaction) -> Result<T, DbErr>,
    ) -> Result<T, StoreError> {
        self.check(tenant)?;
        let unit = self.unit.lock().await;
        if let Some(unit) = unit.as_ref() {
            engine::set_tenant(unit.transaction(), tenant.uuid()).await?;
            return Ok(query(unit.transaction()).await?);
        }
        drop(unit);
        self.inner.read(tenant, query).await
    }

    /// Whether a write has begun the unit.
    pub(crate) async fn has_begun(&self) -> bool {
        self.unit.lock().await.is_some()
    }

    /// Notes a changed workspace; its snapshot moves when the unit is durable.
    pub(crate) fn moved(&self, at: WorkspaceRef, version: i64, items: Vec<Arc<WorkItem>>) {
        self.deltas.lock().unwrap_or_else(PoisonError::into_inner).push(Delta { at, version, items });
    }

    /// Notes that who may do what changed.
    pub(crate) fn access_moved(&self, tenant: TenantId) {
        *self.access.lock().unwrap_or_else(PoisonError::into_inner) = Some(tenant);
    }

    /// Commits all writes together with the audit row; returns when both are durable.
    ///
    /// # Errors
    /// Then nothing of the unit happened.
    pub async fn commit(self, event: AuditEvent) -> Result<Committed, StoreError> {
        let row = prepare(&event, &self.inner.options.audit_keys, rand_salt());
        let deltas = self.deltas.into_inner().unwrap_or_else(PoisonError::into_inner);
        let access = self.access.into_inner().unwrap_or_else(PoisonError::into_inner);
        let changed = deltas.iter().map(|delta| delta.at).collect();
        let inner = self.inner;
        let seq = match self.unit.into_inner() {
            None => match (&inner.writer, inner.options.audit_reads) {
                (Writer::Lane(lane), AuditReads::EachCall) => Some(lane.audit(row).await?),
                (Writer::Lane(lane), AuditReads::Batched { .. }) => {
                    lane.audit_later(row).await?;
                    None
                }
                (Writer::Pool(pool), _) => {
                    let transaction = pool.begin().await?;
                    engine::set_tenant(&transaction, event.tenant.uuid()).await?;
                    let numbers = audit::append(&transaction, vec![row], &inner.options.audit_keys).await?;
                    transaction.commit().await?;
                    numbers.first().copied()
                }
            },
            Some(Unit::Lane(grant)) => Some(grant.commit(row, deltas).await?),
            Some(Unit::Own(transaction)) => {
                engine::set_tenant(&transaction, event.tenant.uuid()).await?;
                let numbers = audit::append(&transaction, vec![row], &inner.options.audit_keys).await?;
                transaction.commit().await?;
                for delta in deltas {
                    inner.snapshots.apply(delta);
                }
                numbers.first().copied()
            }
        };
        if let Some(tenant) = access {
            inner.directory.forget(tenant);
        }
        Ok(Committed { seq, changed })
    }
}

fn rand_salt() -> [u8; 16] {
    // Two random UUIDs' worth of bits are more than a salt needs; one is enough.
    *uuid::Uuid::new_v4().as_bytes()
}
