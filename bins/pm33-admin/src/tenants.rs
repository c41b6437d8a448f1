//! Tenants, users, workspaces.

use anyhow::{Context, bail};
use clap::Subcommand;
use pm33_app::act;
use pm33_tenancy::{
    Administration, Directory, Membership, Plan, Role, Tenant, TenantId, TenantState, User, UserId,
    Workspace, WorkspaceId,
};

use crate::{Setup, output, tenant as find_tenant, tenant_settings};

/// Tenants.
#[derive(Subcommand)]
pub(crate) enum TenantCommand {
    /// Adds a tenant.
    Create {
        /// Short name: lower-case letters, digits, dashes.
        slug: String,
        /// Name for people.
        #[arg(long)]
        name: Option<String>,
        /// local, trial, team or enterprise.
        #[arg(long, default_value = "team")]
        plan: String,
    },
    /// Lists all tenants.
    List,
    /// Refuses every key of a tenant; data stays.
    Suspend {
        /// The tenant.
        slug: String,
    },
    /// Serves a suspended tenant again.
    Activate {
        /// The tenant.
        slug: String,
    },
    /// Shows a tenant's settings, and changes them; a running server follows within a second.
    Settings {
        /// The tenant.
        slug: String,
        /// Setting and value, such as `calls_per_minute_key=120`; may be given several times. Without a value the
        /// deployment's holds again.
        #[arg(long, value_name = "NAME=VALUE")]
        set: Vec<String>,
    },
}

/// Users.
#[derive(Subcommand)]
pub(crate) enum UserCommand {
    /// Adds a user.
    Create {
        /// The tenant.
        tenant: String,
        /// Sign-in handle.
        handle: String,
        /// Name for people.
        #[arg(long)]
        name: Option<String>,
        /// Workspace that the user is a member of, by slug; may be given several times. None: the whole tenant.
        #[arg(long)]
        workspace: Vec<String>,
    },
    /// Lists a tenant's users.
    List {
        /// The tenant.
        tenant: String,
    },
    /// Sets what a user may do in a workspace, whatever their keys were granted.
    Role {
        /// The tenant.
        tenant: String,
        /// Sign-in handle.
        handle: String,
        /// The workspace's slug.
        workspace: String,
        /// viewer, member or admin.
        role: String,
    },
}

/// Workspaces.
#[derive(Subcommand)]
pub(crate) enum WorkspaceCommand {
    /// Adds a workspace.
    Create {
        /// The tenant.
        tenant: String,
        /// Short name: lower-case letters, digits, dashes.
        slug: String,
        /// Prefix of item keys: 2 to 10 upper-case letters and digits.
        #[arg(long)]
        prefix: String,
        /// Name for people.
        #[arg(long)]
        name: Option<String>,
    },
    /// Lists a tenant's workspaces.
    List {
        /// The tenant.
        tenant: String,
    },
}

fn check_slug(slug: &str) -> anyhow::Result<()> {
    let fits = (1..=50).contains(&slug.len())
        && slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !slug.starts_with('-');
    if fits { Ok(()) } else { bail!("{slug:?}: a slug has 1 to 50 lower-case letters, digits and dashes") }
}

/// Runs a tenant command.
pub(crate) async fn tenant(setup: &Setup, command: TenantCommand) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    let now = foundation.clock.now();
    match command {
        TenantCommand::Create { slug, name, plan } => {
            check_slug(&slug)?;
            let plan = Plan::parse(&plan)
                .with_context(|| format!("{plan:?}: plans are local, trial, team, enterprise"))?;
            let name = name.unwrap_or_else(|| slug.clone());
            let new =
                Tenant { id: TenantId::new(now), slug, name, plan, state: TenantState::Active, created: now };
            let session = foundation.store.operator();
            session.create_tenant(&new).await?;
            session.commit(act(new.id, "admin/tenant.create", Some(new.slug.clone()), now)).await?;
            output::done(setup, &[("tenant", new.slug), ("id", new.id.to_string())]);
        }
        TenantCommand::List => {
            let all = foundation.store.operator().tenants().await?;
            let row = |one: Tenant| {
                vec![
                    one.slug,
                    one.name,
                    one.plan.as_str().to_owned(),
                    one.state.as_str().to_owned(),
                    one.created.to_string(),
                ]
            };
            output::rows(
                setup,
                &["slug", "name", "plan", "state", "created"],
                all.into_iter().map(row).collect(),
            );
        }
        TenantCommand::Suspend { slug } => {
            change_state(setup, &foundation, &slug, TenantState::Suspended).await?;
        }
        TenantCommand::Activate { slug } => {
            change_state(setup, &foundation, &slug, TenantState::Active).await?;
        }
        TenantCommand::Settings { slug, set } => {
            let one = find_tenant(&foundation, &slug).await?;
            tenant_settings::run(setup, &foundation, &one, &set).await?;
        }
    }
    foundation.store.close().await;
    Ok(())
}

