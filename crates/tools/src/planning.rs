//! Toolset: planning.

mod analyze_velocity;
mod apply_scenario;
mod compare_forecasts;
pub(crate) mod competitive_threats;
mod delivery_question;
mod forecast_delivery;
mod kept_forecast;
mod left_out;
mod of_item;
mod optimize_priorities;
mod packed_sprints;
mod plan_refusal;
mod save_forecast;
mod scenario;
mod scenario_change;
mod scenario_writes;
mod schedule_portfolio;
mod scope;
mod simulate_scenario;
pub(crate) mod velocity;
mod waits;

pub(crate) use of_item::forecast_of;

use crate::ToolEntry;

/// The toolset's tools.
pub(crate) fn tools() -> Result<Vec<ToolEntry>, String> {
    Ok(vec![
        ToolEntry::of::<analyze_velocity::AnalyzeVelocity>()?,
        ToolEntry::of::<forecast_delivery::ForecastDelivery>()?,
        ToolEntry::of::<save_forecast::SaveForecast>()?,
        ToolEntry::of::<compare_forecasts::CompareForecasts>()?,
        ToolEntry::of::<optimize_priorities::OptimizePriorities>()?,
        ToolEntry::of::<schedule_portfolio::SchedulePortfolio>()?,
        ToolEntry::of::<simulate_scenario::SimulateScenario>()?,
        ToolEntry::of::<apply_scenario::ApplyScenario>()?,
        ToolEntry::of::<competitive_threats::CompetitiveThreats>()?,
    ])
}
