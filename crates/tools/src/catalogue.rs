//! Everything that a server offers: tools, resources and prompts, in a fixed order.

use std::sync::Arc;

use pm33_tenancy::IdMap;

use crate::{Prompt, Resource, Template, ToolEntry, Variables};

/// What a server offers.
#[derive(Clone, Default)]
pub struct Catalogue {
    tools: Vec<Arc<ToolEntry>>,
    by_name: IdMap<&'static str, usize>,
    resources: Vec<(Template, Arc<dyn Resource>)>,
    prompts: Vec<Arc<dyn Prompt>>,
}

impl Catalogue {
    /// Adds a tool; a later one replaces an earlier one of the same name. Lists are ordered by name.
    #[must_use]
    pub fn with_tool(mut self, tool: ToolEntry) -> Self {
        self.tools.retain(|old| old.spec.name != tool.spec.name);
        self.tools.push(Arc::new(tool));
        self.tools.sort_by_key(|tool| tool.spec.name);
        self.by_name = self.tools.iter().enumerate().map(|(index, tool)| (tool.spec.name, index)).collect();
        self
    }

    /// Adds a resource or a family of them.
    #[must_use]
    pub fn with_resource(mut self, resource: Arc<dyn Resource>) -> Self {
        self.resources.push((Template::parse(resource.spec().uri), resource));
        self
    }

    /// Adds a prompt.
    #[must_use]
    pub fn with_prompt(mut self, prompt: Arc<dyn Prompt>) -> Self {
        self.prompts.push(prompt);
        self.prompts.sort_by_key(|prompt| prompt.spec().name);
        self
    }

    /// Tools by name.
    pub fn tools(&self) -> &[Arc<ToolEntry>] {
        &self.tools
    }

    /// A tool by name.
    pub fn tool(&self, name: &str) -> Option<&Arc<ToolEntry>> {
        self.by_name.get(name).and_then(|index| self.tools.get(*index))
    }

    /// Resources and families, as added.
    pub fn resources(&self) -> impl Iterator<Item = &Arc<dyn Resource>> {
        self.resources.iter().map(|(_, resource)| resource)
    }

    /// The resource that a URI belongs to, with its variables.
    pub fn resource(&self, uri: &str) -> Option<(&Arc<dyn Resource>, Variables)> {
        self.resources.iter().find_map(|(template, resource)| Some((resource, template.matches(uri)?)))
    }

    /// Prompts by name.
    pub fn prompts(&self) -> &[Arc<dyn Prompt>] {
        &self.prompts
    }

    /// A prompt by name.
    pub fn prompt(&self, name: &str) -> Option<&Arc<dyn Prompt>> {
        self.prompts.iter().find(|prompt| prompt.spec().name == name)
    }
}

impl std::fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Catalogue").field("tools", &self.tools).finish_non_exhaustive()
    }
}
