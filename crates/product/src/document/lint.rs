//! The rule gate: what must hold before a document is one that people can build from. Plain rules over text, no model.

mod claims;
mod entries;
mod numbers;
mod vague;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::{
    claims::Groundedness,
    entries::{Entry, entries},
};
use super::{DocumentTemplate, MadeBy, Section, SectionKind, Source};

/// What is looked at.
#[derive(Clone, Copy)]
pub struct Linted<'a> {
    /// Sections.
    pub sections: &'a [Section],
    /// What they may cite.
    pub sources: &'a [Source],
    /// The template that they follow.
    pub template: &'a DocumentTemplate,
    /// The workspace's prefix of item keys.
    pub prefix: &'a str,
    /// Whether an item of this number is there.
    pub exists: &'a (dyn Fn(u32) -> bool + Sync),
}

/// Something that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// How much it matters.
    pub severity: Severity,
    /// Key of the section.
    pub section: String,
    /// Id of the requirement, goal or question, or the word or number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// What is wrong and what to do.
    pub message: String,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The gate is closed until it is mended.
    Error,
    /// Worth a look; the gate stays open.
    Warning,
}

/// A rule of the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// A mandatory section is not there.
    MissingSection,
    /// A mandatory section says nothing.
    EmptySection,
    /// A section of requirements, goals or questions has none.
    NothingListed,
    /// A requirement, goal or question has no id.
    Id,
    /// An id is given twice.
    DuplicateId,
    /// A requirement has no priority.
    Priority,
    /// A requirement has no acceptance criterion.
    Acceptance,
    /// A goal has no metric.
    Metric,
    /// A goal has no baseline.
    Baseline,
    /// A goal has no target.
    Target,
    /// A requirement serves no goal, or nothing serves a goal.
    Orphan,
    /// A word that nobody can check stands in a requirement.
    VagueWord,
    /// A cited id is not there.
    UnknownCitation,
    /// A number is in no source.
    UnsourcedNumber,
    /// A statement of a made section cites nothing that is there.
    UnsourcedClaim,
    /// An open question has no owner.
    Owner,
    /// A mark of unfinished text.
    Placeholder,
}

/// Looks through a document; errors first, then in the order of the text.
pub fn lint(document: &Linted<'_>) -> Vec<Finding> {
    let mut findings = Findings(Vec::new());
    sections(document, &mut findings);
    let ids = Ids::of(document);
    ids.duplicates(&mut findings);
    for section in document.sections {
        let kind = kind_of(document.template, section);
        if matches!(kind, SectionKind::Prose) {
            prose_rules(section, &mut findings);
        } else {
            listed(section, kind, &ids, &mut findings);
        }
        if kind != SectionKind::Questions {
            placeholders(section, &mut findings);
            numbers_rule(document, section, &mut findings);
        }
        claims::check(document, section, kind, &ids, &mut findings);
    }
    ids.orphans(document.template, &mut findings);
    findings.0.sort_by_key(|one| one.severity);
    findings.0
}

/// The share of statements that cite a source which is there.
pub fn groundedness(document: &Linted<'_>) -> Groundedness {
    claims::groundedness(document, &Ids::of(document))
}

/// Puts `word(number)` in the place of each number of a text that is in no source.
pub fn question_numbers(text: &str, sources: &[Source], mut word: impl FnMut(&str) -> String) -> String {
    let known = numbers::known(sources);
    let mut out = String::new();
    let mut told = 0;
    for found in numbers::numbers(text, numbers::Words::Too) {
        if !known.contains(&found.value) {
            out.push_str(text.get(told..found.start).unwrap_or_default());
            out.push_str(&word(&found.shown));
            told = found.end;
        }
    }
    out.push_str(text.get(told..).unwrap_or_default());
    out
}

/// What a section holds: as its template says, or as its heading sounds.
pub(super) fn kind_of(template: &DocumentTemplate, section: &Section) -> SectionKind {
    template.section(&section.key).map_or_else(|| SectionKind::guess(&section.heading), |one| one.holds)
}

struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, rule: Rule, severity: Severity, section: &str, subject: Option<&str>, message: String) {
        let subject = subject.map(str::to_owned);
        let one = Finding { rule, severity, section: section.to_owned(), subject, message };
        if !self.0.contains(&one) {
            self.0.push(one);
        }
    }

    fn error(&mut self, rule: Rule, section: &str, subject: Option<&str>, message: impl Into<String>) {
        self.add(rule, Severity::Error, section, subject, message.into());
    }

    fn warning(&mut self, rule: Rule, section: &str, subject: Option<&str>, message: impl Into<String>) {
        self.add(rule, Severity::Warning, section, subject, message.into());
    }
}

