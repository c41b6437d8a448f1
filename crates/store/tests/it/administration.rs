//! Tenants, users, workspaces, settings and memberships.

use std::time::Duration;

use pm33_tenancy::{
    Administration, Directory, Membership, Plan, Role, TenancyError, Tenant, TenantId, TenantSettings,
    TenantState, User, UserId, WorkspaceId,
};

use crate::bench::{Bench, event, on_both, settle, workspace};

on_both!(
    names_are_taken_once,
    settings_lie_over_the_deployments,
    uncommitted_settings_are_seen_only_by_their_session,
    memberships_are_of_known_users_and_workspaces,
    tenants_are_the_operators_business,
);

async fn names_are_taken_once(bench: Bench) {
    let home = bench.settled().await;
    let other = settle(home.store.clone(), &bench.clock, "globex").await;
    let session = home.store.operator();
    let twin = Tenant {
        id: TenantId::new(home.now),
        slug: "acme".to_owned(),
        name: "Acme".to_owned(),
        plan: Plan::Trial,
        state: TenantState::Active,
        created: home.now,
    };
    let taken = session.create_tenant(&twin).await;
    assert!(matches!(taken, Err(TenancyError::Taken { what: "tenant", .. })), "{taken:?}");
    let user = |handle: &str| User {
        tenant: home.tenant,
        id: UserId::new(home.now),
        handle: handle.to_owned(),
        name: String::new(),
        created: home.now,
    };
    let taken = session.create_user(&user("ada")).await;
    assert!(matches!(taken, Err(TenancyError::Taken { what: "user", .. })), "{taken:?}");
    for (slug, prefix) in [("main", "NEW"), ("new", "PAY")] {
        let taken = session.create_workspace(&workspace(home.tenant, slug, prefix, home.now)).await;
        assert!(matches!(taken, Err(TenancyError::Taken { .. })), "{taken:?}");
    }
    // A refusal leaves the unit usable; another tenant has the same names.
    session.create_user(&user("Zoe")).await.unwrap();
    session.create_workspace(&workspace(home.tenant, "a-second", "SEC", home.now)).await.unwrap();
    session.commit(home.event()).await.unwrap();
    let slugs = async |tenant| {
        let all = home.store.session(tenant).workspaces(tenant).await.unwrap();
        all.iter().map(|workspace| workspace.slug.clone()).collect::<Vec<_>>()
    };
    assert_eq!(slugs(home.tenant).await, ["a-second", "main"]);
    assert_eq!(slugs(other.tenant).await, ["main"]);
    let users = home.session().users(home.tenant).await.unwrap();
    assert_eq!(users.iter().map(|user| user.handle.as_str()).collect::<Vec<_>>(), ["Zoe", "ada"]);
}

async fn settings_lie_over_the_deployments(bench: Bench) {
    let home = bench.settled().await;
    assert_eq!(home.session().settings(home.tenant).await.unwrap().calls_per_minute_key, 60);
    assert_eq!(home.session().own_settings(home.tenant).await.unwrap(), TenantSettings::default());
    let own =
        TenantSettings { calls_per_minute_key: Some(7), session_idle_minutes: Some(2), ..Default::default() };
    let session = home.session();
    session.put_settings(home.tenant, &own).await.unwrap();
    session.commit(home.event()).await.unwrap();
    // At once in this process.
    let settings = home.session().settings(home.tenant).await.unwrap();
    assert_eq!((settings.calls_per_minute_key, settings.calls_per_minute_tenant), (7, 300));
    assert_eq!(settings.session_idle, Duration::from_mins(2));
    assert_eq!(home.session().own_settings(home.tenant).await.unwrap(), own);
    let wrong = TenantSettings { sessions_max: Some(0), ..Default::default() };
    assert!(matches!(
        home.session().put_settings(home.tenant, &wrong).await,
        Err(TenancyError::Invalid { .. })
    ));
}

async fn uncommitted_settings_are_seen_only_by_their_session(bench: Bench) {
    let home = bench.settled().await;
    let session = home.session();
    let own = TenantSettings { calls_per_minute_key: Some(7), ..Default::default() };
    session.put_settings(home.tenant, &own).await.unwrap();
    assert_eq!(session.settings(home.tenant).await.unwrap().calls_per_minute_key, 7);
    assert_eq!(home.session().settings(home.tenant).await.unwrap().calls_per_minute_key, 60);
    drop(session);
    assert_eq!(home.session().settings(home.tenant).await.unwrap().calls_per_minute_key, 60);
    assert_eq!(home.session().own_settings(home.tenant).await.unwrap(), TenantSettings::default());
}

async fn memberships_are_of_known_users_and_workspaces(bench: Bench) {
    let home = bench.settled().await;
    let other = settle(home.store.clone(), &bench.clock, "globex").await;
    let place = |user, workspace, role| Membership { user, workspace, role };
    let session = home.session();
    session.put_membership(home.tenant, &place(home.user, home.at.workspace(), Role::Viewer)).await.unwrap();
    session.put_membership(home.tenant, &place(home.user, home.at.workspace(), Role::Admin)).await.unwrap();
    session.commit(home.event()).await.unwrap();
    let found = home.session().memberships(home.tenant, home.user).await.unwrap();
    assert_eq!(found, [place(home.user, home.at.workspace(), Role::Admin)]);
    for (user, workspace) in [
        (other.user, home.at.workspace()),
        (home.user, other.at.workspace()),
        (home.user, WorkspaceId::new(home.now)),
    ] {
        let refused = home.session().put_membership(home.tenant, &place(user, workspace, Role::Admin)).await;
        assert!(matches!(refused, Err(TenancyError::Missing { .. })), "{refused:?}");
    }
    assert!(home.session().memberships(home.tenant, other.user).await.unwrap().is_empty());
}

async fn tenants_are_the_operators_business(bench: Bench) {
    let home = bench.settled().await;
    let other = settle(home.store.clone(), &bench.clock, "aaa").await;
    let session = home.store.operator();
    session.update_tenant(home.tenant, Plan::Enterprise, TenantState::Suspended).await.unwrap();
    session.commit(home.event()).await.unwrap();
    let tenants = home.store.operator().tenants().await.unwrap();
    assert_eq!(tenants.iter().map(|tenant| tenant.id).collect::<Vec<_>>(), [other.tenant, home.tenant]);
    assert_eq!((tenants[1].plan, tenants[1].state), (Plan::Enterprise, TenantState::Suspended));
    let unknown =
        home.store.operator().update_tenant(TenantId::new(home.now), Plan::Trial, TenantState::Active).await;
    assert!(matches!(unknown, Err(TenancyError::Missing { what: "tenant" })));
    // A tenant's session neither lists nor makes tenants.
    assert!(home.session().tenants().await.is_err());
    assert!(
        home.session().create_tenant(&Tenant { slug: "x".to_owned(), ..tenants[1].clone() }).await.is_err()
    );
    // One unit of an operator may touch several tenants.
    let session = home.store.operator();
    session.update_tenant(home.tenant, Plan::Team, TenantState::Active).await.unwrap();
    session.update_tenant(other.tenant, Plan::Trial, TenantState::Active).await.unwrap();
    session.commit(event(other.tenant, home.now)).await.unwrap();
    let tenants = home.store.operator().tenants().await.unwrap();
    assert_eq!(tenants.iter().map(|tenant| tenant.plan).collect::<Vec<_>>(), [Plan::Trial, Plan::Team]);
}
