//! Stored keys: found by their public half, revoked with their children, narrowed by memberships, told by an epoch.

use std::time::Duration;

use pm33_auth::{KeyStore, KeyUse, NewKey, ScopeSet};
use pm33_store::Changed;
use pm33_tenancy::{
    Administration, Digest, KeyId, Membership, Plan, Role, TenantSettings, TenantState, WorkspaceAccess,
};

use crate::bench::{Bench, Home, on_both, settle, workspace};

on_both!(
    a_key_comes_back_as_it_was_stored,
    revoking_a_key_ends_its_children,
    a_key_reaches_what_it_and_its_user_reach,
    the_epoch_rises_with_every_change_of_access,
    keys_outside_of_calls_write_for_themselves,
    another_tenants_key_is_unknown_to_a_session,
);

pub(crate) fn new_key(home: &Home, id: &str, parent: Option<&str>) -> NewKey {
    NewKey {
        id: id.parse().unwrap(),
        tenant: home.tenant,
        user: home.user,
        name: format!("key {id}"),
        digest: Digest([9; 32]),
        pepper: "p1".to_owned(),
        hash: "$argon2id$x".to_owned(),
        scopes: ScopeSet::all(),
        workspaces: WorkspaceAccess::All,
        networks: Vec::new(),
        parent: parent.map(|parent| parent.parse().unwrap()),
        created: home.now,
        expires: home.now.plus(Duration::from_hours(1)),
    }
}

fn id(text: &str) -> KeyId {
    text.parse().unwrap()
}

async fn store(home: &Home, keys: &[NewKey]) {
    let session = home.session();
    for key in keys {
        session.insert(key).await.unwrap();
    }
    session.commit(home.event()).await.unwrap();
}

async fn a_key_comes_back_as_it_was_stored(bench: Bench) {
    let home = bench.settled().await;
    let networks = vec!["192.0.2.0/24".parse().unwrap(), "2001:db8::/32".parse().unwrap()];
    let new = NewKey { networks, ..new_key(&home, "AAAAAAAAAAAA", None) };
    store(&home, std::slice::from_ref(&new)).await;
    let settings = TenantSettings { calls_per_minute_key: Some(9), ..Default::default() };
    let session = home.session();
    session.put_settings(home.tenant, &settings).await.unwrap();
    session.set_rotated(home.tenant, new.id, home.now.plus(Duration::from_mins(1))).await.unwrap();
    session.commit(home.event()).await.unwrap();
    let found = home.store.keys().find(new.id).await.unwrap().unwrap();
    assert_eq!((found.id, found.tenant, found.user), (new.id, home.tenant, home.user));
    assert_eq!((found.digest, found.pepper, found.hash), (new.digest, new.pepper, new.hash));
    assert_eq!((found.scopes, found.workspaces), (new.scopes, WorkspaceAccess::All));
    assert_eq!((found.networks, found.roles.len()), (new.networks, 0));
    assert_eq!((found.created, found.expires, found.revoked), (new.created, new.expires, None));
    assert_eq!(found.rotated_until, Some(home.now.plus(Duration::from_mins(1))));
    assert_eq!(found.tenant_state, TenantState::Active);
    assert_eq!(found.settings.calls_per_minute_key, 9);
    assert!(home.store.keys().find(id("ZZZZZZZZZZZZ")).await.unwrap().is_none());
    let session = home.store.operator();
    session.update_tenant(home.tenant, Plan::Team, TenantState::Suspended).await.unwrap();
    session.commit(home.event()).await.unwrap();
    let found = home.store.keys().find(new.id).await.unwrap().unwrap();
    assert_eq!(found.tenant_state, TenantState::Suspended);
}

