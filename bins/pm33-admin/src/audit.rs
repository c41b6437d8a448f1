//! The audit log: its newest rows, and the check of its chain.

use anyhow::bail;
use clap::Subcommand;
use pm33_tenancy::{AuditFilter, AuditLog, AuditRow};

use crate::{Setup, output, tenant as find_tenant};

/// The audit log.
#[derive(Subcommand)]
pub(crate) enum AuditCommand {
    /// Shows the newest rows, oldest first.
    Tail {
        /// The tenant.
        tenant: String,
        /// How many: 1 to 1,000.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=1_000))]
        count: u64,
    },
    /// Lists rows, oldest first.
    List {
        /// The tenant.
        tenant: String,
        /// How many: 1 to 1,000.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=1_000))]
        limit: u64,
        /// Number of the row to go on after; the page before says it.
        #[arg(long, default_value_t = 0, value_name = "SEQ")]
        after: u64,
    },
    /// Checks the whole chain.
    Verify {
        /// The tenant.
        tenant: String,
    },
}

const HEADINGS: [&str; 9] =
    ["seq", "at", "actor", "key", "method", "target", "outcome", "code", "correlation"];

fn cells((seq, row): (u64, AuditRow)) -> Vec<String> {
    vec![
        seq.to_string(),
        row.at.to_string(),
        row.actor_kind.into(),
        row.key.map(|key| key.to_string()).unwrap_or_default(),
        row.method.into(),
        row.target.map(String::from).unwrap_or_default(),
        row.outcome.into(),
        row.code.into(),
        row.correlation.to_string(),
    ]
}

/// Runs an audit command.
pub(crate) async fn run(setup: &Setup, command: AuditCommand) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    match command {
        AuditCommand::Tail { tenant, count } => {
            let tenant = find_tenant(&foundation, &tenant).await?;
            let page = foundation.store.session(tenant.id).tail(tenant.id, count).await?;
            output::rows(setup, &HEADINGS, page.rows.into_iter().map(cells).collect());
        }
        AuditCommand::List { tenant, limit, after } => {
            let tenant = find_tenant(&foundation, &tenant).await?;
            let filter = AuditFilter { after, limit, ..AuditFilter::default() };
            let page = foundation.store.session(tenant.id).rows(tenant.id, &filter).await?;
            let next = page.rows.last().filter(|_| page.more).map(|(seq, _)| seq.to_string());
            output::page_of(setup, &HEADINGS, page.rows.into_iter().map(cells).collect(), next);
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
