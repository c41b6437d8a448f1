//! Workspaces, and [`WorkspaceRef`]: the only way to a tenant's data.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Directory, TenancyError, TenantId, Timestamp, WorkspaceId};

/// One product's backlog, strategy and documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Workspace {
    /// The tenant.
    pub tenant: TenantId,
    /// Identifier.
    pub id: WorkspaceId,
    /// Short name, unique in the tenant: lower-case letters, digits and dashes.
    pub slug: String,
    /// Prefix of item keys (`PAY` in `PAY-142`): 2 to 10 upper-case letters and digits, a letter first.
    pub prefix: String,
    /// Name for people.
    pub name: String,
    /// When it was made.
    pub created: Timestamp,
}

/// Which workspaces of its tenant a credential may reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkspaceAccess {
    /// Every workspace of the tenant.
    All,
    /// Only these.
    Only(Arc<[WorkspaceId]>),
}

impl WorkspaceAccess {
    /// Whether this access covers the workspace.
    pub fn covers(&self, workspace: WorkspaceId) -> bool {
        match self {
            Self::All => true,
            Self::Only(list) => list.contains(&workspace),
        }
    }

    /// Whether everything that `other` covers is covered here too.
    pub fn contains(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::All, _) => true,
            (Self::Only(_), Self::All) => false,
            (Self::Only(_), Self::Only(theirs)) => theirs.iter().all(|id| self.covers(*id)),
        }
    }
}

/// Proof that a caller may touch a workspace's data. Only [`open_workspace`] makes one, so a port that takes it
/// cannot be called with a tenant or workspace that came from the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WorkspaceRef {
    tenant: TenantId,
    workspace: WorkspaceId,
}

impl WorkspaceRef {
    /// The tenant.
    pub const fn tenant(self) -> TenantId {
        self.tenant
    }

    /// The workspace.
    pub const fn workspace(self) -> WorkspaceId {
        self.workspace
    }
}

/// Opens a workspace of the caller's tenant by slug or id; `None` picks the only visible one.
///
/// # Errors
/// Unknown, invisible and foreign workspaces give the same [`TenancyError::UnknownWorkspace`]; naming none while
/// several are visible gives [`TenancyError::WorkspaceNeeded`].
pub async fn open_workspace(
    directory: &dyn Directory,
    tenant: TenantId,
    access: &WorkspaceAccess,
    asked: Option<&str>,
) -> Result<(WorkspaceRef, Arc<Workspace>), TenancyError> {
    let all = directory.workspaces(tenant).await?;
    let mut visible =
        all.iter().filter(|workspace| workspace.tenant == tenant && access.covers(workspace.id));
    let found = match asked {
        Some(name) => {
            let id = name.parse::<WorkspaceId>().ok();
            visible.find(|workspace| workspace.slug == name || Some(workspace.id) == id)
        }
        None => match (visible.next(), visible.next()) {
            (Some(only), None) => Some(only),
            (Some(_), Some(_)) => {
                return Err(TenancyError::WorkspaceNeeded { allowed: slugs(&all, tenant, access) });
            }
            (None, _) => None,
        },
    };
    let workspace = found.ok_or_else(|| TenancyError::UnknownWorkspace {
        asked: asked.unwrap_or_default().to_owned(),
        allowed: slugs(&all, tenant, access),
    })?;
    Ok((WorkspaceRef { tenant, workspace: workspace.id }, Arc::clone(workspace)))
}

fn slugs(all: &[Arc<Workspace>], tenant: TenantId, access: &WorkspaceAccess) -> Vec<String> {
    all.iter()
        .filter(|workspace| workspace.tenant == tenant && access.covers(workspace.id))
        .map(|workspace| workspace.slug.clone())
        .collect()
}
