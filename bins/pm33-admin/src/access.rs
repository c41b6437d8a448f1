//! API keys: create, list, rotate, revoke.

use std::time::Duration;

use anyhow::{Context, bail};
use clap::Subcommand;
use ipnet::IpNet;
use pm33_app::{Foundation, act};
use pm33_auth::{
    KeyEnvironment, KeyRecord, KeyRequest, KeyStore, Minted, Rotation, ScopeSet, issue_key, rotate_key,
};
use pm33_tenancy::{Administration, Directory, KeyId, TenantId, Timestamp, WorkspaceAccess};
use secrecy::ExposeSecret;

use crate::{Setup, confirm::Yes, output, output::Paging, tenant as find_tenant};

const DAY: u64 = 86_400;

/// API keys.
#[derive(Subcommand)]
pub(crate) enum KeyCommand {
    /// Makes a key and shows it once.
    Create {
        /// The tenant.
        tenant: String,
        /// The user that it acts for, by handle.
        user: String,
        /// Name for people.
        #[arg(long)]
        name: String,
        /// Scopes, separated by commas.
        #[arg(
            long,
            default_value = "backlog:read,planning:read,objectives:read,competitive:read,documents:read"
        )]
        scopes: String,
        /// Workspace that the key is narrowed to, by slug; may be given several times.
        #[arg(long)]
        workspace: Vec<String>,
        /// Life in days.
        #[arg(long)]
        days: Option<u64>,
        /// Network that the key may come from, such as 192.0.2.0/24; may be given several times. None: from anywhere.
        #[arg(long = "from")]
        networks: Vec<IpNet>,
        /// Key that it is derived from: it gets no more rights and no longer life.
        #[arg(long)]
        parent: Option<KeyId>,
    },
    /// Lists a tenant's keys.
    List {
        /// The tenant.
        tenant: String,
        #[command(flatten)]
        paging: Paging,
    },
    /// Makes a successor; the old key lives on for an overlap.
    Rotate {
        /// The tenant.
        tenant: String,
        /// The key's public id.
        id: KeyId,
        /// Hours that the old key lives on: 0 to 168.
        #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u64).range(0..=168))]
        overlap_hours: u64,
    },
    /// Ends the suspension of a key that kept calling after refusals.
    Release {
        /// The tenant.
        tenant: String,
        /// The key's public id.
        id: KeyId,
    },
    /// Ends a key and every key derived from it.
    Revoke {
        /// The tenant.
        tenant: String,
        /// The key's public id.
        id: KeyId,
        #[command(flatten)]
        yes: Yes,
    },
}

async fn find(foundation: &Foundation, tenant: TenantId, id: KeyId) -> anyhow::Result<KeyRecord> {
    let all = foundation.store.session(tenant).list(tenant).await?;
    all.into_iter().find(|key| key.id == id).with_context(|| format!("no key {id} in this tenant"))
}

/// Stores a key with the audit row of the act, and shows it.
async fn keep(
    setup: &Setup,
    foundation: &Foundation,
    minted: &Minted,
    replaced: Option<(KeyId, Timestamp)>,
) -> anyhow::Result<()> {
    let now = foundation.clock.now();
    let tenant = minted.stored.tenant;
    let session = foundation.store.session(tenant);
    session.insert(&minted.stored).await?;
    if let Some((old, until)) = replaced {
        session.set_rotated(tenant, old, until).await?;
    }
    let name = if replaced.is_some() { "admin/key.rotate" } else { "admin/key.create" };
    session.commit(act(tenant, name, Some(minted.stored.id.to_string()), now)).await?;
    let mut told = vec![
        ("key", minted.shown.expose_secret().to_owned()),
        ("id", minted.stored.id.to_string()),
        ("scopes", minted.stored.scopes.to_string()),
        ("expires", minted.stored.expires.to_string()),
    ];
    if let Some((old, until)) = replaced {
        told.push(("replaces", old.to_string()));
        told.push(("old key ends", until.to_string()));
    }
    output::done(setup, &told);
    Ok(())
}

/// What a key is now, in a word or a few.
fn state(key: &KeyRecord, now: Timestamp) -> &'static str {
    match (key.revoked, key.rotated_until) {
        (Some(_), _) => "revoked",
        _ if now >= key.expires => "expired",
        (None, Some(until)) if now >= until => "rotated",
        _ if key.suspended_until.is_some_and(|until| now < until) => "suspended",
        (None, Some(_)) => "rotating",
        (None, None) if key.exposed.is_some() => "active, seen in the open: rotate it",
        (None, None) => "active",
    }
}