/// The ids that a document defines, with where.
pub(super) struct Ids {
    goals: BTreeMap<String, String>,
    requirements: Vec<(String, String, Entry)>,
    questions: BTreeSet<String>,
    /// Each id with each section that gives it.
    all: Vec<(String, String)>,
}

impl Ids {
    fn of(document: &Linted<'_>) -> Self {
        let mut ids = Self {
            goals: BTreeMap::new(),
            requirements: Vec::new(),
            questions: BTreeSet::new(),
            all: Vec::new(),
        };
        for section in document.sections {
            let kind = kind_of(document.template, section);
            if kind == SectionKind::Prose {
                continue;
            }
            for entry in entries(&section.text) {
                let Some(id) = entry.id.clone() else { continue };
                ids.all.push((id.clone(), section.key.clone()));
                match kind {
                    SectionKind::Goals => {
                        ids.goals.insert(id, section.key.clone());
                    }
                    SectionKind::Requirements => ids.requirements.push((id, section.key.clone(), entry)),
                    _ => {
                        ids.questions.insert(id);
                    }
                }
            }
        }
        ids
    }

    fn duplicates(&self, findings: &mut Findings) {
        let mut seen = BTreeSet::new();
        for (id, section) in &self.all {
            if !seen.insert(id) {
                findings.error(
                    Rule::DuplicateId,
                    section,
                    Some(id),
                    format!("{id} is given twice; give each its own id"),
                );
            }
        }
    }

    fn orphans(&self, template: &DocumentTemplate, findings: &mut Findings) {
        if !(template.holds(SectionKind::Goals) && template.holds(SectionKind::Requirements)) {
            return;
        }
        let mut served = BTreeSet::new();
        for (id, section, entry) in &self.requirements {
            let goals: Vec<_> =
                entry.mentioned().filter(|word| self.goals.contains_key(*word)).map(str::to_owned).collect();
            let open = entry.field(&["goals", "goal", "serves"]).unwrap_or_default();
            let open = entries::ids_in(&open).find(|id| self.questions.contains(*id));
            if let (true, Some(question)) = (goals.is_empty(), open) {
                findings.warning(
                    Rule::Orphan,
                    section,
                    Some(id),
                    format!("which goal {id} serves is open: {question}"),
                );
            } else if goals.is_empty() {
                let known: Vec<_> = self.goals.keys().map(String::as_str).collect();
                let known =
                    if known.is_empty() { "no goal has an id yet".to_owned() } else { known.join(", ") };
                findings.error(
                    Rule::Orphan,
                    section,
                    Some(id),
                    format!("{id} serves no goal; write `Goal: ID` in it, or drop it ({known})"),
                );
            }
            served.extend(goals);
        }
        for (goal, section) in self.goals.iter().filter(|(goal, _)| !served.contains(*goal)) {
            findings.error(
                Rule::Orphan,
                section,
                Some(goal),
                format!("no requirement serves {goal}; name it in those that do, or drop the goal"),
            );
        }
    }

    fn defines(&self, id: &str) -> bool {
        self.all.iter().any(|(one, _)| one == id)
    }

    /// Whether ids of these letters are given in the document.
    fn uses_letters(&self, letters: &str) -> bool {
        self.all.iter().any(|(one, _)| one.trim_end_matches(|sign: char| sign.is_ascii_digit()) == letters)
    }
}

fn sections(document: &Linted<'_>, findings: &mut Findings) {
    for wanted in document.template.sections.iter().filter(|one| one.mandatory) {
        match document.sections.iter().find(|one| one.key == wanted.key) {
            None => findings.error(
                Rule::MissingSection,
                &wanted.key,
                None,
                format!("the section {:?} is missing: {}", wanted.heading, wanted.about),
            ),
            Some(section) if !section.text.chars().any(char::is_alphanumeric) => findings.error(
                Rule::EmptySection,
                &wanted.key,
                None,
                format!("{:?} says nothing: {}", wanted.heading, wanted.about),
            ),
            Some(_) => {}
        }
    }
}

