//! Documents: written section by section, kept version by version, each fact with the source that it is from.

mod diff;
mod lint;
mod markdown;
mod port;
mod prose;
mod template;

use pm33_tenancy::{Timestamp, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::{
    diff::{DiffLine, DiffOp, SectionChange, SectionDiff, diff},
    lint::{
        Entry, Finding, Groundedness, Linted, Rule as LintRule, Severity, entries, groundedness, lint,
        question_numbers,
    },
    markdown::{Parsed, parse as parse_markdown, write as write_markdown},
    port::{DocumentHead, DocumentVersion, Documents},
    prose::sentences,
    template::{DocumentTemplate, SectionKind, TEMPLATES_MAX, TemplateSection, shipped as shipped_templates},
};
use crate::{DocumentId, DocumentKind, DocumentStatus, ItemId, ProductError, TITLE_MAX};

/// Most sections of a document.
pub const SECTIONS_MAX: usize = 60;
/// Longest text of a section, in characters.
pub const SECTION_MAX: usize = 65_536;
/// Longest document, in characters.
pub const DOCUMENT_MAX: usize = 262_144;
/// The heading of the sources in Markdown, as a key.
const SOURCES: &str = "sources";
/// Most sources of a document.
pub const SOURCES_MAX: usize = 500;

/// A document at one version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Document {
    /// Identifier.
    pub id: DocumentId,
    /// Raised by every change, from 1; every version is kept.
    pub version: u32,
    /// What sort of document.
    #[serde(rename = "type")]
    pub kind: DocumentKind,
    /// Name of the template that it follows.
    pub template: String,
    /// Title, 1 to 500 characters.
    pub title: String,
    /// How far it is agreed.
    pub status: DocumentStatus,
    /// The work item that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<ItemId>,
    /// Sections in order; their keys are unique.
    pub sections: Vec<Section>,
    /// What its facts are from; their ids are unique.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// How this version came about.
    pub provenance: Provenance,
    /// Who wrote this version; not carried in archives.
    #[serde(skip)]
    pub author: Option<UserId>,
    /// When the document was begun.
    pub created: Timestamp,
    /// When this version was written.
    pub updated: Timestamp,
}

/// A section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Section {
    /// Name inside the document: lower-case letters, digits and underscores.
    pub key: String,
    /// Heading, one line.
    pub heading: String,
    /// Markdown; headings in it begin at the third level.
    pub text: String,
    /// Who wrote the text.
    pub made_by: MadeBy,
    /// The version in which it last changed.
    pub version: u32,
}

/// Who wrote a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MadeBy {
    /// A person, or an agent in a person's name.
    Person,
    /// This program, from the workspace's facts alone.
    Evidence,
    /// A language model, from the workspace's facts.
    Model,
}

impl MadeBy {
    /// In words.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Person => "written by a person",
            Self::Evidence => "an evidence skeleton, made without a model",
            Self::Model => "written by a model",
        }
    }
}

/// How a version came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Provenance {
    /// Who made it.
    pub made_by: MadeBy,
    /// The provider of the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The model, by its dated name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Hash of the prompt's template: everything constant that the model was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// What it cost, in millionths of a credit.
    #[serde(default)]
    pub micro_credits: i64,
    /// What was changed and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Provenance {
    /// Of a person's hand.
    pub const fn person(note: Option<String>) -> Self {
        Self { made_by: MadeBy::Person, provider: None, model: None, prompt: None, micro_credits: 0, note }
    }
}

/// Where a fact is from, with the fact as it was read then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// What sections cite it by, in square brackets: `S1`, `S2`, …
    pub id: String,
    /// What sort of fact.
    pub kind: SourceKind,
    /// Where to read it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// Its name.
    pub title: String,
    /// What it said.
    pub text: String,
    /// The time that it was true for.
    pub as_of: Timestamp,
}

/// What sort of fact a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// The item that the document is about.
    Item,
    /// An item below it.
    Child,
    /// An item that it waits for, or that waits for it.
    Dependency,
    /// An objective with its key results.
    Objective,
    /// The workspace's mission.
    Mission,
    /// A competitor's capability against ours.
    Competitor,
    /// A delivery forecast.
    Forecast,
    /// A team's pace.
    Velocity,
    /// An item whose title says much the same.
    Similar,
    /// What a person answered when asked.
    Answer,
    /// What a person gave as a reference.
    Reference,
}

impl SourceKind {
    /// Every sort.
    pub const ALL: [Self; 11] = [
        Self::Item,
        Self::Child,
        Self::Dependency,
        Self::Objective,
        Self::Mission,
        Self::Competitor,
        Self::Forecast,
        Self::Velocity,
        Self::Similar,
        Self::Answer,
        Self::Reference,
    ];

