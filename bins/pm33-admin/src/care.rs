//! Care of a deployment: migration, settings, a check of everything.

use anyhow::bail;
use clap::Subcommand;
use pm33_app::{Foundation, Source, database};
use pm33_tenancy::{Administration, AuditLog};

use crate::{Setup, output};

/// Settings.
#[derive(Subcommand)]
pub(crate) enum ConfigCommand {
    /// Checks the settings and shows every value with where it came from.
    Check,
}

/// Over every list of settings.
pub(crate) const HEADINGS: [&str; 3] = ["setting", "value", "source"];

/// Shows the settings; loading has checked them.
pub(crate) fn config(setup: &Setup, command: &ConfigCommand) -> anyhow::Result<()> {
    let ConfigCommand::Check = command;
    output::rows(setup, &HEADINGS, deployment(setup)?);
    Ok(())
}

/// Every setting of the deployment with its value and source.
pub(crate) fn deployment(setup: &Setup) -> anyhow::Result<Vec<Vec<String>>> {
    let all = serde_json::to_value(&setup.settings)?;
    let mut rows = Vec::new();
    for (section, values) in all.as_object().into_iter().flatten() {
        for (key, value) in values.as_object().into_iter().flatten() {
            let dotted = format!("{section}.{key}");
            let source = setup.sources.get(&dotted).unwrap_or(&Source::Default).to_string();
            rows.push(vec![dotted, value.to_string(), source]);
        }
    }
    Ok(rows)
}

/// Brings the schema up to date.
pub(crate) async fn migrate(setup: &Setup) -> anyhow::Result<()> {
    if setup.settings.database.url_file.is_some() {
        pm33_app::migrate(&database(&setup.settings)?).await?;
    } else {
        // Opening the embedded database migrates it, and makes the secrets that must exist before it does.
        setup.foundation().await?.store.close().await;
    }
    output::done(setup, &[("migrated", "yes".to_owned())]);
    Ok(())
}

/// What a look through the data found.
pub(crate) struct Health {
    /// Complaints of the database.
    pub damage: Vec<String>,
    /// Every tenant's audit log.
    pub chains: Vec<Chain>,
}

/// A tenant's audit log.
pub(crate) struct Chain {
    /// The tenant.
    pub tenant: String,
    /// Rows.
    pub rows: u64,
    /// Defects.
    pub breaks: usize,
}

/// Looks through the whole database and every audit log.
pub(crate) async fn look_through(foundation: &Foundation) -> anyhow::Result<Health> {
    let damage = foundation.store.integrity().await?;
    let mut chains = Vec::new();
    for tenant in foundation.store.operator().tenants().await? {
        let (rows, breaks) = foundation.store.session(tenant.id).verify(tenant.id).await?;
        chains.push(Chain { tenant: tenant.slug, rows, breaks: breaks.len() });
    }
    Ok(Health { damage, chains })
}

/// Checks what a server needs.
pub(crate) async fn doctor(setup: &Setup) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    let mut rows = vec![
        vec![
            "settings".to_owned(),
            "ok".to_owned(),
            format!("{} set beside the defaults", setup.sources.len()),
        ],
        vec!["secrets".to_owned(), "ok".to_owned(), "readable".to_owned()],
    ];
    foundation.store.health().await?;
    rows.push(vec![
        "database".to_owned(),
        "ok".to_owned(),
        format!("answers; commits are kept: {}", foundation.store.durability().await?),
    ]);
    let health = look_through(&foundation).await?;
    for complaint in &health.damage {
        rows.push(vec!["database".to_owned(), "BROKEN".to_owned(), complaint.clone()]);
    }
    for chain in &health.chains {
        let state = if chain.breaks == 0 { "ok" } else { "BROKEN" };
        let what = format!("audit log of {}", chain.tenant);
        rows.push(vec![what, state.to_owned(), format!("{} rows", chain.rows)]);
    }
    output::rows(setup, &["what", "state", "detail"], rows);
    foundation.store.close().await;
    if !health.damage.is_empty() {
        bail!("the database file is damaged: stop the server and put a backup back");
    }
    let broken: usize = health.chains.iter().map(|chain| chain.breaks).sum();
    if broken > 0 {
        bail!("{broken} breaks in audit logs; see `pm33-admin audit verify`");
    }
    Ok(())
}
