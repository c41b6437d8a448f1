//! A document from facts alone: what the workspace says, where it says it, and what nobody has said yet.

use std::collections::BTreeSet;

use pm33_product::{DocumentTemplate, MadeBy, Priority, Section, SectionKind, SourceKind, TemplateSection};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    evidence::{Evidence, Fact, Work, plain},
    interview::{Answers, success_source},
};

/// Something that nobody has said yet.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct OpenQuestion {
    /// Its id in the document.
    pub(super) id: String,
    /// The question.
    pub(super) question: String,
    /// Who is to find out.
    pub(super) owner: String,
}

/// Open questions in the making.
#[derive(Debug)]
pub(super) struct Questions {
    pub(super) all: Vec<OpenQuestion>,
    owner: String,
}

impl Questions {
    pub(super) fn new(owner: &str) -> Self {
        Self { all: Vec::new(), owner: owner.to_owned() }
    }

    /// Asks; the question's id.
    pub(super) fn ask(&mut self, question: String) -> String {
        let id = format!("Q{}", self.all.len() + 1);
        self.all.push(OpenQuestion { id: id.clone(), question, owner: self.owner.clone() });
        id
    }

    /// The section's text.
    pub(super) fn text(&self) -> String {
        let line = |one: &OpenQuestion| format!("- **{}** {} Owner: {}", one.id, one.question, one.owner);
        self.all.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// A sentence with the source that it is from, before its full stop.
fn cited(sentence: &str, source: &str) -> String {
    let bare = sentence.trim_end();
    match bare.strip_suffix(['.', '!', '?']) {
        // A question that a source asks is told, not asked.
        Some(words) => format!("{words} [{source}]."),
        None => format!("{bare} [{source}]."),
    }
}

fn told(fact: &Fact) -> String {
    let says: Vec<_> = fact.says.iter().map(|sentence| cited(sentence, &fact.source)).collect();
    format!("- {}", says.join(" "))
}

/// Writes the sections of a template, and the questions that stay open.
pub(super) fn sections(
    template: &DocumentTemplate,
    evidence: &Evidence,
    answers: &Answers,
    version: u32,
) -> (Vec<Section>, Questions) {
    let mut writer = Writer {
        evidence,
        questions: Questions::new(&evidence.owner),
        told: BTreeSet::new(),
        goals: Vec::new(),
        no_goal: None,
        lists_work: template.holds(SectionKind::Requirements),
    };
    let mut written = Vec::new();
    for section in &template.sections {
        let text = match section.holds {
            SectionKind::Prose => writer.prose(section),
            SectionKind::Goals => Some(writer.goals(answers)),
            SectionKind::Requirements => Some(writer.requirements()),
            SectionKind::Questions => continue,
        };
        if let Some(text) = text {
            written.push(Section::new(
                section.key.clone(),
                &section.heading,
                &text,
                MadeBy::Evidence,
                version,
            ));
        }
    }
    let at = template.sections.iter().find(|one| one.holds == SectionKind::Questions);
    let (key, heading) =
        at.map_or(("open_questions", "Open questions"), |one| (one.key.as_str(), one.heading.as_str()));
    let text = if writer.questions.all.is_empty() { "None.".to_owned() } else { writer.questions.text() };
    written.push(Section::new(key, heading, &text, MadeBy::Evidence, version));
    (written, writer.questions)
}

struct Writer<'e> {
    evidence: &'e Evidence,
    questions: Questions,
    /// Facts that stand in a section already.
    told: BTreeSet<(String, SourceKind)>,
    /// Goals with the objective that each is.
    goals: Vec<(String, Option<pm33_product::ObjectiveId>)>,
    /// The question of what it is for.
    no_goal: Option<String>,
    /// Whether requirements have a section of their own.
    lists_work: bool,
}

impl Writer<'_> {
    /// The facts of a section's sorts that stand nowhere yet; what is waited for is a risk too.
    fn prose(&mut self, section: &TemplateSection) -> Option<String> {
        let mut lines = Vec::new();
        for fact in &self.evidence.facts {
            let belongs = match &fact.section {
                Some(key) => *key == section.key,
                None => section.from.contains(&fact.kind),
            };
            let is_new = self.told.insert((fact.source.clone(), fact.kind));
            if belongs && !fact.says.is_empty() && (is_new || fact.kind == SourceKind::Dependency) {
                lines.push(told(fact));
            } else if is_new {
                self.told.remove(&(fact.source.clone(), fact.kind));
            }
        }
        if !self.lists_work && section.from.contains(&SourceKind::Child) {
            lines.extend(
                self.evidence
                    .work
                    .iter()
                    .skip(1)
                    .take(20)
                    .map(|work| format!("- {}", cited(&plain(&work.item.title, 500), &work.source))),
            );
        }
        if !lines.is_empty() {
            return Some(lines.join("\n"));
        }
        if !section.mandatory {
            return None;
        }
        let about = section.about.trim_end_matches('.');
        let missing = self.evidence.left_out.iter().find(|one| one.what == "forecast");
        let question = match missing.filter(|_| section.from.contains(&SourceKind::Forecast)) {
            Some(left) => {
                format!("When is it likely to be finished? {}.", plain(left.why.trim_end_matches('.'), 500))
            }
            None if about.is_empty() => format!("What belongs under \u{201c}{}\u{201d}?", section.heading),
            None => format!("What belongs under \u{201c}{}\u{201d}? ({about}.)", section.heading),
        };
        let id = self.questions.ask(question);
        Some(format!("Nothing in the workspace says it; see {id}."))
    }

