//! What holds for a tenant and from where: the code's default, the settings file, the environment, a flag, or the
//! tenant's own setting.

use anyhow::bail;
use clap::Subcommand;
use pm33_app::{Foundation, Source, act};
use pm33_tenancy::{Administration, Directory, Tenant, TenantSettings};
use serde_json::{Map, Value};

use crate::{Setup, care, output, output::Paging, tenant as find_tenant};

/// Settings of tenants.
#[derive(Subcommand)]
pub(crate) enum SettingsCommand {
    /// Shows every setting with its value and source: of the deployment as this command finds it (the same file,
    /// environment and flags as the server's are needed), or of a tenant.
    Show {
        /// The tenant.
        #[arg(long)]
        tenant: Option<String>,
        #[command(flatten)]
        paging: Paging,
    },
    /// Sets a tenant's own value; running servers follow within a second.
    Set {
        /// The tenant.
        tenant: String,
        /// The setting, such as `calls_per_minute_key`.
        name: String,
        /// The value: a number, or a word such as `off`.
        // A negative number is no flag: what is allowed instead is told.
        #[arg(allow_negative_numbers = true)]
        value: String,
    },
    /// Takes a tenant's own value away: the deployment's holds again.
    Unset {
        /// The tenant.
        tenant: String,
        /// The setting.
        name: String,
    },
}

/// Runs a settings command.
pub(crate) async fn run(setup: &Setup, command: SettingsCommand) -> anyhow::Result<()> {
    match command {
        SettingsCommand::Show { tenant: None, paging } => {
            output::page(setup, &paging, 1, &care::HEADINGS, care::deployment(setup)?)
        }
        SettingsCommand::Show { tenant: Some(slug), paging } => {
            let foundation = setup.foundation().await?;
            let tenant = find_tenant(&foundation, &slug).await?;
            let rows = of_tenant(setup, &foundation, &tenant).await?;
            foundation.store.close().await;
            output::page(setup, &paging, 1, &care::HEADINGS, rows)
        }
        SettingsCommand::Set { tenant, name, value } => change(setup, &tenant, &name, Some(&value)).await,
        SettingsCommand::Unset { tenant, name } => change(setup, &tenant, &name, None).await,
    }
}

fn fields(settings: &TenantSettings) -> anyhow::Result<Map<String, Value>> {
    match serde_json::to_value(settings)? {
        Value::Object(fields) => Ok(fields),
        _ => bail!("settings are no object"),
    }
}

/// Every setting that a tenant may have, with what holds and from where.
async fn of_tenant(
    setup: &Setup,
    foundation: &Foundation,
    tenant: &Tenant,
) -> anyhow::Result<Vec<Vec<String>>> {
    let session = foundation.store.operator();
    let own = fields(&session.own_settings(tenant.id).await?)?;
    let holds = fields(&session.settings(tenant.id).await?.as_set())?;
    let row = |(name, value): (String, Value)| {
        let source = if own.contains_key(&name) {
            format!("tenant {}", tenant.slug)
        } else {
            let of_ai = name.strip_prefix("ai_").map(|rest| format!("ai.{rest}"));
            let keys = [Some(format!("limits.{name}")), of_ai];
            let source = keys.into_iter().flatten().find_map(|key| setup.sources.get(&key));
            source.unwrap_or(&Source::Default).to_string()
        };
        let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        vec![name, shown, source]
    };
    Ok(holds.into_iter().map(row).collect())
}

async fn change(setup: &Setup, slug: &str, name: &str, value: Option<&str>) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    let tenant = find_tenant(&foundation, slug).await?;
    let known = fields(&foundation.store.operator().settings(tenant.id).await?.as_set())?;
    if !known.contains_key(name) {
        let all = known.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        bail!("no setting {name:?} of a tenant; there are: {all}");
    }
    let session = foundation.store.operator();
    let mut own = fields(&session.own_settings(tenant.id).await?)?;
    let days = value.and_then(|value| value.parse::<u32>().ok());
    let holds = known[name].as_str().map_or_else(|| known[name].to_string(), str::to_owned);
    let no_such = |value: &str| {
        let wanted = if known[name].is_number() { "a whole number" } else { "one of its words" };
        let about = TenantSettings::about(name).unwrap_or_default();
        format!(
            "{name} must be {wanted}, not {value:?}: {about} For example: pm33-admin settings set {} {name} {holds}",
            tenant.slug
        )
    };
    match value {
        Some(value) => {
            let value = value.parse::<u32>().map_or_else(|_| Value::from(value), Value::from);
            own.insert(name.to_owned(), value);
        }
        None if own.remove(name).is_none() => bail!("{} has no value of its own for {name}", tenant.slug),
        None => {}
    }
    let Ok(own) = serde_json::from_value::<TenantSettings>(Value::Object(own)) else {
        bail!(no_such(value.unwrap_or_default()));
    };
    own.validate()?;
    let (floor, cap) = tenant.plan.audit_days();
    if name == "audit_days" && days.is_some_and(|days| days < floor || days > cap) {
        bail!("audit_days: the plan {} allows {floor} to {cap}", tenant.plan.as_str());
    }
    session.put_settings(tenant.id, &own).await?;
    let target = Some(format!("{} {name}", tenant.slug));
    session.commit(act(tenant.id, "admin/tenant.settings", target, foundation.clock.now())).await?;
    let mut rows = of_tenant(setup, &foundation, &tenant).await?;
    rows.retain(|row| row[0] == name);
    foundation.store.close().await;
    let told: Vec<_> = care::HEADINGS.into_iter().zip(rows.into_iter().flatten()).collect();
    output::done(setup, &told);
    Ok(())
}