/// Requirements, goals and questions, each by itself.
fn listed(section: &Section, kind: SectionKind, ids: &Ids, findings: &mut Findings) {
    let found = entries(&section.text);
    let what = match kind {
        SectionKind::Goals => "goal",
        SectionKind::Requirements => "requirement",
        _ => "question",
    };
    let says_none = section.text.trim().trim_end_matches('.').eq_ignore_ascii_case("none");
    if found.is_empty() && !section.text.is_empty() && !(kind == SectionKind::Questions && says_none) {
        findings.error(
            Rule::NothingListed,
            &section.key,
            None,
            format!(
                "no {what} is found in {:?}; write each as a list item that begins with its id",
                section.heading
            ),
        );
    }
    for (place, entry) in (1..).zip(&found) {
        let named = entry.id.clone().unwrap_or_else(|| format!("{what} {place}"));
        let subject = Some(named.as_str());
        if entry.id.is_none() {
            let letter = what.chars().next().unwrap_or('r').to_ascii_uppercase();
            findings.error(
                Rule::Id,
                &section.key,
                subject,
                format!("{named} ({:?}) has no id; begin it with one such as {letter}{place}", entry.start()),
            );
        }
        let mut needs = |rule: Rule, value: Option<String>, what: &str, how: &str| match value {
            Some(value) if !entries::is_blank(&value) => {
                let question = entries::ids_in(&value).find(|id| ids.questions.contains(*id));
                match question {
                    Some(question) => {
                        let message = format!("the {what} of {named} is open: {question}");
                        findings.warning(rule, &section.key, subject, message);
                    }
                    None if value.to_lowercase().starts_with("open question") => {
                        let message =
                            format!("the {what} of {named} is left to a question that nobody asks; add it");
                        findings.error(rule, &section.key, subject, message);
                    }
                    None => {}
                }
            }
            _ => findings.error(rule, &section.key, subject, format!("{named} has no {what}; {how}")),
        };
        match kind {
            SectionKind::Requirements => {
                needs(
                    Rule::Priority,
                    entry.priority(),
                    "priority",
                    "write (must), (should), (could), or `Priority: high`",
                );
                needs(
                    Rule::Acceptance,
                    entry.acceptance(),
                    "acceptance criterion",
                    "write `Acceptance: …` so that it can be tried",
                );
                vague_words(section, subject, &entry.text, findings);
            }
            SectionKind::Goals => {
                needs(
                    Rule::Metric,
                    entry.field(&["metric", "measured by", "measure"]),
                    "metric",
                    "write `Metric: …`",
                );
                needs(
                    Rule::Baseline,
                    entry.field(&["baseline"]),
                    "baseline",
                    "write `Baseline: …`, where it is today",
                );
                needs(
                    Rule::Target,
                    entry.field(&["target"]),
                    "target",
                    "write `Target: …`, where it is to be",
                );
            }
            _ => {
                if entry.field(&["owner"]).is_none_or(|owner| entries::is_blank(&owner)) {
                    let message = format!("{named} has no owner; write `Owner: …`, who is to find out");
                    findings.warning(Rule::Owner, &section.key, subject, message);
                }
            }
        }
    }
}

fn vague_words(section: &Section, subject: Option<&str>, text: &str, findings: &mut Findings) {
    for (word, instead) in vague::vague(text) {
        let of = subject.map(|subject| format!(" in {subject}")).unwrap_or_default();
        findings.warning(
            Rule::VagueWord,
            &section.key,
            Some(&word),
            format!("{word:?}{of} cannot be checked; {instead}"),
        );
    }
}

/// Demands hide in prose too.
fn prose_rules(section: &Section, findings: &mut Findings) {
    for sentence in super::prose::sentences(&section.text) {
        let words: Vec<_> =
            sentence.split(|sign: char| !sign.is_alphanumeric()).map(str::to_lowercase).collect();
        if words.iter().any(|word| ["must", "shall"].contains(&word.as_str())) {
            vague_words(section, None, &sentence, findings);
        }
    }
}

fn placeholders(section: &Section, findings: &mut Findings) {
    let upper = section.text.to_uppercase();
    for mark in ["TBD", "TODO", "FIXME", "LOREM IPSUM", "???", "[INSERT", "<INSERT"] {
        let is_word = |at: usize| {
            let before = upper.get(..at).and_then(|text| text.chars().next_back());
            let after = upper.get(at + mark.len()..).and_then(|text| text.chars().next());
            !mark.chars().all(char::is_alphanumeric)
                || !(before.is_some_and(char::is_alphanumeric) || after.is_some_and(char::is_alphanumeric))
        };
        if upper.match_indices(mark).any(|(at, _)| is_word(at)) {
            findings.warning(
                Rule::Placeholder,
                &section.key,
                Some(mark),
                format!(
                    "{mark:?} marks unfinished text; write it, or ask it as an open question with an owner"
                ),
            );
        }
    }
}

fn numbers_rule(document: &Linted<'_>, section: &Section, findings: &mut Findings) {
    let is_made = section.made_by != MadeBy::Person;
    let known = numbers::known(document.sources);
    let words = if is_made { numbers::Words::Too } else { numbers::Words::Not };
    for found in numbers::numbers(&section.text, words).into_iter().filter(|one| !known.contains(&one.value))
    {
        let message =
            format!("{} is in no source; cite where it is from, or ask it as an open question", found.shown);
        let severity = if is_made { Severity::Error } else { Severity::Warning };
        findings.add(Rule::UnsourcedNumber, severity, &section.key, Some(&found.shown), message);
    }
}