    /// Objectives with their key results, and what a person answered.
    fn goals(&mut self, answers: &Answers) -> String {
        let mut lines = Vec::new();
        for (source, objective) in &self.evidence.objectives {
            let id = format!("G{}", self.goals.len() + 1);
            let title = plain(&objective.title, 500);
            let each = |value: &dyn Fn(&pm33_product::KeyResult) -> String| {
                objective.key_results.iter().map(value).collect::<Vec<_>>().join(", ")
            };
            let parts = if objective.key_results.is_empty() {
                let open = self
                    .questions
                    .ask(format!("By which metric is \u{201c}{title}\u{201d} measured, from what to what?"));
                [open.clone(), open.clone(), open].map(|id| format!("open question {id}"))
            } else {
                [
                    each(&|key| plain(&key.title, 300)),
                    each(&|key| format!("{} {}", key.baseline, plain(&key.unit, 50))),
                    each(&|key| format!("{} {}", key.target, plain(&key.unit, 50))),
                ]
            };
            let [metric, baseline, target] = parts;
            lines.push(format!(
                "- **{id}** {title}. Metric: {metric}. Baseline: {baseline}. Target: {target}. [{source}]"
            ));
            self.goals.push((id, Some(objective.id)));
        }
        if let Some(source) = success_source(self.evidence).map(str::to_owned) {
            let id = format!("G{}", self.goals.len() + 1);
            let mut part = |name: &str, what: &str| match answers.get(name) {
                Some(text) => plain(text, 500).trim_end_matches('.').to_owned(),
                None => {
                    format!("open question {}", self.questions.ask(format!("What is the {what} of {id}?")))
                }
            };
            let (metric, baseline) = (part("success_metric", "metric"), part("success_baseline", "baseline"));
            let target = part("success_target", "target");
            lines.push(format!(
                "- **{id}** It is worth it. Metric: {metric}. Baseline: {baseline}. Target: {target}. [{source}]"
            ));
            self.goals.push((id, None));
        }
        if lines.is_empty() {
            let question = "What is to be true afterwards, by which metric, from what baseline to what target? \
                 (Objectives are linked with pm33_link_objective.)";
            let id = self.questions.ask(question.to_owned());
            self.no_goal = Some(id.clone());
            return format!("Nothing in the workspace says it; see {id}.");
        }
        lines.join("\n")
    }

    /// The open work below the item, or the item itself where nothing is below it.
    fn requirements(&mut self) -> String {
        let all = &self.evidence.work;
        let work: Vec<&Work> =
            if all.len() > 1 { all.iter().skip(1).collect() } else { all.iter().collect() };
        if work.is_empty() {
            let id = self
                .questions
                .ask("What must be built? Break it down with pm33_create_work_item.".to_owned());
            return format!("Nothing in the workspace says it; see {id}.");
        }
        let ids = || (1..=work.len()).map(|number| format!("R{number}"));
        let named = |missing: &dyn Fn(&Work) -> bool| {
            let found: Vec<_> = ids()
                .zip(&work)
                .filter(|(_, work)| missing(work))
                .map(|(id, work)| format!("{id} ({})", work.key))
                .collect();
            found.join(", ")
        };
        let (untried, unranked) =
            (named(&|one| one.acceptance.is_none()), named(&|one| one.item.priority == Priority::None));
        let mut ask = |subject: &str, question: &str| {
            (!subject.is_empty()).then(|| self.questions.ask(format!("{question} {subject}?")))
        };
        let acceptance = ask(&untried, "What shows that it is done:");
        let priority = ask(&unranked, "How much does it matter:");
        let open = |id: &Option<String>| format!("open question {}", id.as_deref().unwrap_or_default());
        let lines: Vec<_> = ids()
            .zip(&work)
            .map(|(id, one)| {
                let title = plain(&one.item.title, 500);
                let matters = if one.item.priority == Priority::None {
                    open(&priority)
                } else {
                    one.item.priority.to_string()
                };
                let tried = one.acceptance.clone().unwrap_or_else(|| open(&acceptance));
                let goal = self.goal_of(one);
                format!(
                    "- **{id}** {} ({}). Priority: {matters}. Acceptance: {}. Goal: {goal}. [{}]",
                    title.trim_end_matches('.'),
                    one.key,
                    tried.trim_end_matches('.'),
                    one.source
                )
            })
            .collect();
        lines.join("\n")
    }

    /// The goals that an item serves: its own objectives', or all of what it is a part of.
    fn goal_of(&self, work: &Work) -> String {
        let own: Vec<_> = self
            .goals
            .iter()
            .filter(|(_, objective)| {
                work.item.objectives.iter().any(|link| Some(link.objective) == *objective)
            })
            .map(|(id, _)| id.as_str())
            .collect();
        let all: Vec<_> = self.goals.iter().map(|(id, _)| id.as_str()).collect();
        match (own.as_slice(), all.as_slice(), &self.no_goal) {
            ([], [], Some(question)) => format!("open question {question}"),
            ([], all, _) => all.join(", "),
            (own, _, _) => own.join(", "),
        }
    }
}
