//! Templates: which sections a document has, what belongs in each, and which rules hold there.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{SourceKind, section_key};
use crate::{DocumentKind, ProductError};

/// Most templates of a workspace's own.
pub const TEMPLATES_MAX: usize = 50;

/// A template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentTemplate {
    /// Name to ask for it by: lower-case letters, digits and underscores.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// The sort of document that comes of it.
    #[serde(rename = "type")]
    pub kind: DocumentKind,
    /// Sections in order.
    pub sections: Vec<TemplateSection>,
}

/// A section of a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateSection {
    /// Its key in documents; made from the heading where it is absent.
    #[serde(default)]
    pub key: String,
    /// Heading.
    pub heading: String,
    /// Which rules hold in it.
    #[serde(default)]
    pub holds: SectionKind,
    /// Whether a document without it is unfinished.
    #[serde(default)]
    pub mandatory: bool,
    /// What belongs in it, in a sentence or two.
    #[serde(default)]
    pub about: String,
    /// The sorts of facts that it is written from.
    #[serde(default)]
    pub from: Vec<SourceKind>,
}

/// What a section holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SectionKind {
    /// Sentences.
    #[default]
    Prose,
    /// Goals, each with a metric, a baseline and a target.
    Goals,
    /// Requirements, each with an id, a priority, an acceptance criterion and the goal that it serves.
    Requirements,
    /// Open questions, each with an owner.
    Questions,
}

impl SectionKind {
    /// What a heading that no template knows seems to hold.
    pub fn guess(heading: &str) -> Self {
        let words = section_key(heading);
        let has = |part: &str| words.contains(part);
        if has("question") {
            Self::Questions
        } else if has("non_goal") || has("out_of_scope") {
            Self::Prose
        } else if has("requirement") || has("user_stor") {
            Self::Requirements
        } else if has("goal") || has("success") || has("key_result") {
            Self::Goals
        } else {
            Self::Prose
        }
    }
}

impl DocumentTemplate {
    /// The template's section for a document's section, by key.
    pub fn section(&self, key: &str) -> Option<&TemplateSection> {
        self.sections.iter().find(|one| one.key == key)
    }

    /// Whether some section holds this.
    pub fn holds(&self, kind: SectionKind) -> bool {
        self.sections.iter().any(|one| one.holds == kind)
    }

    /// The template with the keys that were left out.
    #[must_use]
    pub fn completed(mut self) -> Self {
        for section in &mut self.sections {
            if section.key.is_empty() {
                section.key = section_key(&section.heading);
            }
        }
        self
    }

    /// Checks names, lengths and that keys are given once.
    ///
    /// # Errors
    /// [`ProductError::Invalid`] names what is wrong.
    pub fn check(&self) -> Result<(), ProductError> {
        let refuse = |rule: String| Err(ProductError::invalid("template", rule));
        if self.name != section_key(&self.name) || !self.name.is_ascii() {
            return refuse(format!(
                "the name {:?} must be lower-case letters, digits and underscores",
                self.name
            ));
        }
        if shipped().iter().any(|one| one.name == self.name) {
            return refuse(format!("{:?} is one of the product's own; give yours another name", self.name));
        }
        if !(1..=200).contains(&self.title.trim().chars().count()) {
            return refuse("the title must have 1 to 200 characters".to_owned());
        }
        if !(1..=30).contains(&self.sections.len()) {
            return refuse("a template has 1 to 30 sections".to_owned());
        }
        let mut seen = std::collections::BTreeSet::new();
        for section in &self.sections {
            if section.key != section_key(&section.key) || !seen.insert(&section.key) {
                return refuse(format!("the section key {:?} is malformed or given twice", section.key));
            }
            if !(1..=200).contains(&section.heading.trim().chars().count())
                || section.about.chars().count() > 1_000
            {
                return refuse(format!(
                    "{:?}: a heading has 1 to 200 characters, what it is about at most 1,000",
                    section.key
                ));
            }
        }
        Ok(())
    }
}

/// The templates that come with the product.
pub fn shipped() -> Vec<DocumentTemplate> {
    SHIPPED.iter().map(Shipped::template).collect()
}

struct Shipped {
    name: &'static str,
    title: &'static str,
    kind: DocumentKind,
    sections: &'static [(&'static str, SectionKind, bool, &'static str, &'static [SourceKind])],
}

impl Shipped {
    fn template(&self) -> DocumentTemplate {
        let section =
            |(heading, holds, mandatory, about, from): &(&str, SectionKind, bool, &str, &[SourceKind])| {
                TemplateSection {
                    key: section_key(heading),
                    heading: (*heading).to_owned(),
                    holds: *holds,
                    mandatory: *mandatory,
                    about: (*about).to_owned(),
                    from: from.to_vec(),
                }
            };
        DocumentTemplate {
            name: self.name.to_owned(),
            title: self.title.to_owned(),
            kind: self.kind,
            sections: self.sections.iter().map(section).collect(),
        }
    }
}

use SectionKind::{Goals, Prose, Questions, Requirements};
use SourceKind::{
    Answer, Child, Competitor, Dependency, Forecast, Item, Mission, Objective, Reference, Similar, Velocity,
};

const PROBLEM: &str =
    "Whose problem it is, what happens today, and what shows that it is worth solving. No solution.";
const GOALS: &str = "What is to be true afterwards: each goal with an id, a metric, a baseline and a target.";
const REQUIREMENTS: &str = "What must be built: each requirement with an id, a priority, an acceptance criterion and the goal it serves.";
const QUESTIONS: &str = "What is not known, each with the person who is to find out.";
const RISKS: &str = "What can go wrong, what would show it early, and what is done against it.";

