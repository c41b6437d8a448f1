//! A tenant's own settings over the deployment's: shown and changed.

use anyhow::{Context, bail};
use pm33_app::{Foundation, act};
use pm33_tenancy::{Administration, Directory, Tenant, TenantSettings};
use serde_json::{Map, Value};

use crate::{Setup, output};

/// Changes what is asked, and shows every setting with where it comes from.
pub(crate) async fn run(
    setup: &Setup,
    foundation: &Foundation,
    tenant: &Tenant,
    set: &[String],
) -> anyhow::Result<()> {
    let session = foundation.store.operator();
    let mut own = session.own_settings(tenant.id).await?;
    if !set.is_empty() {
        own = changed(&own, set)?;
        own.validate()?;
        session.put_settings(tenant.id, &own).await?;
        let slug = Some(tenant.slug.clone());
        session.commit(act(tenant.id, "admin/tenant.settings", slug, foundation.clock.now())).await?;
    }
    let all = foundation.store.operator().settings(tenant.id).await?;
    let row = |name: &str, value: u64, is_own: bool| {
        vec![name.to_owned(), value.to_string(), if is_own { "tenant" } else { "deployment" }.to_owned()]
    };
    let rows = vec![
        row("calls_per_minute_key", all.calls_per_minute_key.into(), own.calls_per_minute_key.is_some()),
        row(
            "calls_per_minute_tenant",
            all.calls_per_minute_tenant.into(),
            own.calls_per_minute_tenant.is_some(),
        ),
        row("session_idle_minutes", all.session_idle.as_secs() / 60, own.session_idle_minutes.is_some()),
        row("key_max_days", all.key_max_life.as_secs() / 86_400, own.key_max_days.is_some()),
        row("sessions_max", all.sessions_max.into(), own.sessions_max.is_some()),
    ];
    output::rows(setup, &["setting", "value", "from"], rows);
    Ok(())
}

/// The settings with `name=value` pairs put in; a name without a value is taken out.
fn changed(own: &TenantSettings, set: &[String]) -> anyhow::Result<TenantSettings> {
    let Value::Object(mut fields) = serde_json::to_value(own)? else { return Ok(own.clone()) };
    for pair in set {
        let Some((name, value)) = pair.split_once('=') else { bail!("{pair:?}: write NAME=VALUE") };
        put(&mut fields, name.trim(), value.trim())?;
    }
    serde_json::from_value(Value::Object(fields)).context("no such setting")
}

fn put(fields: &mut Map<String, Value>, name: &str, value: &str) -> anyhow::Result<()> {
    if value.is_empty() {
        fields.remove(name);
    } else {
        let number: u32 = value.parse().with_context(|| format!("{name}: {value:?} is no whole number"))?;
        fields.insert(name.to_owned(), number.into());
    }
    Ok(())
}
