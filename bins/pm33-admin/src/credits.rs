//! Credits of a tenant: give, correct, look, export, examine.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Subcommand, ValueEnum};
use pm33_app::{Foundation, act};
use pm33_billing::{Entry, Frozen, Grantor, HoldId, Ledger, MicroCredits};
use pm33_tenancy::TenantId;

use crate::{Setup, confirm::Yes, output, tenant as find_tenant};

/// Credits.
#[derive(Subcommand)]
pub(crate) enum CreditsCommand {
    /// Gives credits. What is owed is repaid first.
    Grant {
        /// The tenant.
        tenant: String,
        /// How many, such as 250 or 12.5.
        amount: MicroCredits,
        /// Why, for the ledger.
        #[arg(long)]
        note: String,
    },
    /// Corrects the account, up or (with a minus) down as far as credits are available.
    #[command(allow_negative_numbers = true)]
    Adjust {
        /// The tenant.
        tenant: String,
        /// How many, such as 5 or -5.
        amount: MicroCredits,
        /// Why, for the ledger.
        #[arg(long)]
        note: String,
        #[command(flatten)]
        yes: Yes,
    },
    /// Gives back what a call was charged, or a part of it.
    Refund {
        /// The tenant.
        tenant: String,
        /// The hold that the call was paid from.
        hold: HoldId,
        /// How many.
        amount: MicroCredits,
        /// Why, for the ledger.
        #[arg(long)]
        note: String,
    },
    /// Shows how a tenant stands.
    Show {
        /// The tenant.
        tenant: String,
    },
    /// Lists the ledger, oldest first.
    Ledger {
        /// The tenant.
        tenant: String,
        /// How many: 1 to 1,000.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=1_000))]
        limit: u64,
        /// Number of the entry to go on after; the page before says it.
        #[arg(long, default_value_t = 0, value_name = "SEQ")]
        after: u64,
    },
    /// Writes the whole ledger into a new file; amounts in micro-credits.
    Export {
        /// The tenant.
        tenant: String,
        /// The file.
        file: PathBuf,
        /// Its form.
        #[arg(long, value_enum, default_value_t = ExportForm::Csv)]
        form: ExportForm,
    },
    /// Examines the books; fails when they do not agree.
    Reconcile {
        /// The tenant; all of them without it.
        tenant: Option<String>,
    },
    /// Lets AI calls go on that were stopped because the books did not agree.
    Unfreeze {
        /// The tenant.
        tenant: String,
        #[command(flatten)]
        yes: Yes,
    },
}

/// Form of an exported ledger.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportForm {
    /// Comma-separated values.
    Csv,
    /// A line of JSON for each entry.
    Json,
}

const HEADINGS: [&str; 12] = [
    "seq",
    "at",
    "kind",
    "hold",
    "funding",
    "available",
    "held",
    "spent",
    "overdraft",
    "loss",
    "actor",
    "note",
];

fn cells(entry: &Entry, show: fn(MicroCredits) -> String) -> Vec<String> {
    let mut cells = vec![
        entry.seq.to_string(),
        entry.at.to_string(),
        entry.kind.as_str().to_owned(),
        entry.hold.map(|hold| hold.to_string()).unwrap_or_default(),
    ];
    cells.extend(entry.postings.amounts().map(show));
    cells.extend([entry.actor.map(|actor| actor.to_string()).unwrap_or_default(), entry.note.clone()]);
    cells
}

/// Runs a credits command.
pub(crate) async fn run(setup: &Setup, command: CreditsCommand) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    match command {
        CreditsCommand::Grant { tenant, amount, note } => {
            change(setup, &foundation, &tenant, Change::Grant(amount), note).await?;
        }
        CreditsCommand::Adjust { tenant, amount, note, yes } => {
            yes.to(&format!("correct the credits of {tenant} by {amount}"))?;
            change(setup, &foundation, &tenant, Change::Adjust(amount), note).await?;
        }
        CreditsCommand::Refund { tenant, hold, amount, note } => {
            change(setup, &foundation, &tenant, Change::Refund(hold, amount), note).await?;
        }
        CreditsCommand::Show { tenant } => {
            let tenant = find_tenant(&foundation, &tenant).await?;
            show(setup, &foundation, tenant.id).await?;
        }
        CreditsCommand::Ledger { tenant, limit, after } => {
            let tenant = find_tenant(&foundation, &tenant).await?;
            let page = foundation.store.session(tenant.id).entries(tenant.id, after, limit).await?;
            let next = page.entries.last().filter(|_| page.more).map(|entry| entry.seq.to_string());
            let rows = page.entries.iter().map(|entry| cells(entry, |amount| amount.to_string())).collect();
            output::page_of(setup, &HEADINGS, rows, next);
        }
        CreditsCommand::Export { tenant, file, form } => {
            let tenant = find_tenant(&foundation, &tenant).await?;
            let count = export(&foundation, tenant.id, &file, form).await?;
            let session = foundation.store.operator();
            session.commit(act(tenant.id, "admin/credits.export", None, foundation.clock.now())).await?;
            output::done(setup, &[("entries", count.to_string()), ("file", file.display().to_string())]);
        }
        CreditsCommand::Reconcile { tenant } => reconcile(setup, &foundation, tenant.as_deref()).await?,
        CreditsCommand::Unfreeze { tenant, yes } => {
            yes.to(&format!("let AI calls of {tenant} go on"))?;
            let tenant = find_tenant(&foundation, &tenant).await?;
            let session = foundation.store.operator();
            session.freeze(tenant.id, Frozen::Free).await?;
            session.commit(act(tenant.id, "admin/credits.unfreeze", None, foundation.clock.now())).await?;
            output::done(setup, &[("tenant", tenant.slug)]);
        }
    }
    foundation.store.close().await;
    Ok(())
}

