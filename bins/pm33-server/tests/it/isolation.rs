//! Another tenant's workspace, by slug or by id, answers like one that does not exist: byte for byte, for every tool and
//! every resource in the registry.

use std::time::Duration;

use pm33_app::{Settings, act, catalogue, found};
use pm33_auth::{KeyEnvironment, KeyRequest, KeyStore, ScopeSet, issue_key};
use pm33_tenancy::{
    Administration, Plan, Tenant, TenantId, TenantState, User, UserId, Workspace, WorkspaceAccess,
    WorkspaceId,
};
use serde_json::{Value, json};

use crate::running::Running;

/// Adds a second tenant with a workspace beside the sample's; the workspace's id.
fn second_tenant(folder: &std::path::Path) -> String {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let mut settings = Settings::default();
        settings.data.dir = folder.to_owned();
        let foundation = found(&settings).await.expect("the store opens");
        let now = foundation.clock.now();
        let tenant = Tenant {
            id: TenantId::new(now),
            slug: "other".to_owned(),
            name: "Other".to_owned(),
            plan: Plan::Team,
            state: TenantState::Active,
            created: now,
        };
        let user = User {
            tenant: tenant.id,
            id: UserId::new(now),
            handle: "u".into(),
            name: "U".into(),
            created: now,
        };
        let workspace = Workspace {
            tenant: tenant.id,
            id: WorkspaceId::new(now),
            slug: "secret-plans".to_owned(),
            prefix: "SEC".to_owned(),
            name: "Secret plans".to_owned(),
            created: now,
        };
        let session = foundation.store.operator();
        session.create_tenant(&tenant).await.expect("tenant");
        session.create_user(&user).await.expect("user");
        session.create_workspace(&workspace).await.expect("workspace");
        let request = KeyRequest {
            tenant: tenant.id,
            user: user.id,
            name: "k".to_owned(),
            environment: KeyEnvironment::Test,
            scopes: ScopeSet::all(),
            workspaces: WorkspaceAccess::All,
            life: None,
            longest: Duration::from_hours(24),
            networks: Vec::new(),
            roles: Vec::new(),
        };
        let minted = issue_key(request, None, foundation.keys.peppers(), now).expect("a key");
        session.insert(&minted.stored).await.expect("stored");
        session.commit(act(tenant.id, "admin/tenant.create", None, now)).await.expect("committed");
        foundation.store.close().await;
        workspace.id.to_string()
    })
}

#[test]
fn foreign_and_unknown_workspaces_answer_alike_for_every_tool_and_resource() {
    let folder = tempfile::tempdir().expect("a folder");
    // The demo makes the first tenant.
    Running::start(folder.path()).crash();
    let foreign_id = second_tenant(folder.path());
    let server = Running::start(folder.path());
    let unknown_id = "01890000-0000-7000-8000-000000000000";
    let pairs = [("secret-plans", "absent-plans"), (foreign_id.as_str(), unknown_id)];
    let all = catalogue().expect("the catalogue");
    assert!(!all.tools().is_empty());
    for tool in all.tools() {
        for (foreign, unknown) in pairs {
            let ask = |workspace: &str| {
                let mut arguments: Value = serde_json::from_str(tool.example).expect("an example");
                arguments["workspace"] = json!(workspace);
                let answer =
                    server.call("tools/call", json!({ "name": tool.spec.name, "arguments": arguments }));
                (answer.status, answer.body.replace(workspace, "W"))
            };
            assert_eq!(ask(foreign), ask(unknown), "{}", tool.spec.name);
        }
    }
    for resource in all.resources().filter(|resource| resource.spec().is_template()) {
        for (foreign, unknown) in pairs {
            let ask = |workspace: &str| {
                let uri = resource.spec().uri.replace("{workspace}", workspace);
                let uri = uri.replace("{key}", "SEC-1").replace("{document}", "Plans");
                let answer = server.call("resources/read", json!({ "uri": uri }));
                (answer.status, answer.body.replace(workspace, "W"))
            };
            assert_eq!(ask(foreign), ask(unknown), "{}", resource.spec().uri);
        }
    }
    let listed = server.call("resources/read", json!({ "uri": "pm33://workspaces" }));
    assert!(!listed.body.contains("secret-plans"), "{}", listed.body);
}

#[test]
fn without_a_good_key_a_person_is_told_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(folder.path());
    let mut changed = server.key.clone();
    changed.pop();
    for key in ["nonsense", "pm33_live_nonsense", changed.as_str()] {
        let refused = server.try_call(key, "tools/list", json!({})).expect("an answer");
        assert_eq!(refused.status, 401, "{}", refused.body);
        assert!(refused.body.contains("key"), "{}", refused.body);
    }
}
