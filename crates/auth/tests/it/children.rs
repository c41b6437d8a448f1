//! A key that is derived from another is never wider and never lives longer.

use std::time::Duration;

use pm33_auth::{AuthError, KeyRecord, KeyRequest, Minted, Scope, ScopeSet, issue_key};
use pm33_tenancy::{TenantId, Timestamp, UserId, WorkspaceAccess, WorkspaceId};
use proptest::prelude::*;

use crate::fixture::{DAY, peppers, request, stored};

const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

fn parent(change: impl FnOnce(&mut KeyRequest)) -> KeyRecord {
    let mut wanted = request(NOW);
    change(&mut wanted);
    stored(&issue_key(wanted, None, &peppers(&[1]), NOW).unwrap().stored)
}

fn child(parent: &KeyRecord, change: impl FnOnce(&mut KeyRequest)) -> Result<Minted, AuthError> {
    let mut wanted = KeyRequest {
        tenant: parent.tenant,
        user: parent.user,
        scopes: ScopeSet::EMPTY,
        workspaces: parent.workspaces.clone(),
        ..request(NOW)
    };
    change(&mut wanted);
    issue_key(wanted, Some(parent), &peppers(&[1]), NOW.plus(DAY))
}

fn is_too_wide(answer: &Result<Minted, AuthError>) -> bool {
    matches!(answer, Err(AuthError::TooWide { .. }))
}

#[test]
fn scopes_are_its_parents_or_fewer() {
    let parent = parent(|_| {});
    let narrow = child(&parent, |wanted| wanted.scopes = ScopeSet::EMPTY.with(Scope::BacklogRead)).unwrap();
    assert_eq!(narrow.stored.scopes.iter().collect::<Vec<_>>(), [Scope::Enabled, Scope::BacklogRead]);
    assert_eq!(narrow.stored.parent, Some(parent.id));
    let wide = child(&parent, |wanted| wanted.scopes = ScopeSet::EMPTY.with(Scope::PlanningWrite));
    assert!(wide.is_err_and(|error| error.to_string().contains("planning:write")));
}

#[test]
fn workspaces_are_its_parents_or_fewer() {
    let [one, two] = [WorkspaceId::new(NOW), WorkspaceId::new(NOW)];
    let parent = parent(|wanted| wanted.workspaces = WorkspaceAccess::Only([one].into()));
    assert!(child(&parent, |_| {}).is_ok());
    for wide in [WorkspaceAccess::All, WorkspaceAccess::Only([one, two].into())] {
        assert!(is_too_wide(&child(&parent, |wanted| wanted.workspaces = wide)));
    }
}

#[test]
fn it_belongs_to_its_parents_user() {
    let parent = parent(|_| {});
    assert!(is_too_wide(&child(&parent, |wanted| wanted.user = UserId::new(NOW))));
    assert!(is_too_wide(&child(&parent, |wanted| wanted.tenant = TenantId::new(NOW))));
}

#[test]
fn a_dead_parent_has_no_children() {
    for kill in [
        (|record: &mut KeyRecord| record.revoked = Some(NOW)) as fn(&mut KeyRecord),
        |record| record.expires = NOW.plus(DAY),
        |record| record.rotated_until = Some(NOW.plus(DAY)),
    ] {
        let mut parent = parent(|_| {});
        kill(&mut parent);
        assert!(matches!(child(&parent, |_| {}), Err(AuthError::Refused { .. })));
    }
}

#[test]
fn names_and_lives_have_their_bounds() {
    let parent = parent(|_| {});
    for name in [String::new(), "  ".to_owned(), "é".repeat(101)] {
        assert!(matches!(
            child(&parent, |wanted| wanted.name = name),
            Err(AuthError::Invalid { field: "name", .. })
        ));
    }
    assert!(child(&parent, |wanted| wanted.name = "é".repeat(100)).is_ok());
    let lifeless = child(&parent, |wanted| wanted.life = Some(Duration::ZERO));
    assert!(matches!(lifeless, Err(AuthError::Invalid { field: "life", .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn it_never_outlives_its_parent_nor_the_tenants_longest(
        parent_days in 1_u32..400, days in proptest::option::of(1_u32..400), longest in 1_u32..400, rotated in proptest::option::of(2_u32..400),
    ) {
        let mut parent = parent(|wanted| wanted.life = Some(DAY * (parent_days + 1)));
        parent.rotated_until = rotated.map(|days| NOW.plus(DAY * days));
        let made = child(&parent, |wanted| {
            wanted.life = days.map(|days| DAY * days);
            wanted.longest = DAY * longest;
        });
        let made = made.unwrap().stored;
        let wanted = NOW.plus(DAY).plus(DAY * days.unwrap_or(90).min(longest));
        prop_assert_eq!(made.expires, wanted.min(parent.ends()));
    }
}
