//! Workspaces and settings of tenants, answered from memory until something changes.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use async_trait::async_trait;
use pm33_tenancy::{
    Directory, EffectiveSettings, TenancyError, TenantId, TenantSettings, Timestamp, Workspace, WorkspaceId,
};
use sea_orm::QueryOrder;

use crate::{
    StoreError,
    entity::{tenant_setting, workspace},
    scope,
    session::Session,
};

type Held = (Arc<[Arc<Workspace>]>, Arc<EffectiveSettings>);

/// What is remembered of tenants; emptied when the access epoch moves.
pub(crate) struct DirectoryCache {
    tenants: Mutex<HashMap<TenantId, Held>>,
    epoch: AtomicI64,
}

/// Tenants remembered at most.
const TENANTS: usize = 65_536;

impl DirectoryCache {
    pub(crate) fn new() -> Self {
        Self { tenants: Mutex::new(HashMap::new()), epoch: AtomicI64::new(0) }
    }

    fn tenants(&self) -> std::sync::MutexGuard<'_, HashMap<TenantId, Held>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets a tenant.
    pub(crate) fn forget(&self, tenant: TenantId) {
        self.tenants().remove(&tenant);
    }

    /// Notes the epoch; forgets everything when it moved.
    pub(crate) fn heard(&self, epoch: i64) {
        if self.epoch.swap(epoch, Ordering::AcqRel) != epoch {
            self.tenants().clear();
        }
    }
}

impl Session {
    async fn held(&self, tenant: TenantId) -> Result<Held, StoreError> {
        let cache = &self.inner.directory;
        if let Some(held) = cache.tenants().get(&tenant) {
            return Ok(held.clone());
        }
        let epoch = cache.epoch.load(Ordering::Acquire);
        let all = scope::of_tenant::<workspace::Entity>(tenant).order_by_asc(workspace::Column::Slug);
        let own = scope::of_tenant::<tenant_setting::Entity>(tenant);
        let (all, own) = self.read(tenant, async |db| Ok((all.all(db).await?, own.one(db).await?))).await?;
        let workspaces: Arc<[_]> = all.into_iter().map(|row| Arc::new(to_workspace(row))).collect();
        let settings = match own {
            Some(row) => parse_settings(&row.settings)?.over(&self.inner.options.deployment),
            None => self.inner.options.deployment.clone(),
        };
        let held = (workspaces, Arc::new(settings));
        // Not while this session has uncommitted changes of its own, nor over news that came meanwhile.
        if !self.has_begun().await && cache.epoch.load(Ordering::Acquire) == epoch {
            let mut tenants = cache.tenants();
            if tenants.len() >= TENANTS {
                tenants.clear();
            }
            tenants.insert(tenant, held.clone());
        }
        Ok(held)
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
