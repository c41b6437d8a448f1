//! Tenants: made, listed, suspended, served again.

use anyhow::{Context, bail};
use clap::Subcommand;
use pm33_app::act;
use pm33_tenancy::{Administration, Plan, Tenant, TenantId, TenantState};

use crate::{Setup, confirm::Yes, output, output::Paging, tenant as find_tenant};

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
    List {
        #[command(flatten)]
        paging: Paging,
    },
    /// Refuses every key of a tenant; data stays.
    Suspend {
        /// The tenant.
        slug: String,
        #[command(flatten)]
        yes: Yes,
    },
    /// Serves a suspended tenant again.
    Activate {
        /// The tenant.
        slug: String,
    },
}

/// Refuses what is no slug.
pub(crate) fn check_slug(slug: &str) -> anyhow::Result<()> {
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
            session.commit(act(new.id, "admin/tenant.create", None, now)).await?;
            output::done(setup, &[("tenant", new.slug), ("id", new.id.to_string())]);
        }
        TenantCommand::List { paging } => {
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
            let headings = ["slug", "name", "plan", "state", "created"];
            output::page(setup, &paging, 1, &headings, all.into_iter().map(row).collect())?;
        }
        TenantCommand::Suspend { slug, yes } => {
            find_tenant(&foundation, &slug).await?;
            yes.to(&format!("every key of {slug} is refused from now on"))?;
            change_state(setup, &foundation, &slug, TenantState::Suspended).await?;
        }
        TenantCommand::Activate { slug } => {
            change_state(setup, &foundation, &slug, TenantState::Active).await?;
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
    session.commit(act(one.id, name, None, foundation.clock.now())).await?;
    output::done(setup, &[("tenant", one.slug), ("state", state.as_str().to_owned())]);
    Ok(())
}
