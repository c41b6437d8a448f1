//! The product's catalogue: one line per toolset, resource and prompt.

use std::sync::Arc;

use crate::{Catalogue, backlog, prompts, resources};

/// Everything that the product offers.
///
/// # Errors
/// A text that says which tool's schema is wrong; a test builds the catalogue, so it never reaches a user.
pub fn standard() -> Result<Catalogue, String> {
    let catalogue = backlog::tools()?.into_iter().fold(Catalogue::default(), Catalogue::with_tool);
    Ok(catalogue
        .with_resource(Arc::new(resources::Workspaces))
        .with_resource(Arc::new(resources::BacklogSummary))
        .with_resource(Arc::new(resources::Item))
        .with_prompt(Arc::new(prompts::BacklogTriage)))
}
