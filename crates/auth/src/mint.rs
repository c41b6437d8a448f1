//! Issuing keys: never wider and never longer-lived than their maker.

use std::time::Duration;

use pm33_tenancy::{TenantId, Timestamp, UserId, WorkspaceAccess};
use secrecy::{ExposeSecret, SecretString};

use crate::{AuthError, KeyEnvironment, KeyRecord, NewKey, ParsedKey, Peppers, Scope, ScopeSet, kdf, mint};

const DAY: Duration = Duration::from_secs(86_400);
/// Life of a key that asks for none.
const DEFAULT_LIFE: Duration = Duration::from_secs(90 * 86_400);

/// What is asked for.
#[derive(Clone, Debug)]
pub struct KeyRequest {
    /// The tenant.
    pub tenant: TenantId,
    /// The user it acts for.
    pub user: UserId,
    /// Name for people, 1 to 100 characters.
    pub name: String,
    /// What it is for.
    pub environment: KeyEnvironment,
    /// Scopes; the base scope is always added.
    pub scopes: ScopeSet,
    /// Reachable workspaces.
    pub workspaces: WorkspaceAccess,
    /// Wanted life; 90 days when absent. Never longer than the tenant's maximum or the maker's own end.
    pub life: Option<Duration>,
    /// The tenant's longest life.
    pub longest: Duration,
}

/// A fresh key: what is stored, and what is shown once.
pub struct Minted {
    /// For the store.
    pub stored: NewKey,
    /// For its owner, once.
    pub shown: SecretString,
}

/// Issues a key; `parent` is the key it is derived from.
///
/// # Errors
/// [`AuthError::TooWide`] when scopes or workspaces are wider than the parent's, or when the name is not 1 to 100
/// characters long.
pub fn issue_key(
    request: KeyRequest,
    parent: Option<&KeyRecord>,
    peppers: &Peppers,
    now: Timestamp,
) -> Result<Minted, AuthError> {
    if request.name.trim().is_empty() || request.name.chars().count() > 100 {
        return Err(AuthError::TooWide { what: "the name must be 1 to 100 characters".to_owned() });
    }
    let scopes = request.scopes.with(Scope::Enabled);
    let mut expires = now.plus(request.life.unwrap_or(DEFAULT_LIFE).min(request.longest));
    if let Some(parent) = parent {
        if parent.tenant != request.tenant || parent.user != request.user {
            return Err(AuthError::TooWide { what: "a child key belongs to its parent's user".to_owned() });
        }
        if !parent.scopes.contains(scopes) {
            return Err(AuthError::too_wide(parent.scopes.missing(scopes)));
        }
        if !parent.workspaces.contains(&request.workspaces) {
            return Err(AuthError::TooWide { what: "workspaces that the parent key does not reach".to_owned() });
        }
        expires = expires.min(parent.expires).min(parent.rotated_until.unwrap_or(parent.expires));
    }
    let (shown, id) = mint(request.environment);
    let parsed = ParsedKey::parse(shown.expose_secret())?;
    let stored = NewKey {
        id,
        tenant: request.tenant,
        user: request.user,
        name: request.name,
        digest: peppers.digest(parsed.whole),
        pepper: peppers.current().to_owned(),
        hash: kdf::hash(parsed.secret)?,
        scopes,
        workspaces: request.workspaces,
        parent: parent.map(|parent| parent.id),
        created: now,
        expires,
    };
    Ok(Minted { stored, shown })
}

/// For how long a rotated key stays valid beside its successor: 0 to 7 days, a day by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// The overlap.
    pub overlap: Duration,
}

impl Default for Rotation {
    fn default() -> Self {
        Self { overlap: DAY }
    }
}

impl Rotation {
    /// When the old key ends.
    ///
    /// # Errors
    /// [`AuthError::TooWide`] for an overlap above seven days.
    pub fn deadline(self, now: Timestamp) -> Result<Timestamp, AuthError> {
        if self.overlap > DAY * 7 {
            return Err(AuthError::TooWide { what: "the overlap must be 0 to 7 days".to_owned() });
        }
        Ok(now.plus(self.overlap))
    }
}

/// Days left when a notice is due (14, 7 or 1), for a key that is looked at once a day.
pub fn expiry_notice(expires: Timestamp, now: Timestamp) -> Option<u32> {
    let left = expires.since(now);
    [14_u32, 7, 1].into_iter().find(|days| left <= DAY * *days && left > DAY * (*days - 1))
}