async fn revoking_a_key_ends_its_children(bench: Bench) {
    let home = bench.settled().await;
    let family = [
        new_key(&home, "AAAAAAAAAAAA", None),
        new_key(&home, "BBBBBBBBBBBB", Some("AAAAAAAAAAAA")),
        new_key(&home, "CCCCCCCCCCCC", Some("BBBBBBBBBBBB")),
        new_key(&home, "DDDDDDDDDDDD", None),
    ];
    store(&home, &family).await;
    let session = home.session();
    // A child that is revoked already does not hide its own children.
    assert_eq!(session.revoke(home.tenant, id("BBBBBBBBBBBB"), home.now).await.unwrap(), 2);
    let later = home.now.plus(Duration::from_secs(1));
    assert_eq!(session.revoke(home.tenant, id("AAAAAAAAAAAA"), later).await.unwrap(), 1);
    assert_eq!(session.revoke(home.tenant, id("ZZZZZZZZZZZZ"), later).await.unwrap(), 0);
    session.commit(home.event()).await.unwrap();
    let mut ended: Vec<_> = home
        .session()
        .list(home.tenant)
        .await
        .unwrap()
        .iter()
        .map(|key| (key.id.to_string(), key.revoked))
        .collect();
    ended.sort_unstable();
    let told = |key: &str, revoked| (key.to_owned(), revoked);
    assert_eq!(
        ended,
        [
            told("AAAAAAAAAAAA", Some(later)),
            told("BBBBBBBBBBBB", Some(home.now)),
            told("CCCCCCCCCCCC", Some(home.now)),
            told("DDDDDDDDDDDD", None),
        ]
    );
}

async fn a_key_reaches_what_it_and_its_user_reach(bench: Bench) {
    let home = bench.settled().await;
    let side = workspace(home.tenant, "side", "SIDE", home.now);
    let session = home.session();
    session.create_workspace(&side).await.unwrap();
    session.commit(home.event()).await.unwrap();
    let narrow = |id: &str, list: &[_]| NewKey {
        workspaces: WorkspaceAccess::Only(list.into()),
        ..new_key(&home, id, None)
    };
    store(&home, &[new_key(&home, "AAAAAAAAAAAA", None), narrow("BBBBBBBBBBBB", &[side.id])]).await;
    let reach = async |key: &str| home.store.keys().find(id(key)).await.unwrap().unwrap().workspaces;
    // Without any membership the user is of the whole tenant.
    assert_eq!(reach("AAAAAAAAAAAA").await, WorkspaceAccess::All);
    assert_eq!(reach("BBBBBBBBBBBB").await, WorkspaceAccess::Only([side.id].into()));
    let session = home.session();
    let place = Membership { user: home.user, workspace: home.at.workspace(), role: Role::Member };
    session.put_membership(home.tenant, &place).await.unwrap();
    session.commit(home.event()).await.unwrap();
    assert_eq!(reach("AAAAAAAAAAAA").await, WorkspaceAccess::Only([home.at.workspace()].into()));
    assert_eq!(reach("BBBBBBBBBBBB").await, WorkspaceAccess::Only([].into()));
    let found = home.store.keys().find(id("AAAAAAAAAAAA")).await.unwrap().unwrap();
    // What it was narrowed to itself is kept apart: a successor is not narrowed by today's memberships for good.
    assert_eq!(found.narrowed, WorkspaceAccess::All);
    assert_eq!(found.roles[..], [(home.at.workspace(), Role::Member)]);
}

async fn the_epoch_rises_with_every_change_of_access(bench: Bench) {
    let home = bench.settled().await;
    let other = bench.open().await;
    let mut last = other.keys().epoch().await.unwrap();
    let mut rose = async || {
        let epoch = other.keys().epoch().await.unwrap();
        let rose = epoch > last;
        last = epoch;
        rose && other.poll().await.unwrap().contains(&Changed::Access)
    };
    store(&home, &[new_key(&home, "AAAAAAAAAAAA", None)]).await;
    assert!(rose().await);
    let commit = async |act: &dyn AsyncAct| {
        let session = home.session();
        act.act(&home, &session).await;
        session.commit(home.event()).await.unwrap();
    };
    commit(&Revoke).await;
    assert!(rose().await);
    commit(&Settings).await;
    assert!(rose().await);
    commit(&Belong).await;
    assert!(rose().await);
    // What is not committed raises nothing.
    let session = home.session();
    session.revoke(home.tenant, id("AAAAAAAAAAAA"), home.now).await.unwrap();
    drop(session);
    assert!(!rose().await);
}

