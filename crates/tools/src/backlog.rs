//! Toolset: the backlog.

mod batch_work_items;
mod create_work_item;
pub(crate) mod fields;
mod find_similar;
mod import_work_items;
mod link_items;
mod link_objective;
pub(crate) mod names;
pub(crate) mod place;
mod query_backlog;
mod rows;
mod update_work_item;
pub(crate) mod view;

use crate::ToolEntry;

/// The toolset's tools.
pub(crate) fn tools() -> Result<Vec<ToolEntry>, String> {
    Ok(vec![
        ToolEntry::of::<query_backlog::QueryBacklog>()?,
        ToolEntry::of::<create_work_item::CreateWorkItem>()?,
        ToolEntry::of::<update_work_item::UpdateWorkItem>()?,
        ToolEntry::of::<import_work_items::ImportWorkItems>()?,
        ToolEntry::of::<batch_work_items::BatchWorkItems>()?,
        ToolEntry::of::<find_similar::FindSimilar>()?,
        ToolEntry::of::<link_items::LinkItems>()?,
        ToolEntry::of::<link_objective::LinkObjective>()?,
    ])
}
