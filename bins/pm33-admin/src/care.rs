//! Care of a deployment: migration, settings, a check of everything.

use anyhow::bail;
use clap::Subcommand;
use pm33_app::{Source, database};
use pm33_tenancy::{Administration, AuditLog};

use crate::{Setup, output};

/// Settings.
#[derive(Subcommand)]
pub(crate) enum ConfigCommand {
    /// Checks the settings and shows every value with where it came from.
    Check,
}

/// Shows the settings; loading has checked them.
pub(crate) fn config(setup: &Setup, command: &ConfigCommand) -> anyhow::Result<()> {
    let ConfigCommand::Check = command;
    let all = serde_json::to_value(&setup.settings)?;
    let mut rows = Vec::new();
    for (section, values) in all.as_object().into_iter().flatten() {
        for (key, value) in values.as_object().into_iter().flatten() {
            let dotted = format!("{section}.{key}");
            let source = setup.sources.get(&dotted).unwrap_or(&Source::Default).to_string();
            rows.push(vec![dotted, value.to_string(), source]);
        }
    }
    output::rows(setup, &["setting", "value", "source"], rows);
    Ok(())
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
        "answers, with the durability that is promised".to_owned(),
    ]);
    let damage = foundation.store.integrity().await?;
    for complaint in &damage {
        rows.push(vec!["database".to_owned(), "BROKEN".to_owned(), complaint.clone()]);
    }
    let mut broken = 0;
    for tenant in foundation.store.operator().tenants().await? {
        let (count, breaks) = foundation.store.session(tenant.id).verify(tenant.id).await?;
        broken += breaks.len();
        let state = if breaks.is_empty() { "ok" } else { "BROKEN" };
        rows.push(vec![format!("audit log of {}", tenant.slug), state.to_owned(), format!("{count} rows")]);
    }
    output::rows(setup, &["what", "state", "detail"], rows);
    foundation.store.close().await;
    if !damage.is_empty() {
        bail!("the database file is damaged: stop the server and put a backup back");
    }
    if broken > 0 {
        bail!("{broken} breaks in audit logs; see `pm33-admin audit verify`");
    }
    Ok(())
}
