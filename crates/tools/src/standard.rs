//! The product's catalogue: one line per toolset, resource, view and prompt.

use std::sync::Arc;

use crate::{Catalogue, backlog, documents, oversight, planning, prompts, resources, strategy, views};

/// Everything that the product offers.
///
/// # Errors
/// A text that says which tool's schema is wrong; a test builds the catalogue, so it never reaches a user.
pub fn standard() -> Result<Catalogue, String> {
    let tools = backlog::tools()?
        .into_iter()
        .chain(strategy::tools()?)
        .chain(planning::tools()?)
        .chain(documents::tools()?)
        .chain(oversight::tools()?);
    let catalogue = tools.fold(Catalogue::default(), Catalogue::with_tool);
    let catalogue = resources::all().into_iter().fold(catalogue, Catalogue::with_resource);
    let catalogue = views::all().into_iter().fold(catalogue, |all, view| all.with_resource(Arc::new(*view)));
    Ok(catalogue
        .with_prompt(Arc::new(prompts::BacklogTriage))
        .with_prompt(Arc::new(prompts::WEEKLY_REVIEW))
        .with_prompt(Arc::new(prompts::QUARTER_PLANNING))
        .with_prompt(Arc::new(prompts::COMPETITOR_BRIEF))
        .with_prompt(Arc::new(prompts::FORECAST_EXPLAINED))
        .with_prompt(Arc::new(prompts::PRD_INTERVIEW)))
}
