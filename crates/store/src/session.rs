//! One call's unit of work: reads at once, writes in one transaction that is begun by the first of them, and a commit
//! that carries the audit row.

use std::sync::{Arc, Mutex, PoisonError};

use pm33_product::Changes;
use pm33_tenancy::{AuditEvent, AuditKeys, TenantId, WorkspaceRef, prepare};
use sea_orm::{DatabaseExecutor, DatabaseTransaction, DbErr, TransactionTrait};
use tokio::sync::{Mutex as AsyncMutex, MutexGuard};

use crate::{
    AuditReads, StoreError, audit,
    caches::Moved,
    engine,
    grant::{Ended, Grant, Held, Prepared},
    snapshots::Delta,
    store::{Inner, Writer},
};

/// A unit of work; implements every data port. Dropped without a commit, nothing of it happened. After an error of a
/// port that writes, drop it: what the unit did before may not stand alone.
pub struct Session {
    pub(crate) inner: Arc<Inner>,
    /// Whose data it may touch; `None` for an operator.
    tenant: Option<TenantId>,
    unit: AsyncMutex<Option<Unit>>,
    moved: Mutex<Moved>,
}

/// A begun unit.
pub(crate) struct Unit {
    grant: Grant,
    /// The tenant that PostgreSQL was told.
    told: Option<TenantId>,
}

/// What a commit did.
#[derive(Clone, Debug)]
pub struct Committed {
    /// Number of the audit row; `None` where it gets its number later: of a call that wrote nothing, on the embedded database,
    /// or where such rows are batched.
    pub seq: Option<u64>,
    /// Workspaces whose data changed.
    pub changed: Vec<WorkspaceRef>,
}

/// A unit in use by one port method.
pub(crate) struct Writing<'a> {
    held: Held,
    _unit: MutexGuard<'a, Option<Unit>>,
}

impl Writing<'_> {
    /// The transaction; gone when the unit held the writer for too long.
    pub(crate) fn db(&self) -> Result<&DatabaseTransaction, StoreError> {
        self.held.as_ref().ok_or(StoreError::Busy)
    }
}

impl Session {
    pub(crate) fn new(inner: Arc<Inner>, tenant: Option<TenantId>) -> Self {
        Self { inner, tenant, unit: AsyncMutex::new(None), moved: Mutex::default() }
    }

    /// Another unit with the same rights.
    pub(crate) fn apart(&self) -> Self {
        Self::new(Arc::clone(&self.inner), self.tenant)
    }

    pub(crate) fn audit_keys(&self) -> &AuditKeys {
        &self.inner.options.audit_keys
    }

    /// Whether this is an operator's session.
    pub(crate) fn is_operator(&self) -> bool {
        self.tenant.is_none()
    }

    /// Whether the session may touch a tenant's data.
    pub(crate) fn may_touch(&self, tenant: TenantId) -> bool {
        self.tenant.is_none_or(|own| own == tenant)
    }

    /// A session serves one tenant, whatever it is asked; an operator's serves all.
    fn check(&self, tenant: TenantId) -> Result<(), StoreError> {
        if self.may_touch(tenant) { Ok(()) } else { Err(StoreError::Foreign) }
    }

