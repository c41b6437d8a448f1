//! Toolset: planning.

mod analyze_velocity;
mod competitive_threats;
mod forecast_delivery;
mod optimize_priorities;
mod schedule_portfolio;
mod scope;
pub(crate) mod velocity;

use crate::ToolEntry;

/// The toolset's tools.
pub(crate) fn tools() -> Result<Vec<ToolEntry>, String> {
    Ok(vec![
        ToolEntry::of::<analyze_velocity::AnalyzeVelocity>()?,
        ToolEntry::of::<forecast_delivery::ForecastDelivery>()?,
        ToolEntry::of::<optimize_priorities::OptimizePriorities>()?,
        ToolEntry::of::<schedule_portfolio::SchedulePortfolio>()?,
        ToolEntry::of::<competitive_threats::CompetitiveThreats>()?,
    ])
}