async fn change_state(
    setup: &Setup,
    foundation: &pm33_app::Foundation,
    slug: &str,
    state: TenantState,
) -> anyhow::Result<()> {
    let one = find_tenant(foundation, slug).await?;
    let session = foundation.store.operator();
    session.update_tenant(one.id, one.plan, state).await?;
    let name = if state == TenantState::Active { "admin/tenant.activate" } else { "admin/tenant.suspend" };
    session.commit(act(one.id, name, Some(one.slug.clone()), foundation.clock.now())).await?;
    output::done(setup, &[("tenant", one.slug), ("state", state.as_str().to_owned())]);
    Ok(())
}

/// Runs a user command.
pub(crate) async fn user(setup: &Setup, command: UserCommand) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    let now = foundation.clock.now();
    match command {
        UserCommand::Create { tenant, handle, name, workspace } => {
            let tenant = find_tenant(&foundation, &tenant).await?;
            let session = foundation.store.operator();
            let name = name.unwrap_or_else(|| handle.clone());
            let new = User { tenant: tenant.id, id: UserId::new(now), handle, name, created: now };
            session.create_user(&new).await?;
            let all = session.workspaces(tenant.id).await?;
            for slug in workspace {
                let found = all
                    .iter()
                    .find(|one| one.slug == slug)
                    .with_context(|| format!("no workspace {slug:?}"))?;
                let place = Membership { user: new.id, workspace: found.id, role: Role::Member };
                session.put_membership(tenant.id, &place).await?;
            }
            session.commit(act(tenant.id, "admin/user.create", Some(new.id.to_string()), now)).await?;
            output::done(setup, &[("user", new.handle), ("id", new.id.to_string())]);
        }
        UserCommand::List { tenant } => {
            let tenant = find_tenant(&foundation, &tenant).await?;
            let all = foundation.store.operator().users(tenant.id).await?;
            let row = |one: User| vec![one.handle, one.name, one.id.to_string(), one.created.to_string()];
            output::rows(setup, &["handle", "name", "id", "created"], all.into_iter().map(row).collect());
        }
        UserCommand::Role { tenant, handle, workspace, role } => {
            let tenant = find_tenant(&foundation, &tenant).await?;
            let role =
                Role::parse(&role).with_context(|| format!("{role:?}: roles are viewer, member, admin"))?;
            let session = foundation.store.operator();
            let users = session.users(tenant.id).await?;
            let user = users
                .iter()
                .find(|one| one.handle == handle)
                .with_context(|| format!("no user {handle:?}"))?;
            let all = session.workspaces(tenant.id).await?;
            let place = all
                .iter()
                .find(|one| one.slug == workspace)
                .with_context(|| format!("no workspace {workspace:?}"))?;
            let place = Membership { user: user.id, workspace: place.id, role };
            session.put_membership(tenant.id, &place).await?;
            session.commit(act(tenant.id, "admin/user.role", Some(user.id.to_string()), now)).await?;
            let told = [("user", handle), ("workspace", workspace), ("role", role.as_str().to_owned())];
            output::done(setup, &told);
        }
    }
    foundation.store.close().await;
    Ok(())
}

/// Runs a workspace command.
pub(crate) async fn workspace(setup: &Setup, command: WorkspaceCommand) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    let now = foundation.clock.now();
    match command {
        WorkspaceCommand::Create { tenant, slug, prefix, name } => {
            check_slug(&slug)?;
            let fits = (2..=10).contains(&prefix.len())
                && prefix.starts_with(|first: char| first.is_ascii_uppercase())
                && prefix.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
            if !fits {
                bail!("{prefix:?}: a prefix has 2 to 10 upper-case letters and digits, a letter first");
            }
            let tenant = find_tenant(&foundation, &tenant).await?;
            let name = name.unwrap_or_else(|| slug.clone());
            let new =
                Workspace { tenant: tenant.id, id: WorkspaceId::new(now), slug, prefix, name, created: now };
            let session = foundation.store.operator();
            session.create_workspace(&new).await?;
            session.commit(act(tenant.id, "admin/workspace.create", Some(new.slug.clone()), now)).await?;
            output::done(
                setup,
                &[("workspace", new.slug), ("prefix", new.prefix), ("id", new.id.to_string())],
            );
        }
        WorkspaceCommand::List { tenant } => {
            let tenant = find_tenant(&foundation, &tenant).await?;
            let all = foundation.store.operator().workspaces(tenant.id).await?;
            let row = |one: &std::sync::Arc<Workspace>| {
                vec![one.slug.clone(), one.prefix.clone(), one.name.clone(), one.created.to_string()]
            };
            output::rows(setup, &["slug", "prefix", "name", "created"], all.iter().map(row).collect());
        }
    }
    foundation.store.close().await;
    Ok(())
}
