//! People of a tenant and what they may do in its workspaces.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{TenantId, Timestamp, UserId, WorkspaceId};

/// A person or service account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct User {
    /// The tenant.
    pub tenant: TenantId,
    /// Identifier.
    pub id: UserId,
    /// Sign-in handle, unique in the tenant (an e-mail address or a short name).
    pub handle: String,
    /// Name for people.
    pub name: String,
    /// When it was made.
    pub created: Timestamp,
}

/// A user's place in a workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Membership {
    /// The user.
    pub user: UserId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// What they may do there.
    pub role: Role,
}

/// What a member may do. A key is minted with scopes inside what its user's roles allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Reads and writes.
    Member,
    /// Also manages keys and settings.
    Admin,
}

impl Role {
    /// The word in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Member => "member",
            Self::Admin => "admin",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Viewer, Self::Member, Self::Admin].into_iter().find(|role| role.as_str() == word)
    }
}
