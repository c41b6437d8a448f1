//! What a user's role in a workspace lets their keys do at most.

use pm33_tenancy::Role;

use crate::{Scope, ScopeSet};

/// The scopes that a role allows. A user with several roles may mint a key with what all of them allow together.
pub fn role_scopes(role: Role) -> ScopeSet {
    let is_allowed = |scope: &Scope| match role {
        Role::Viewer => !scope.is_write() && !matches!(scope, Scope::AuditRead | Scope::PrivacyRead),
        Role::Member => *scope != Scope::AuditRead,
        Role::Admin => true,
    };
    Scope::ALL.iter().copied().filter(is_allowed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_allows_more_than_the_one_below() {
        let [viewer, member, admin] = [Role::Viewer, Role::Member, Role::Admin].map(role_scopes);
        assert!(member.contains(viewer) && admin.contains(member) && viewer != member && member != admin);
        assert_eq!(admin, ScopeSet::all());
        assert!(viewer.has(Scope::Enabled) && viewer.has(Scope::BacklogRead));
        assert!(viewer.iter().all(|scope| !scope.is_write()));
        assert!(!member.has(Scope::AuditRead));
    }
}
