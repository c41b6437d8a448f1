//! Issuing and rotating keys: never wider and never longer-lived than their maker.

use std::time::Duration;

use ipnet::IpNet;
use pm33_tenancy::{KeyId, Role, TenantId, Timestamp, UserId, WorkspaceAccess};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    AuthError, KeyEnvironment, KeyRecord, NewKey, ParsedKey, Peppers, Scope, ScopeSet, kdf, mint,
    record::check, role_scopes,
};

const DAY: Duration = Duration::from_hours(24);
/// Life of a key that asks for none.
const DEFAULT_LIFE: Duration = Duration::from_hours(90 * 24);
/// Most networks that a key is bound to.
const NETWORKS: usize = 32;

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
    /// Networks that it may come from; empty: the maker's, or anywhere.
    pub networks: Vec<IpNet>,
    /// The user's roles; a key grants nothing that none of them allows. Empty for a user of the whole tenant.
    pub roles: Vec<Role>,
}

/// A fresh key: what is stored, and what is shown once.
pub struct Minted {
    /// For the store.
    pub stored: NewKey,
    /// For its owner, once.
    pub shown: SecretString,
}

/// Issues a key; `parent` is the key it is derived from. Takes tens of milliseconds of one core (argon2id): not for a
/// runtime's thread.
///
/// # Errors
/// [`AuthError::TooWide`] when scopes, workspaces or networks are wider than the parent's, or scopes than the user's roles; [`AuthError::Refused`] when the parent
/// may not be used any more; [`AuthError::Invalid`] for a name that is not 1 to 100 characters long, or no life at all.
pub fn issue_key(
    mut request: KeyRequest,
    parent: Option<&KeyRecord>,
    peppers: &Peppers,
    now: Timestamp,
) -> Result<Minted, AuthError> {
    if request.name.trim().is_empty() || request.name.chars().count() > 100 {
        return Err(AuthError::Invalid { field: "name", rule: "must be 1 to 100 characters" });
    }
    if request.life.is_some_and(|life| life.is_zero()) {
        return Err(AuthError::Invalid { field: "life", rule: "must be longer than nothing" });
    }
    if request.networks.len() > NETWORKS {
        return Err(AuthError::Invalid { field: "networks", rule: "at most 32" });
    }
    let scopes = request.scopes.with(Scope::Enabled);
    if !request.roles.is_empty() {
        let allowed: ScopeSet = request.roles.iter().flat_map(|role| role_scopes(*role).iter()).collect();
        if !allowed.contains(scopes) {
            return Err(AuthError::beyond_roles(allowed.missing(scopes)));
        }
    }
    let mut expires = now.plus(request.life.unwrap_or(DEFAULT_LIFE).min(request.longest));
    if let Some(parent) = parent {
        check(parent, now)?;
        if parent.tenant != request.tenant || parent.user != request.user {
            return Err(AuthError::TooWide { what: "a child key belongs to its parent's user".to_owned() });
        }
        if !parent.scopes.contains(scopes) {
            return Err(AuthError::too_wide(parent.scopes.missing(scopes)));
        }
        if !parent.workspaces.contains(&request.workspaces) {
            return Err(AuthError::TooWide {
                what: "workspaces that the parent key does not reach".to_owned(),
            });
        }
        if request.networks.is_empty() {
            request.networks.clone_from(&parent.networks);
        }
        let is_within = |net: &IpNet| parent.networks.iter().any(|outer| outer.contains(net));
        if !parent.networks.is_empty() && !request.networks.iter().all(is_within) {
            return Err(AuthError::TooWide {
                what: "networks that the parent key is not bound to".to_owned(),
            });
        }
        expires = expires.min(parent.ends());
    }
    make(request, scopes, expires, parent.map(|parent| parent.id), peppers, now)
}

fn make(
    request: KeyRequest,
    scopes: ScopeSet,
    expires: Timestamp,
    parent: Option<KeyId>,
    peppers: &Peppers,
    now: Timestamp,
) -> Result<Minted, AuthError> {
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
        networks: request.networks,
        parent,
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
    /// [`AuthError::Invalid`] for an overlap above seven days.
    pub fn deadline(self, now: Timestamp) -> Result<Timestamp, AuthError> {
        if self.overlap > DAY * 7 {
            return Err(AuthError::Invalid { field: "overlap", rule: "must be 0 to 7 days" });
        }
        Ok(now.plus(self.overlap))
    }
}

/// Issues the successor of a key, with the same rights, and tells when the old one stops. The successor is no child of
/// the old key but its sibling, so it lives on when the old one is revoked. Costs as much as [`issue_key`].
///
/// # Errors
/// [`AuthError::Refused`] when the old key may not be used any more, or is being replaced already;
/// [`AuthError::Invalid`] for an overlap above seven days.
pub fn rotate_key(
    old: &KeyRecord,
    environment: KeyEnvironment,
    rotation: Rotation,
    peppers: &Peppers,
    now: Timestamp,
) -> Result<(Minted, Timestamp), AuthError> {
    check(old, now)?;
    if old.rotated_until.is_some() {
        return Err(AuthError::Refused { reason: "rotated" });
    }
    let deadline = rotation.deadline(now)?.min(old.expires);
    // The new life is as long as the old one was, within what the tenant allows today. A child's end was its parent's.
    let life = old.expires.since(old.created).min(old.settings.key_max_life);
    let expires = if old.parent.is_some() { old.expires.min(now.plus(life)) } else { now.plus(life) };
    let request = KeyRequest {
        tenant: old.tenant,
        user: old.user,
        name: old.name.clone(),
        environment,
        scopes: old.scopes,
        workspaces: old.narrowed.clone(),
        life: None,
        longest: old.settings.key_max_life,
        networks: old.networks.clone(),
        roles: Vec::new(),
    };
    Ok((make(request, old.scopes, expires, old.parent, peppers, now)?, deadline))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

    #[test]
    fn an_overlap_is_nothing_to_seven_days() {
        let of = |overlap| Rotation { overlap }.deadline(NOW);
        assert!(of(Duration::ZERO).is_ok_and(|deadline| deadline == NOW));
        assert!(of(DAY * 7).is_ok_and(|deadline| deadline == NOW.plus(DAY * 7)));
        assert!(matches!(
            of(DAY * 7 + Duration::from_nanos(1)),
            Err(AuthError::Invalid { field: "overlap", .. })
        ));
        assert_eq!(Rotation::default().overlap, DAY);
    }
}
