//! The rule gate over a document of a workspace, and the templates that a workspace has.

use pm33_product::{
    DocumentKind, DocumentTemplate, Documents, Finding, Groundedness, Linted, Section, SectionKind, Severity,
    Snapshot, Source, TemplateSection, groundedness, lint, shipped_templates,
};
use pm33_tenancy::WorkspaceRef;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{ToolContext, ToolError, words::counted};

/// Findings that are shown.
const SHOWN: usize = 100;

/// What the rule gate says.
#[derive(Serialize, JsonSchema)]
pub(super) struct Gate {
    /// Whether there is no error.
    pub(super) passes: bool,
    /// What must be mended.
    pub(super) errors: usize,
    /// What is worth a look.
    pub(super) warnings: usize,
    /// How far the statements rest on sources.
    pub(super) groundedness: Groundedness,
    /// What was found, errors first; a hundred at most.
    pub(super) findings: Vec<Finding>,
}

impl Gate {
    /// Holds sections against their template.
    pub(super) fn over(
        snapshot: &Snapshot,
        template: &DocumentTemplate,
        sections: &[Section],
        sources: &[Source],
    ) -> Self {
        let exists = |number: u32| snapshot.by_number(number).is_some();
        let linted = Linted { sections, sources, template, prefix: snapshot.prefix(), exists: &exists };
        let mut findings = lint(&linted);
        let errors = findings.iter().filter(|one| one.severity == Severity::Error).count();
        let warnings = findings.len() - errors;
        findings.truncate(SHOWN);
        Self { passes: errors == 0, errors, warnings, groundedness: groundedness(&linted), findings }
    }

    /// What it says, in a sentence.
    pub(super) fn sentence(&self) -> String {
        let rests = match self.groundedness.share {
            Some(share) => format!(
                " {} of {} cite a source that is there ({:.0} %).",
                self.groundedness.grounded,
                counted(self.groundedness.claims as usize, "statement", "statements"),
                100.0 * share
            ),
            None => String::new(),
        };
        let found = match (self.errors, self.warnings) {
            (0, 0) => "The rule gate finds nothing.".to_owned(),
            (0, warnings) => {
                format!("The rule gate is passed, with {}.", counted(warnings, "warning", "warnings"))
            }
            (errors, warnings) => format!(
                "The rule gate is closed: {} and {}.",
                counted(errors, "error", "errors"),
                counted(warnings, "warning", "warnings")
            ),
        };
        found + &rests
    }
}

/// A template by name: the workspace's own, or one of the product's.
pub(super) async fn template(
    ctx: &ToolContext<'_>,
    at: WorkspaceRef,
    name: &str,
) -> Result<DocumentTemplate, ToolError> {
    let own = Documents::templates(ctx.ports, at).await?;
    let all: Vec<_> = own.into_iter().chain(shipped_templates()).collect();
    let names: Vec<_> = all.iter().map(|one| one.name.clone()).collect();
    let asked = pm33_product::section_key(name);
    all.into_iter().find(|one| one.name == asked).ok_or_else(|| {
        ToolError::refused(format!(
            "template: no template {name:?} in this workspace; there are: {}",
            names.join(", ")
        ))
    })
}

/// The template of a document; where it is gone, one that asks for nothing.
pub(super) async fn template_of(
    ctx: &ToolContext<'_>,
    at: WorkspaceRef,
    name: &str,
) -> Result<DocumentTemplate, ToolError> {
    match template(ctx, at, name).await {
        Err(ToolError::Refused(_)) => Ok(plain(name)),
        found => found,
    }
}

fn plain(name: &str) -> DocumentTemplate {
    let section = |heading: &str, holds| TemplateSection {
        key: pm33_product::section_key(heading),
        heading: heading.to_owned(),
        holds,
        mandatory: false,
        about: String::new(),
        from: Vec::new(),
    };
    let sections =
        vec![section("Goals", SectionKind::Goals), section("Requirements", SectionKind::Requirements)];
    DocumentTemplate { name: name.to_owned(), title: name.to_owned(), kind: DocumentKind::Other, sections }
}