enum Change {
    Grant(MicroCredits),
    Adjust(MicroCredits),
    Refund(HoldId, MicroCredits),
}

async fn change(
    setup: &Setup,
    foundation: &Foundation,
    slug: &str,
    change: Change,
    note: String,
) -> anyhow::Result<()> {
    let tenant = find_tenant(foundation, slug).await?;
    let (session, now) = (foundation.store.operator(), foundation.clock.now());
    let by = Grantor { actor: None, note };
    let (name, entry) = match change {
        Change::Grant(amount) => ("admin/credits.grant", session.grant(tenant.id, amount, now, by).await?),
        Change::Adjust(amount) => ("admin/credits.adjust", session.adjust(tenant.id, amount, now, by).await?),
        Change::Refund(hold, amount) => {
            ("admin/credits.refund", session.refund(tenant.id, hold, amount, now, by).await?)
        }
    };
    session.commit(act(tenant.id, name, Some(format!("entry {}", entry.seq)), now)).await?;
    show(setup, foundation, tenant.id).await
}

async fn show(setup: &Setup, foundation: &Foundation, tenant: TenantId) -> anyhow::Result<()> {
    let standing = foundation.store.session(tenant).standing(tenant, &[]).await?;
    let accounts = &standing.accounts;
    output::done(
        setup,
        &[
            ("available", accounts.sums.available.to_string()),
            ("held", accounts.sums.held.to_string()),
            ("spent", accounts.sums.spent.to_string()),
            ("owed", accounts.owed()?.to_string()),
            ("granted", accounts.granted()?.to_string()),
            ("open holds", standing.open.len().to_string()),
            ("AI calls", if standing.frozen { "stopped" } else { "free" }.to_owned()),
            ("entries", accounts.seq.to_string()),
        ],
    );
    Ok(())
}

async fn export(
    foundation: &Foundation,
    tenant: TenantId,
    file: &std::path::Path,
    form: ExportForm,
) -> anyhow::Result<u64> {
    use std::io::Write;
    let made = std::fs::File::create_new(file)
        .with_context(|| format!("cannot make {}; choose a name that is not taken", file.display()))?;
    let mut out = std::io::BufWriter::new(made);
    let session = foundation.store.session(tenant);
    if form == ExportForm::Csv {
        writeln!(out, "{}", HEADINGS.join(","))?;
    }
    let (mut after, mut count) = (0, 0);
    loop {
        let page = session.entries(tenant, after, 1_000).await?;
        for entry in &page.entries {
            match form {
                ExportForm::Json => writeln!(out, "{}", serde_json::to_string(entry)?)?,
                ExportForm::Csv => {
                    let cells = cells(entry, |amount| amount.micros().to_string());
                    writeln!(out, "{}", cells.iter().map(|cell| csv(cell)).collect::<Vec<_>>().join(","))?;
                }
            }
            (after, count) = (entry.seq, count + 1);
        }
        if !page.more {
            break;
        }
    }
    out.flush()?;
    out.get_ref().sync_all()?;
    Ok(count)
}

/// A cell that no spreadsheet takes for a formula or for two.
fn csv(cell: &str) -> String {
    let is_number = cell.parse::<i64>().is_ok();
    let guarded = if !is_number && cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    };
    if guarded.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", guarded.replace('"', "\"\""))
    } else {
        guarded
    }
}

async fn reconcile(setup: &Setup, foundation: &Foundation, slug: Option<&str>) -> anyhow::Result<()> {
    let tenants = match slug {
        Some(slug) => vec![find_tenant(foundation, slug).await?],
        None => pm33_tenancy::Administration::tenants(&foundation.store.operator()).await?,
    };
    let mut broken = Vec::new();
    for tenant in &tenants {
        for mismatch in foundation.store.session(tenant.id).reconcile_credits(tenant.id).await? {
            broken.push(format!(
                "{}: {}: expected {}, found {}",
                tenant.slug, mismatch.rule, mismatch.expected, mismatch.found
            ));
        }
    }
    output::done(setup, &[("tenants", tenants.len().to_string()), ("mismatches", broken.len().to_string())]);
    if !broken.is_empty() {
        bail!("the books do not agree: {}", broken.join("; "));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::csv;

    #[test]
    fn cells_are_guarded_and_numbers_are_not() {
        for (cell, written) in [
            ("-5", "-5"),
            ("=1+1", "'=1+1"),
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("-5 for March", "'-5 for March"),
        ] {
            assert_eq!(csv(cell), written);
        }
    }
}