    /// The unit, begun if it was not, ready to write a tenant's rows.
    pub(crate) async fn write(&self, tenant: TenantId) -> Result<Writing<'_>, StoreError> {
        self.check(tenant)?;
        let mut unit = self.unit.lock().await;
        if unit.is_none() {
            let grant = match &self.inner.writer {
                Writer::Lane(lane) => lane.grant().await?,
                Writer::Pool(pool) => {
                    let connections =
                        if self.is_operator() { self.inner.operators()? } else { &pool.connections };
                    Grant::alone(self.inner.reach.on(connections.begin()).await?)
                }
            };
            *unit = Some(Unit { grant, told: None });
        }
        let held = tell(&mut unit, tenant).await?;
        Ok(Writing { held, _unit: unit })
    }

    /// One read for a tenant: inside the unit when one is begun, so that it sees its own writes.
    pub(crate) async fn read<T>(
        &self,
        tenant: TenantId,
        query: impl AsyncFnOnce(&DatabaseExecutor<'_>) -> Result<T, DbErr>,
    ) -> Result<T, StoreError> {
        self.check(tenant)?;
        let mut unit = self.unit.lock().await;
        if unit.is_some() {
            let held = tell(&mut unit, tenant).await?;
            let transaction = held.as_ref().ok_or(StoreError::Busy)?;
            return Ok(query(&DatabaseExecutor::Transaction(transaction)).await?);
        }
        drop(unit);
        self.inner.read(tenant, query).await
    }

    /// Several reads for a tenant, of one moment: inside the unit when one is begun.
    pub(crate) async fn read_at_once<T>(
        &self,
        tenant: TenantId,
        query: impl AsyncFnOnce(&DatabaseTransaction) -> Result<T, DbErr>,
    ) -> Result<T, StoreError> {
        self.check(tenant)?;
        let mut unit = self.unit.lock().await;
        if unit.is_some() {
            let held = tell(&mut unit, tenant).await?;
            return Ok(query(held.as_ref().ok_or(StoreError::Busy)?).await?);
        }
        drop(unit);
        self.inner.read_together(tenant, query).await
    }

    /// Whether a write has begun the unit.
    pub(crate) async fn has_begun(&self) -> bool {
        self.unit.lock().await.is_some()
    }

    fn moved(&self) -> std::sync::MutexGuard<'_, Moved> {
        self.moved.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a changed workspace; its snapshot moves when the unit is durable.
    pub(crate) fn workspace_moved(&self, at: WorkspaceRef, version: i64, changes: Changes) {
        self.moved().deltas.push(Delta { at, version, changes });
    }

    /// How many changes of workspaces the unit holds.
    pub(crate) fn changes(&self) -> usize {
        self.moved().deltas.len()
    }

    /// Forgets changes that were taken back.
    pub(crate) fn forget_changes(&self, kept: usize) {
        self.moved().deltas.truncate(kept);
    }

    /// Notes that who may do what changed.
    pub(crate) fn access_moved(&self, tenant: TenantId) {
        self.moved().access.push(tenant);
    }

    /// Commits all writes together with the audit row; returns when both are durable.
    ///
    /// # Errors
    /// Then nothing of the unit happened.
    pub fn commit(
        self,
        event: impl Into<Box<AuditEvent>>,
    ) -> impl Future<Output = Result<Committed, StoreError>> + Send {
        // Moved once: the future of an `async fn` keeps its arguments beside what becomes of them.
        let mut event = event.into();
        async move {
            self.check(event.tenant)?;
            self.keep_out_erased(&mut event).await?;
            let salt = rand::random();
            let row = Box::new(prepare(*event, &self.inner.options.audit_keys, salt));
            let moved = self.moved.into_inner().unwrap_or_else(PoisonError::into_inner);
            let mut changed: Vec<WorkspaceRef> = Vec::new();
            for delta in &moved.deltas {
                if !changed.contains(&delta.at) {
                    changed.push(delta.at);
                }
            }
            let seq = match self.unit.into_inner() {
                None => self.inner.audit_alone(row).await?,
                // Boxed: most calls only read, and their row goes alone.
                Some(unit) => Some(Box::pin(self.inner.end(unit, Some(row), moved)).await?),
            };
            Ok(Committed { seq, changed })
        }
    }

    /// Commits without an audit row: for bookkeeping that is no act of anybody's.
    ///
    /// # Errors
    /// Then nothing of the unit happened.
    pub async fn keep(self) -> Result<(), StoreError> {
        let moved = self.moved.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(unit) = self.unit.into_inner() {
            self.inner.end(unit, None, moved).await?;
        }
        Ok(())
    }
}

/// Holds the unit's transaction, after PostgreSQL was told the tenant.
async fn tell(unit: &mut Option<Unit>, tenant: TenantId) -> Result<Held, StoreError> {
    let unit = unit.as_mut().ok_or(StoreError::Closed)?;
    let held = unit.grant.hold().await;
    if unit.told != Some(tenant) {
        engine::set_tenant(held.as_ref().ok_or(StoreError::Busy)?, tenant.uuid()).await?;
        unit.told = Some(tenant);
    }
    Ok(held)
}

impl Inner {
    async fn audit_alone(&self, row: Box<Prepared>) -> Result<Option<u64>, StoreError> {
        match (&self.writer, self.options.audit_reads) {
            (Writer::Lane(lane), AuditReads::Batched { .. }) => {
                lane.spool.audit_later(&row, &self.readers).await.map(|()| None)
            }
            (Writer::Lane(lane), _) => lane.spool.audit(&row, &self.readers).await.map(|()| None),
            (Writer::Pool(pool), AuditReads::Batched { .. }) => pool.audit_later(row).await.map(|()| None),
            (Writer::Pool(pool), _) => pool.audit(row).await.map(Some),
        }
    }

    async fn end(&self, unit: Unit, row: Option<Box<Prepared>>, moved: Moved) -> Result<u64, StoreError> {
        if let (Writer::Lane(lane), AuditReads::Batched { .. }) = (&self.writer, self.options.audit_reads) {
            // What a call that changes something was told before it is not to be lost when the change is there.
            lane.spool.flush().await?;
        }
        let (transaction, row, moved) = match unit.grant.finish(row, moved).await? {
            Ended::Durable(number) => return Ok(number),
            Ended::Alone(transaction, row, moved) => (transaction, row, moved),
        };
        let mut number = 0;
        if let Some(row) = row {
            if unit.told != Some(row.0.tenant) {
                engine::set_tenant(&transaction, row.0.tenant.uuid()).await?;
            }
            let numbers = audit::append(&transaction, vec![*row], &self.options.audit_keys).await?;
            number = numbers.first().copied().unwrap_or(0);
        }
        transaction.commit().await?;
        self.caches.publish(&moved);
        Ok(number)
    }
}