const SHIPPED: &[Shipped] = &[
    Shipped {
        name: "prd",
        title: "Product requirements",
        kind: DocumentKind::Prd,
        sections: &[
            ("Problem", Prose, true, PROBLEM, &[Item, Answer, Reference]),
            (
                "Users",
                Prose,
                true,
                "Who has the problem and who decides; what each wants to get done.",
                &[Item, Answer, Reference],
            ),
            (
                "Strategy",
                Prose,
                false,
                "Which objectives and which mission it serves, and how.",
                &[Mission, Objective],
            ),
            ("Goals", Goals, true, GOALS, &[Objective, Answer]),
            (
                "Non-goals",
                Prose,
                true,
                "What one could expect of it and will not get.",
                &[Item, Similar, Answer],
            ),
            ("Requirements", Requirements, true, REQUIREMENTS, &[Item, Child, Answer]),
            (
                "Competition",
                Prose,
                false,
                "What others offer, how far we have it, what this closes.",
                &[Competitor],
            ),
            (
                "Delivery",
                Prose,
                true,
                "What it waits for, what waits for it, when it is likely to be finished, and by whose pace.",
                &[Dependency, Forecast, Velocity, Child],
            ),
            ("Risks", Prose, true, RISKS, &[Item, Dependency, Forecast, Answer]),
            ("Open questions", Questions, false, QUESTIONS, &[]),
        ],
    },
    Shipped {
        name: "one_pager",
        title: "One-pager",
        kind: DocumentKind::OnePager,
        sections: &[
            ("Problem", Prose, true, PROBLEM, &[Item, Answer, Reference]),
            ("Proposal", Prose, true, "What we would do, in a paragraph.", &[Item, Child, Answer]),
            ("Goals", Goals, true, GOALS, &[Objective, Answer]),
            (
                "Delivery",
                Prose,
                false,
                "What it waits for and when it is likely to be finished.",
                &[Dependency, Forecast, Velocity],
            ),
            ("Open questions", Questions, false, QUESTIONS, &[]),
        ],
    },
    Shipped {
        name: "lean",
        title: "Lean: problem, bet, success",
        kind: DocumentKind::Brief,
        sections: &[
            ("Problem", Prose, true, PROBLEM, &[Item, Answer, Reference]),
            (
                "Bet",
                Prose,
                true,
                "What we believe will solve it, for whom, and what would prove us wrong.",
                &[Item, Child, Competitor, Answer],
            ),
            ("Success", Goals, true, GOALS, &[Objective, Answer]),
            ("Open questions", Questions, false, QUESTIONS, &[]),
        ],
    },
    Shipped {
        name: "ai_feature",
        title: "AI feature",
        kind: DocumentKind::Prd,
        sections: &[
            ("Problem", Prose, true, PROBLEM, &[Item, Answer, Reference]),
            (
                "Users",
                Prose,
                true,
                "Who uses it, and who is affected without using it.",
                &[Item, Answer, Reference],
            ),
            ("Goals", Goals, true, GOALS, &[Objective, Answer]),
            (
                "Model behaviour",
                Prose,
                true,
                "What the model does and must never do; what it is given; how its answers are shown to be a model's.",
                &[Item, Child, Answer],
            ),
            (
                "Data and privacy",
                Prose,
                true,
                "Which data goes where, on what ground, for how long; what leaves the house.",
                &[Item, Answer],
            ),
            (
                "Evaluation",
                Prose,
                true,
                "Which cases it is tried on, who judges, and below what it does not ship.",
                &[Item, Answer],
            ),
            (
                "Failure and fallback",
                Prose,
                true,
                "What people see when the model is wrong, slow or off, and how they get on.",
                &[Item, Answer],
            ),
            (
                "Cost and latency",
                Prose,
                true,
                "What a use may cost and how long it may take, and what happens beyond.",
                &[Item, Answer],
            ),
            ("Requirements", Requirements, true, REQUIREMENTS, &[Item, Child, Answer]),
            (
                "Delivery",
                Prose,
                false,
                "What it waits for and when it is likely to be finished.",
                &[Dependency, Forecast, Velocity],
            ),
            ("Risks", Prose, true, RISKS, &[Item, Dependency, Competitor, Answer]),
            ("Open questions", Questions, false, QUESTIONS, &[]),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shipped_is_well_formed_and_its_headings_speak_for_themselves() {
        let all = shipped();
        assert_eq!(
            all.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(),
            ["prd", "one_pager", "lean", "ai_feature"]
        );
        for template in &all {
            assert!(template.clone().check().is_err(), "the product's names are its own");
            let renamed = DocumentTemplate { name: "own".to_owned(), ..template.clone() };
            assert!(renamed.check().is_ok(), "{}", template.name);
            for section in &template.sections {
                assert_eq!(SectionKind::guess(&section.heading), section.holds, "{}", section.heading);
                assert!(!section.about.is_empty());
            }
        }
    }

    #[test]
    fn a_template_of_ones_own_needs_headings_only() {
        let text = r#"{"name":"decision","title":"Decision","type":"other","sections":[{"heading":"What we decided"},{"heading":"Why","mandatory":true}]}"#;
        let own: DocumentTemplate = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}"));
        let own = own.completed();
        assert!(own.check().is_ok());
        assert_eq!(own.section("what_we_decided").map(|one| one.holds), Some(SectionKind::Prose));
        let twice =
            DocumentTemplate { sections: vec![own.sections[0].clone(), own.sections[0].clone()], ..own };
        assert!(twice.check().is_err());
    }
}
