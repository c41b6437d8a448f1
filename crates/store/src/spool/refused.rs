//! Organisations whose chain cannot be gone on from, because its head is not signed with the deployment's key: their calls
//! are refused, and their rows that were acknowledged before that was known are kept in a file.

use std::{
    collections::HashMap,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
};

use pm33_tenancy::{AuditKeys, IdMap, TenantId};
use uuid::Uuid;

use super::{codec, frame};
use crate::grant::Prepared;

/// Chains that are remembered at most.
const TENANTS: usize = 65_536;

pub(super) struct Refused {
    folder: PathBuf,
    keys: Arc<AuditKeys>,
    tenants: RwLock<IdMap<TenantId, Standing>>,
}

/// What is known of a chain's head.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Signed with the deployment's key when it was looked at first.
    Signed,
    /// Not signed with it.
    Broken,
}

impl Refused {
    pub(super) fn new(folder: PathBuf, keys: Arc<AuditKeys>) -> Self {
        Self { folder, keys, tenants: RwLock::default() }
    }

    pub(super) fn keys(&self) -> &AuditKeys {
        &self.keys
    }

    /// Whether a chain was found good.
    pub(super) fn is_signed(&self, tenant: TenantId) -> bool {
        self.tenants.read().unwrap_or_else(PoisonError::into_inner).get(&tenant) == Some(&Standing::Signed)
    }

    /// Notes what was found of a chain.
    pub(super) fn note(&self, tenant: TenantId, standing: Standing) {
        let mut tenants = self.tenants.write().unwrap_or_else(PoisonError::into_inner);
        if tenants.len() >= TENANTS {
            tenants.clear();
        }
        tenants.insert(tenant, standing);
    }

    /// Notes organisations whose rows the database did not take, and keeps those rows.
    pub(super) fn keep(
        &self,
        rows: &[Prepared],
        broken: HashMap<TenantId, String>,
        (process, number): (Uuid, u64),
    ) -> io::Result<()> {
        if broken.is_empty() {
            return Ok(());
        }
        let theirs = rows.iter().filter(|(row, _)| broken.contains_key(&row.tenant));
        let theirs: Vec<_> = theirs.map(codec::encode).collect();
        let path = self.folder.join(format!("{process}-{number:020}.refused"));
        let mut file = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(&path)?;
        file.write_all(&frame::write(process, number, &theirs, &self.keys))?;
        file.sync_all()?;
        for (tenant, why) in broken {
            tracing::error!(tenant.id = %tenant, why, file = %path.display(), "audit rows were put aside");
            self.note(tenant, Standing::Broken);
        }
        Ok(())
    }
}
