//! Toolset: the backlog.

mod create_work_item;
mod fields;
mod import_work_items;
mod names;
mod query_backlog;
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
    ])
}