#[async_trait::async_trait]
trait AsyncAct {
    async fn act(&self, home: &Home, session: &pm33_store::Session);
}
struct Revoke;
struct Settings;
struct Belong;

#[async_trait::async_trait]
impl AsyncAct for Revoke {
    async fn act(&self, home: &Home, session: &pm33_store::Session) {
        session.revoke(home.tenant, id("AAAAAAAAAAAA"), home.now).await.unwrap();
    }
}

#[async_trait::async_trait]
impl AsyncAct for Settings {
    async fn act(&self, home: &Home, session: &pm33_store::Session) {
        session.put_settings(home.tenant, &TenantSettings::default()).await.unwrap();
    }
}

#[async_trait::async_trait]
impl AsyncAct for Belong {
    async fn act(&self, home: &Home, session: &pm33_store::Session) {
        let place = Membership { user: home.user, workspace: home.at.workspace(), role: Role::Member };
        session.put_membership(home.tenant, &place).await.unwrap();
    }
}

async fn keys_outside_of_calls_write_for_themselves(bench: Bench) {
    let home = bench.settled().await;
    let keys = home.store.keys();
    keys.insert(&new_key(&home, "AAAAAAAAAAAA", None)).await.unwrap();
    keys.insert(&new_key(&home, "BBBBBBBBBBBB", Some("AAAAAAAAAAAA"))).await.unwrap();
    let used =
        KeyUse { at: home.now, address: "203.0.113.9".parse().ok(), agent: Some("probe/1".to_owned()) };
    keys.touch(home.tenant, id("AAAAAAAAAAAA"), &used).await.unwrap();
    keys.set_rotated(home.tenant, id("AAAAAAAAAAAA"), home.now).await.unwrap();
    let found = keys.find(id("AAAAAAAAAAAA")).await.unwrap().unwrap();
    assert_eq!((found.last_used, found.rotated_until), (Some(home.now), Some(home.now)));
    assert_eq!(found.last_network.as_deref(), Some("203.0.113.0/24"));
    assert_eq!(found.last_agent.as_deref(), Some("probe/1"));
    // Of several processes that look, one tells each notice.
    let other = bench.open().await.keys();
    for (days, is_new) in [(14, true), (7, true), (14, false), (1, true)] {
        assert_eq!(keys.note_expiry(home.tenant, found.id, days).await.unwrap(), is_new, "{days}");
        assert!(!other.note_expiry(home.tenant, found.id, days).await.unwrap(), "{days}");
    }
    assert_eq!(keys.find(found.id).await.unwrap().unwrap().noticed, Some(1));
    assert_eq!(keys.revoke(home.tenant, id("AAAAAAAAAAAA"), home.now).await.unwrap(), 2);
    assert_eq!(keys.list(home.tenant).await.unwrap().len(), 2);
    // Nobody is left holding the writer.
    home.session().commit(home.event()).await.unwrap();
}

async fn another_tenants_key_is_unknown_to_a_session(bench: Bench) {
    let home = bench.settled().await;
    let other = settle(home.store.clone(), &bench.clock, "globex").await;
    store(&other, &[new_key(&other, "AAAAAAAAAAAA", None)]).await;
    assert!(home.session().find(id("AAAAAAAAAAAA")).await.unwrap().is_none());
    assert!(home.session().proof(id("AAAAAAAAAAAA")).await.unwrap().is_none());
    let session = home.session();
    assert_eq!(session.revoke(home.tenant, id("AAAAAAAAAAAA"), home.now).await.unwrap(), 0);
    session.commit(home.event()).await.unwrap();
    assert!(other.session().find(id("AAAAAAAAAAAA")).await.unwrap().unwrap().revoked.is_none());
}
