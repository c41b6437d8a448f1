//! The audit log: its newest rows, the check of its chain, its export, and how long it is kept.

mod export;
mod keeping;
mod verify;

use std::path::PathBuf;

use clap::Subcommand;
use pm33_tenancy::{AuditFilter, AuditLog, AuditRow};

use crate::{Setup, confirm::Yes, output, tenant as find_tenant};

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
    /// Checks a tenant's whole chain, or exported files without any database; every break is named.
    Verify(verify::VerifyArguments),
    /// Exports a tenant's log as lines of JSON (OCSF API Activities in the envelope of cloud events); the export is itself audited.
    Export(export::ExportArguments),
    /// Writes the signed heads of all logs now; a server does every hour.
    Heads {
        /// The folder; `audit.heads_dir` unless given.
        folder: Option<PathBuf>,
    },
    /// Shows how long logs are kept, what is overdue and what keeps it.
    Retention {
        /// Only this tenant.
        tenant: Option<String>,
    },
    /// Removes rows that are over their time; a server does every hour.
    Purge {
        /// The tenant.
        tenant: String,
        /// Only tell what would go.
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        yes: Yes,
    },
    /// Legal holds: what they cover is kept whatever its age.
    #[command(subcommand)]
    Hold(keeping::HoldCommand),
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
    match command {
        AuditCommand::Tail { tenant, count } => {
            let foundation = setup.foundation().await?;
            let tenant = find_tenant(&foundation, &tenant).await?;
            let page = foundation.store.session(tenant.id).tail(tenant.id, count).await?;
            output::rows(setup, &HEADINGS, page.rows.into_iter().map(cells).collect());
            foundation.store.close().await;
            Ok(())
        }
        AuditCommand::List { tenant, limit, after } => {
            let foundation = setup.foundation().await?;
            let tenant = find_tenant(&foundation, &tenant).await?;
            let filter = AuditFilter { after, limit, ..AuditFilter::default() };
            let page = foundation.store.session(tenant.id).rows(tenant.id, &filter).await?;
            let next = page.rows.last().filter(|_| page.more).map(|(seq, _)| seq.to_string());
            output::page_of(setup, &HEADINGS, page.rows.into_iter().map(cells).collect(), next);
            foundation.store.close().await;
            Ok(())
        }
        AuditCommand::Verify(arguments) => verify::run(setup, arguments).await,
        AuditCommand::Export(arguments) => export::run(setup, arguments).await,
        AuditCommand::Heads { folder } => export::heads(setup, folder).await,
        AuditCommand::Retention { tenant } => keeping::retention(setup, tenant).await,
        AuditCommand::Purge { tenant, dry_run: true, .. } => keeping::would_purge(setup, &tenant).await,
        AuditCommand::Purge { tenant, dry_run: false, yes } => keeping::purge(setup, &tenant, &yes).await,
        AuditCommand::Hold(command) => keeping::hold(setup, command).await,
    }
}
