//! What binds a key beside its scopes: networks, and the roles of its user.

use pm33_auth::{AuthError, KeyRequest, KeyStore, Minted, Origin, Scope, ScopeSet, Verifier, issue_key};
use pm33_tenancy::{Role, WorkspaceId};

use crate::fixture::{House, request, stored, token};

fn issue(house: &House, change: impl FnOnce(&mut KeyRequest)) -> Result<Minted, AuthError> {
    let mut wanted = request(house.now());
    change(&mut wanted);
    issue_key(wanted, None, house.verifier.peppers(), house.now())
}

#[tokio::test]
async fn a_key_that_is_bound_to_networks_comes_from_nowhere_else_also_when_it_is_warm() {
    let house = House::new();
    let bound = ["192.0.2.0/24".parse().unwrap(), "2001:db8::/32".parse().unwrap()];
    let key = issue(&house, |wanted| wanted.networks = bound.to_vec()).unwrap();
    house.keys.insert(&key.stored).await.unwrap();
    let from = async |address: Option<&str>| {
        let origin = Origin { address: address.map(|address| address.parse().unwrap()), agent: None };
        let answer = house.verifier.verify(&token(&key.shown), origin).await;
        answer.map_or_else(|error| error.reason(), |_| "ok")
    };
    for _ in 0..2 {
        assert_eq!(from(Some("198.51.100.1")).await, "foreign_network");
        assert_eq!(from(None).await, "foreign_network");
        assert_eq!(from(Some("192.0.2.77")).await, "ok");
        assert_eq!(from(Some("::ffff:192.0.2.77")).await, "ok");
        assert_eq!(from(Some("2001:db8:7::1")).await, "ok");
    }
    // A refused use is none.
    let used = house.verifier.take_used();
    assert_eq!(used.len(), 1);
    assert_eq!(used[0].2.address, "192.0.2.77".parse().ok());
}

#[tokio::test]
async fn a_use_tells_address_and_agent_and_cuts_what_is_long() {
    let house = House::new();
    let key = house.issue().await;
    let agent = "a".repeat(5_000);
    let origin = Origin { address: "203.0.113.9".parse().ok(), agent: Some(&agent) };
    house.verifier.verify(&token(&key.shown), origin).await.unwrap();
    let used = house.verifier.take_used();
    assert_eq!((used[0].2.at, used[0].2.address), (house.now(), origin.address));
    assert_eq!(used[0].2.agent.as_ref().map(String::len), Some(200));
}

#[test]
fn a_child_is_bound_as_its_parent_is_or_closer() {
    let house = House::new();
    let parent = issue(&house, |wanted| wanted.networks = vec!["10.0.0.0/8".parse().unwrap()]).unwrap();
    let parent = stored(&parent.stored);
    let child = |networks: &[&str]| {
        let wanted = KeyRequest {
            tenant: parent.tenant,
            user: parent.user,
            networks: networks.iter().map(|one| one.parse().unwrap()).collect(),
            ..request(house.now())
        };
        issue_key(wanted, Some(&parent), house.verifier.peppers(), house.now())
    };
    assert_eq!(child(&[]).unwrap().stored.networks, parent.networks);
    assert!(child(&["10.1.0.0/16"]).is_ok());
    for wide in [&["0.0.0.0/0"][..], &["10.1.0.0/16", "192.0.2.0/24"]] {
        assert!(matches!(child(wide), Err(AuthError::TooWide { .. })), "{wide:?}");
    }
    let many = vec!["10.0.0.0/8".parse().unwrap(); 33];
    let many = issue(&house, |wanted| wanted.networks = many);
    assert!(matches!(many, Err(AuthError::Invalid { field: "networks", .. })));
}

#[tokio::test]
async fn no_key_grants_what_no_role_of_its_user_allows() {
    let house = House::new();
    let with = |roles: &[Role]| {
        issue(&house, |wanted| {
            wanted.scopes = ScopeSet::EMPTY.with(Scope::BacklogWrite);
            wanted.roles = roles.to_vec();
        })
    };
    assert!(with(&[]).is_ok() && with(&[Role::Viewer, Role::Member]).is_ok());
    let refused = with(&[Role::Viewer, Role::Viewer]);
    assert!(refused.is_err_and(|error| error.to_string().contains("backlog:write")));
}

#[tokio::test]
async fn a_role_holds_in_its_workspace_whatever_the_key_was_granted() {
    let house = House::new();
    let key = house.issue().await;
    let [read, write, none] = [0, 1, 2].map(|_| WorkspaceId::new(house.now()));
    house.keys.change(key.stored.id, |record| {
        record.roles = [(read, Role::Viewer), (write, Role::Member)].into();
    });
    let caller = house.verify(&key.shown).await.unwrap();
    let needed = ScopeSet::EMPTY.with(Scope::BacklogWrite);
    assert!(caller.beyond_role(write, needed).is_empty());
    assert!(caller.beyond_role(read, needed).has(Scope::BacklogWrite));
    assert!(caller.beyond_role(read, ScopeSet::EMPTY.with(Scope::BacklogRead)).is_empty());
    assert_eq!(caller.beyond_role(none, needed), needed);
}