/// Ends a key's suspension.
async fn release(setup: &Setup, foundation: &Foundation, slug: &str, id: KeyId) -> anyhow::Result<()> {
    let tenant = find_tenant(foundation, slug).await?;
    find(foundation, tenant.id, id).await?;
    let session = foundation.store.session(tenant.id);
    if !session.set_suspended(tenant.id, id, None).await? {
        bail!("the key {id} is not suspended");
    }
    let now = foundation.clock.now();
    session.commit(act(tenant.id, "admin/key.release", Some(id.to_string()), now)).await?;
    output::done(setup, &[("released", id.to_string())]);
    Ok(())
}

/// Runs a key command.
pub(crate) async fn run(setup: &Setup, command: KeyCommand) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    match command {
        KeyCommand::Create { tenant, user, name, scopes, workspace, days, networks, parent } => {
            let tenant = find_tenant(&foundation, &tenant).await?;
            let session = foundation.store.session(tenant.id);
            let users = session.users(tenant.id).await?;
            let user =
                users.iter().find(|one| one.handle == user).with_context(|| format!("no user {user:?}"))?;
            let all = session.workspaces(tenant.id).await?;
            let mut ids = Vec::new();
            for slug in &workspace {
                let found = all
                    .iter()
                    .find(|one| one.slug == *slug)
                    .with_context(|| format!("no workspace {slug:?}"))?;
                ids.push(found.id);
            }
            let narrowed =
                if ids.is_empty() { WorkspaceAccess::All } else { WorkspaceAccess::Only(ids.into()) };
            let parent = match parent {
                Some(id) => Some(find(&foundation, tenant.id, id).await?),
                None => None,
            };
            let request = KeyRequest {
                tenant: tenant.id,
                user: user.id,
                name,
                environment: KeyEnvironment::Live,
                scopes: scopes.parse::<ScopeSet>()?,
                workspaces: narrowed,
                life: days.map(|days| Duration::from_secs(days * DAY)),
                longest: session.settings(tenant.id).await?.key_max_life,
                networks,
                roles: session.memberships(tenant.id, user.id).await?.iter().map(|one| one.role).collect(),
            };
            drop(session);
            let minted =
                issue_key(request, parent.as_ref(), foundation.keys.peppers(), foundation.clock.now())?;
            keep(setup, &foundation, &minted, None).await?;
        }
        KeyCommand::List { tenant, paging } => {
            let tenant = find_tenant(&foundation, &tenant).await?;
            let session = foundation.store.session(tenant.id);
            let keys = session.list(tenant.id).await?;
            let users = session.users(tenant.id).await?;
            drop(session);
            let now = foundation.clock.now();
            let row = |key: KeyRecord| {
                let state = state(&key, now);
                let user = users.iter().find(|user| user.id == key.user);
                let user = user.map_or_else(|| key.user.to_string(), |user| user.handle.clone());
                let used = key.last_used.map_or_else(|| "never".to_owned(), |at| at.to_string());
                let by =
                    [key.last_network, key.last_agent].into_iter().flatten().collect::<Vec<_>>().join(" ");
                vec![
                    key.id.to_string(),
                    key.name,
                    user,
                    state.to_owned(),
                    key.scopes.to_string(),
                    key.expires.to_string(),
                    used,
                    by,
                ]
            };
            let headings = ["id", "name", "user", "state", "scopes", "expires", "last used", "from and by"];
            output::page(setup, &paging, 1, &headings, keys.into_iter().map(row).collect())?;
        }
        KeyCommand::Rotate { tenant, id, overlap_hours } => {
            let tenant = find_tenant(&foundation, &tenant).await?;
            let old = find(&foundation, tenant.id, id).await?;
            let rotation = Rotation { overlap: Duration::from_secs(overlap_hours * 3_600) };
            let (minted, until) = rotate_key(
                &old,
                KeyEnvironment::Live,
                rotation,
                foundation.keys.peppers(),
                foundation.clock.now(),
            )
            .with_context(|| format!("key {id} cannot be rotated"))?;
            keep(setup, &foundation, &minted, Some((id, until))).await?;
        }
        KeyCommand::Release { tenant, id } => release(setup, &foundation, &tenant, id).await?,
        KeyCommand::Revoke { tenant, id, yes } => {
            let tenant = find_tenant(&foundation, &tenant).await?;
            let now = foundation.clock.now();
            let key = find(&foundation, tenant.id, id).await?;
            yes.to(&format!("the key {id} ({}) and every key derived from it end for good", key.name))?;
            let session = foundation.store.session(tenant.id);
            let ended = session.revoke(tenant.id, id, now).await?;
            session.commit(act(tenant.id, "admin/key.revoke", Some(id.to_string()), now)).await?;
            output::done(setup, &[("revoked", id.to_string()), ("keys ended", ended.to_string())]);
        }
    }
    foundation.store.close().await;
    Ok(())
}
