//! Import of a tracker's export.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use pm33_interchange::{ImportOptions, github};
use pm33_tenancy::{WorkspaceAccess, open_workspace};

use crate::{Setup, output, tenant as find_tenant};

/// Imports an export: GitHub's `gh issue list --json`.
#[derive(Args)]
pub(crate) struct ImportArguments {
    /// The tenant.
    tenant: String,
    /// The workspace, by slug.
    workspace: String,
    /// The file.
    file: PathBuf,
    /// Read and report only; write nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Runs the import.
pub(crate) async fn run(setup: &Setup, command: ImportArguments) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    let bytes =
        std::fs::read(&command.file).with_context(|| format!("reading {}", command.file.display()))?;
    let plan = github(&bytes, &ImportOptions::new(foundation.clock.now()))?;
    if setup.json {
        println!("{}", serde_json::to_string(&plan.report)?);
    } else {
        println!("{}", plan.report);
    }
    if !command.dry_run {
        let tenant = find_tenant(&foundation, &command.tenant).await?;
        let session = foundation.store.session(tenant.id);
        let (at, _) =
            open_workspace(&session, tenant.id, &WorkspaceAccess::All, Some(&command.workspace)).await?;
        drop(session);
        let outcome =
            pm33_app::import(&foundation, tenant.id, at, plan).await.map_err(anyhow::Error::from_boxed)?;
        output::done(
            setup,
            &[
                ("created", outcome.created.to_string()),
                ("updated", outcome.updated.to_string()),
                ("unchanged", outcome.unchanged.to_string()),
                ("new teams", outcome.teams.to_string()),
            ],
        );
    }
    foundation.store.close().await;
    Ok(())
}