    /// The word in Markdown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Item => "item",
            Self::Child => "child",
            Self::Dependency => "dependency",
            Self::Objective => "objective",
            Self::Mission => "mission",
            Self::Competitor => "competitor",
            Self::Forecast => "forecast",
            Self::Velocity => "velocity",
            Self::Similar => "similar",
            Self::Answer => "answer",
            Self::Reference => "reference",
        }
    }
}

impl Section {
    /// A section whose text is put into form: no heading above the third level, no space at its ends.
    pub fn new(key: impl Into<String>, heading: &str, text: &str, made_by: MadeBy, version: u32) -> Self {
        let heading = heading.split_whitespace().collect::<Vec<_>>().join(" ");
        let heading = prose::words(heading.trim_start_matches('#')).to_owned();
        Self { key: key.into(), heading, text: prose::demoted(text), made_by, version }
    }
}

/// A section's key from its heading: `Open questions` is `open_questions`.
pub fn section_key(heading: &str) -> String {
    let mut key = String::new();
    for sign in heading.chars().flat_map(char::to_lowercase) {
        if sign.is_alphanumeric() {
            key.push(sign);
        } else if !key.is_empty() && !key.ends_with('_') {
            key.push('_');
        }
    }
    let key: String = key.trim_end_matches('_').chars().take(60).collect();
    if key.is_empty() { "section".to_owned() } else { key }
}

impl Document {
    /// A section by its key, or by its heading in any case.
    pub fn section(&self, asked: &str) -> Option<&Section> {
        let key = section_key(asked);
        self.sections
            .iter()
            .find(|one| one.key == asked)
            .or_else(|| self.sections.iter().find(|one| one.key == key))
    }

    /// Characters of all that is written in it.
    pub fn chars(&self) -> usize {
        self.sections.iter().map(|one| one.text.chars().count() + one.heading.chars().count()).sum()
    }

    /// Whether another version says the same.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let words = |one: &Self| {
            let sections =
                one.sections.iter().map(|one| (one.key.clone(), one.heading.clone(), one.text.clone()));
            sections.collect::<Vec<_>>()
        };
        (&self.title, self.status, self.kind, &self.template, self.about, &self.sources)
            == (&other.title, other.status, other.kind, &other.template, other.about, &other.sources)
            && words(self) == words(other)
    }

    /// Checks lengths and that names are given once.
    ///
    /// # Errors
    /// [`ProductError::Invalid`] names what is too long, too many or given twice.
    pub fn check(&self) -> Result<(), ProductError> {
        let title = self.title.trim().chars().count();
        if title == 0 || title > TITLE_MAX {
            return Err(ProductError::invalid("title", format!("must have 1 to {TITLE_MAX} characters")));
        }
        if self.sections.is_empty() || self.sections.len() > SECTIONS_MAX {
            return Err(ProductError::invalid(
                "sections",
                format!("a document has 1 to {SECTIONS_MAX} sections"),
            ));
        }
        let mut seen = std::collections::BTreeSet::new();
        for section in &self.sections {
            let heading = section.heading.chars().count();
            if section.key == SOURCES {
                let rule = "sources are kept beside the sections, not in one; name the section otherwise";
                return Err(ProductError::invalid("sections", rule));
            }
            if section.key != section_key(&section.key) || !seen.insert(section.key.as_str()) {
                let rule = format!("the section key {:?} is malformed or given twice", section.key);
                return Err(ProductError::invalid("sections", rule));
            }
            if heading == 0 || heading > 200 {
                let rule = format!("the heading of {:?} must have 1 to 200 characters", section.key);
                return Err(ProductError::invalid("sections", rule));
            }
            if section.text.chars().count() > SECTION_MAX {
                let rule = format!("{:?} is longer than {SECTION_MAX} characters; part it", section.key);
                return Err(ProductError::invalid("sections", rule));
            }
        }
        if self.chars() > DOCUMENT_MAX {
            let rule = format!("a document has at most {DOCUMENT_MAX} characters; part it into several");
            return Err(ProductError::invalid("sections", rule));
        }
        let mut ids = std::collections::BTreeSet::new();
        if self.sources.len() > SOURCES_MAX || !self.sources.iter().all(|one| ids.insert(one.id.as_str())) {
            let rule = format!("at most {SOURCES_MAX}, each with an id of its own");
            return Err(ProductError::invalid("sources", rule));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_from_headings() {
        for (heading, key) in [
            ("Open questions", "open_questions"),
            (" 2. Non-goals! ", "2_non_goals"),
            ("Über uns", "über_uns"),
            ("***", "section"),
        ] {
            assert_eq!(section_key(heading), key);
            assert_eq!(section_key(key), key, "a key is its own key");
        }
    }
}
