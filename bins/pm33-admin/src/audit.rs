//! The audit log: its newest rows, and the check of its chain.

use anyhow::bail;
use clap::Subcommand;
use pm33_tenancy::AuditLog;

use crate::{Setup, output, tenant as find_tenant};

/// The audit log.
#[derive(Subcommand)]
pub(crate) enum AuditCommand {
    /// Shows the newest rows.
    Tail {
        /// The tenant.
        tenant: String,
        /// How many.
        #[arg(long, default_value_t = 20)]
        count: u64,
    },
    /// Checks the whole chain.
    Verify {
        /// The tenant.
        tenant: String,
    },
}

/// Runs an audit command.
pub(crate) async fn run(setup: &Setup, command: AuditCommand) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    match command {
        AuditCommand::Tail { tenant, count } => {
            let tenant = find_tenant(&foundation, &tenant).await?;
            let page = foundation.store.session(tenant.id).tail(tenant.id, count).await?;
            let rows = page.rows.into_iter().map(|(seq, row)| {
                vec![
                    seq.to_string(),
                    row.at.to_string(),
                    row.actor_kind,
                    row.key.map(|key| key.to_string()).unwrap_or_default(),
                    row.method,
                    row.target.unwrap_or_default(),
                    row.outcome,
                    row.code,
                    row.correlation.to_string(),
                ]
            });
            let headings =
                ["seq", "at", "actor", "key", "method", "target", "outcome", "code", "correlation"];
            output::rows(setup, &headings, rows.collect());
        }
        AuditCommand::Verify { tenant } => {
            let tenant = find_tenant(&foundation, &tenant).await?;
            let (rows, breaks) = foundation.store.session(tenant.id).verify(tenant.id).await?;
            output::done(setup, &[("rows", rows.to_string()), ("breaks", breaks.len().to_string())]);
            if !breaks.is_empty() {
                let told = breaks.iter().take(20).map(|one| format!("row {}: {:?}", one.seq, one.kind));
                let told = told.collect::<Vec<_>>().join("; ");
                bail!("the audit log of {} does not verify: {told}", tenant.slug);
            }
        }
    }
    foundation.store.close().await;
    Ok(())
}
