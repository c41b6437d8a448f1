//! Keys of the sample's owner with chosen scopes, made beside the server as an administrator would.

use std::path::Path;

use pm33_app::{Settings, Start, act, found, open_local};
use pm33_auth::{KeyEnvironment, KeyRequest, KeyStore, Scope, ScopeSet, issue_key};
use pm33_tenancy::WorkspaceAccess;
use secrecy::ExposeSecret;

/// Every scope but one, and without those that imply it.
pub(crate) fn all_but(missing: Scope) -> ScopeSet {
    let stays = |scope: &Scope| *scope != missing && scope.implies() != Some(missing);
    Scope::ALL.iter().copied().filter(stays).collect()
}

/// Mints one key for each set; no server may be running on the folder. The first use makes the sample.
pub(crate) fn mint(folder: &Path, sets: &[ScopeSet]) -> Vec<String> {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let mut settings = Settings::default();
        settings.data.dir = folder.to_owned();
        let foundation = found(&settings).await.expect("the store opens");
        let local = open_local(&foundation, Start::Sample).await.expect("the sample");
        let mut keys = Vec::new();
        for scopes in sets {
            let now = foundation.clock.now();
            let request = KeyRequest {
                tenant: local.tenant,
                user: local.user,
                name: "narrow".to_owned(),
                environment: KeyEnvironment::Test,
                scopes: *scopes,
                workspaces: WorkspaceAccess::All,
                life: None,
                longest: std::time::Duration::from_hours(24),
                networks: Vec::new(),
                roles: Vec::new(),
            };
            let minted = issue_key(request, None, foundation.keys.peppers(), now).expect("a key");
            let session = foundation.store.session(local.tenant);
            session.insert(&minted.stored).await.expect("stored");
            session.commit(act(local.tenant, "admin/key.create", None, now)).await.expect("committed");
            keys.push(minted.shown.expose_secret().to_owned());
        }
        foundation.store.close().await;
        keys
    })
}
