//! Toolset: what the product is for and who works on it: mission, objectives, competitors, teams, and the bundle of it all.

mod alignment;
mod context_parts;
mod manage_competitor;
mod manage_objective;
mod manage_team;
mod objective_words;
mod score_alignment;
mod strategic_context;
mod views;

pub(crate) use context_parts::{competition, objectives as objectives_part};
pub(crate) use objective_words::strategy_summary;

use crate::ToolEntry;

/// The toolset's tools.
pub(crate) fn tools() -> Result<Vec<ToolEntry>, String> {
    Ok(vec![
        ToolEntry::of::<manage_objective::ManageObjective>()?,
        ToolEntry::of::<manage_competitor::ManageCompetitor>()?,
        ToolEntry::of::<manage_team::ManageTeam>()?,
        ToolEntry::of::<strategic_context::StrategicContext>()?,
        ToolEntry::of::<score_alignment::ScoreAlignment>()?,
    ])
}
