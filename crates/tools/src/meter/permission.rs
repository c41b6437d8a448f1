//! Whether anything of this caller's may be sent to a provider at all: the one place that is asked before a hold is taken,
//! and again before each request.

use std::sync::Arc;

use pm33_tenancy::{EffectiveSettings, Switch, TenancyError, may_use_model};

use super::NoModel;
use crate::ToolContext;

/// The tenant's settings as they are now, when they let AI be used.
pub(super) async fn permitted(ctx: &ToolContext<'_>) -> Result<Arc<EffectiveSettings>, NoModel> {
    let settings = ctx.ports.directory().settings(ctx.caller.tenant).await.map_err(|_| NoModel::Unread)?;
    match settings.ai_use.state {
        Switch::Off => return Err(NoModel::Off),
        Switch::On => {}
    }
    unrestricted(ctx).await?;
    Ok(settings)
}

/// That nobody has restricted or objected to it, or was erased; that holds within a second.
pub(super) async fn unrestricted(ctx: &ToolContext<'_>) -> Result<(), NoModel> {
    match may_use_model(ctx.ports, ctx.caller.tenant, Some(ctx.caller.user)).await {
        Ok(()) => Ok(()),
        Err(stopped @ (TenancyError::Restricted { .. } | TenancyError::Erased)) => {
            Err(NoModel::Stopped(stopped.to_string()))
        }
        Err(_) => Err(NoModel::Unread),
    }
}
