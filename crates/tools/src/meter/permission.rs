//! Whether anything of this caller's may be sent to a provider at all: the one place that is asked before a hold is taken.

use std::sync::Arc;

use pm33_tenancy::{EffectiveSettings, Switch};

use super::NoModel;
use crate::ToolContext;

/// The tenant's settings as they are now, when they let AI be used.
pub(super) async fn permitted(ctx: &ToolContext<'_>) -> Result<Arc<EffectiveSettings>, NoModel> {
    let settings = ctx.ports.directory().settings(ctx.caller.tenant).await.map_err(|_| NoModel::Unread)?;
    match settings.ai_use.state {
        Switch::On => Ok(settings),
        Switch::Off => Err(NoModel::Off),
    }
}
