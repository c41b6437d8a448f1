//! Why there is no plan, with what to call about it.

use pm33_planning::schedule::PlanError;

use crate::ToolError;

/// A planning error in words that end with the next step.
pub(super) fn plan_refusal(error: &PlanError) -> ToolError {
    let next = match error {
        PlanError::Cycle(_) => "pm33_link_items with action `remove` takes one away",
        PlanError::MissingSkill { .. } => {
            "pm33_manage_team sets a team's skills, pm33_update_work_item those of the epic"
        }
        PlanError::NoCapacity { .. } => "pm33_manage_team sets capacity_per_week",
        PlanError::TooMany(_) => {
            "Call pm33_schedule_portfolio with `team`, `objective` or `label`: it plans that part, with what it waits for; or put \
             epics away that nobody will do, with pm33_update_work_item (status `cancelled`)"
        }
        PlanError::Invalid(_) | PlanError::TooLong(_) => {
            "pm33_update_work_item changes sizes, pm33_manage_team capacities"
        }
    };
    ToolError::refused(format!("there is no plan: {error}. {next}"))
}
