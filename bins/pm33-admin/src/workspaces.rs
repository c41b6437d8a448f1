//! Workspaces of a tenant: made, listed, given words of their own.

use anyhow::bail;
use clap::Subcommand;
use pm33_app::act;
use pm33_tenancy::{Administration, Directory, Workspace, WorkspaceId};

use crate::{Setup, output, output::Paging, tenant as find_tenant, tenants::check_slug, vocabulary};

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
    /// Shows what a workspace calls things, and changes it; a running server follows within a second.
    Vocabulary {
        /// The tenant.
        tenant: String,
        /// The workspace's slug.
        workspace: String,
        /// A word of its own for a status, such as `QA=in_review`; may be given several times. Without a status the
        /// word is forgotten.
        #[arg(long, value_name = "WORD=STATUS")]
        status: Vec<String>,
        /// The type of a custom field: text, number, date, url, list or enum, such as `Severity=enum:S1,S2`; may be
        /// given several times. Without a type the field may hold anything again.
        #[arg(long, value_name = "NAME=TYPE")]
        field: Vec<String>,
    },
    /// Lists a tenant's workspaces.
    List {
        /// The tenant.
        tenant: String,
        #[command(flatten)]
        paging: Paging,
    },
}

/// Runs a workspace command.
pub(crate) async fn run(setup: &Setup, command: WorkspaceCommand) -> anyhow::Result<()> {
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
        WorkspaceCommand::Vocabulary { tenant, workspace, status, field } => {
            let tenant = find_tenant(&foundation, &tenant).await?;
            vocabulary::run(setup, &foundation, &tenant, &workspace, &status, &field).await?;
        }
        WorkspaceCommand::List { tenant, paging } => {
            let tenant = find_tenant(&foundation, &tenant).await?;
            let all = foundation.store.operator().workspaces(tenant.id).await?;
            let row = |one: &std::sync::Arc<Workspace>| {
                vec![one.slug.clone(), one.prefix.clone(), one.name.clone(), one.created.to_string()]
            };
            let headings = ["slug", "prefix", "name", "created"];
            output::page(setup, &paging, 1, &headings, all.iter().map(row).collect())?;
        }
    }
    foundation.store.close().await;
    Ok(())
}
