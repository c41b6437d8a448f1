//! Workspaces and settings of tenants, answered from memory until something changes.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use crate::{
    StoreError,
    entity::{tenant_setting, workspace},
    scope,
    session::Session,
};
use async_trait::async_trait;
use pm33_tenancy::{
    Directory, EffectiveSettings, IdMap, TenancyError, TenantId, TenantSettings, Timestamp, Workspace,
    WorkspaceId,
};

type Held = (Arc<[Arc<Workspace>]>, Arc<EffectiveSettings>);

/// What is remembered of tenants; emptied when the access epoch moves.
pub(crate) struct DirectoryCache {
    tenants: Mutex<IdMap<TenantId, Held>>,
    epoch: AtomicI64,
    /// Raised by every loss: what was read before it is not remembered after it.
    generation: AtomicU64,
}

/// Tenants remembered at most.
const TENANTS: usize = 65_536;

impl DirectoryCache {
    pub(crate) fn new() -> Self {
        Self { tenants: Mutex::default(), epoch: AtomicI64::new(0), generation: AtomicU64::new(0) }
    }

    fn tenants(&self) -> std::sync::MutexGuard<'_, IdMap<TenantId, Held>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets a tenant.
    pub(crate) fn forget(&self, tenant: TenantId) {
        let mut tenants = self.tenants();
        self.generation.fetch_add(1, Ordering::AcqRel);
        tenants.remove(&tenant);
    }

    /// Notes the epoch; forgets everything when it moved, and tells so.
    pub(crate) fn heard(&self, epoch: i64) -> bool {
        let moved = self.epoch.swap(epoch, Ordering::AcqRel) != epoch;
        if moved {
            let mut tenants = self.tenants();
            self.generation.fetch_add(1, Ordering::AcqRel);
            tenants.clear();
        }
        moved
    }

    /// Remembers what was read in a generation, unless that is over.
    fn remember(&self, generation: u64, tenant: TenantId, held: Held) {
        let mut tenants = self.tenants();
        if self.generation.load(Ordering::Acquire) == generation {
            if tenants.len() >= TENANTS {
                tenants.clear();
            }
            tenants.insert(tenant, held);
        }
    }
}

impl Session {
    async fn held(&self, tenant: TenantId) -> Result<Held, StoreError> {
        // A session with uncommitted changes of its own sees those, and keeps them to itself.
        if self.has_begun().await {
            return Box::pin(self.read_held(tenant)).await;
        }
        let cache = &self.inner.caches.directory;
        if let Some(held) = cache.tenants().get(&tenant) {
            return if self.may_touch(tenant) { Ok(held.clone()) } else { Err(StoreError::Foreign) };
        }
        let generation = cache.generation.load(Ordering::Acquire);
        // Boxed: this is seldom, and every call goes by here.
        let held = Box::pin(self.read_held(tenant)).await?;
        cache.remember(generation, tenant, held.clone());
        Ok(held)
    }

    async fn read_held(&self, tenant: TenantId) -> Result<Held, StoreError> {
        let all = scope::of_tenant::<workspace::Entity>(tenant);
        let own = scope::of_tenant::<tenant_setting::Entity>(tenant);
        let (mut all, own) =
            self.read(tenant, async |db| Ok((all.all(db).await?, own.one(db).await?))).await?;
        // Sorted here: the engines' collations differ.
        all.sort_by(|one, other| one.slug.cmp(&other.slug));
        let workspaces: Arc<[_]> = all.into_iter().map(|row| Arc::new(to_workspace(row))).collect();
        let settings = match own {
            Some(row) => parse_settings(&row.settings)?.over(&self.inner.options.deployment),
            None => self.inner.options.deployment.clone(),
        };
        Ok((workspaces, Arc::new(settings)))
    }
}

pub(crate) fn parse_settings(text: &str) -> Result<TenantSettings, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Corrupt { what: "tenant settings" })
}

pub(crate) fn to_workspace(row: workspace::Model) -> Workspace {
    Workspace {
        tenant: TenantId::from_uuid(row.tenant_id),
        id: WorkspaceId::from_uuid(row.workspace_id),
        slug: row.slug,
        prefix: row.prefix,
        name: row.name,
        created: Timestamp::from_micros(row.created),
    }
}

#[async_trait]
impl Directory for Session {
    async fn workspaces(&self, tenant: TenantId) -> Result<Arc<[Arc<Workspace>]>, TenancyError> {
        Ok(self.held(tenant).await?.0)
    }

    async fn settings(&self, tenant: TenantId) -> Result<Arc<EffectiveSettings>, TenancyError> {
        Ok(self.held(tenant).await?.1)
    }
}
