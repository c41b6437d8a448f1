//! Toolset: planning.

mod analyze_velocity;
mod forecast_delivery;
mod scope;
pub(crate) mod velocity;

use crate::ToolEntry;

/// The toolset's tools.
pub(crate) fn tools() -> Result<Vec<ToolEntry>, String> {
    Ok(vec![
        ToolEntry::of::<analyze_velocity::AnalyzeVelocity>()?,
        ToolEntry::of::<forecast_delivery::ForecastDelivery>()?,
    ])
}
