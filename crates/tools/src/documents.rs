//! Toolset: documents: written from the workspace's facts, read, edited by section, held against the rule gate.

mod edit_document;
mod evidence;
mod gate;
mod generate_prd;
mod get_document;
mod interview;
mod lint_document;
mod sections;
mod skeleton;
pub(crate) mod views;
mod writer;

use crate::ToolEntry;

/// The toolset's tools.
pub(crate) fn tools() -> Result<Vec<ToolEntry>, String> {
    Ok(vec![
        ToolEntry::of::<get_document::GetDocument>()?,
        ToolEntry::of::<edit_document::EditDocument>()?,
        ToolEntry::of::<lint_document::LintDocument>()?,
        ToolEntry::of::<generate_prd::GeneratePrd>()?,
    ])
}
