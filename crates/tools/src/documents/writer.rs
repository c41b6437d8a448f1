//! A document from a model: an outline, then each section from the facts that it needs and no others, held against the
//! rule gate and mended once. What the model says is data: each statement must name its sources, and the program writes
//! the text. A statement without a source becomes an open question, and so does a number that its sources do not hold.

mod answer;
mod prompts;
mod render;

use std::collections::BTreeMap;

use futures_util::{StreamExt, stream};
use pm33_ai::{ModelName, StopReason};
use pm33_product::{DocumentTemplate, Section, SectionKind, Severity, Source, TemplateSection};

use self::{
    answer::{Answer, Outline},
    prompts::Data,
    render::Rendered,
};
use super::{evidence::Evidence, gate::Gate, skeleton::OpenQuestion};
use crate::{Meter, ModelReply, Models, ToolContext, ToolError, backlog::place::Place};

/// Sections that are asked for side by side.
const SIDE_BY_SIDE: usize = 4;
/// Characters of a section that are told as progress.
const TOLD: usize = 500;

/// What was written.
pub(super) struct Draft {
    pub(super) sections: Vec<Section>,
    pub(super) questions: Vec<OpenQuestion>,
    pub(super) model: ModelName,
    /// Hash of all that is constant in the prompts.
    pub(super) prompt: String,
}

/// What stands in for sections that the model does not write.
#[derive(Clone, Copy, Default)]
pub(super) struct Bare<'b> {
    /// Sections of evidence, and the questions that they refer to.
    pub(super) sections: &'b [Section],
    pub(super) questions: &'b [OpenQuestion],
    /// Sections that a person wrote, which stay.
    pub(super) kept: &'b [Section],
    /// The document's version.
    pub(super) version: u32,
}

/// What it is written from.
pub(super) struct Material<'m> {
    pub(super) place: &'m Place,
    pub(super) template: &'m DocumentTemplate,
    pub(super) evidence: &'m Evidence,
    pub(super) bare: Bare<'m>,
}

/// Writes the sections of a template with a model; `None` when nothing that it answered can be used, which the operator
/// pays. Sections that a person wrote are not asked for.
pub(super) async fn write(
    ctx: &ToolContext<'_>,
    models: Models<'_>,
    material: Material<'_>,
) -> Result<Option<Draft>, ToolError> {
    let is_kept = |one: &&TemplateSection| material.bare.kept.iter().any(|kept| kept.key == one.key);
    let wanted: Vec<&TemplateSection> = material
        .template
        .sections
        .iter()
        .filter(|one| one.holds != SectionKind::Questions && !is_kept(one))
        .collect();
    let meter = models.meter("pm33_generate_prd", &prompts::plan(material.template, &wanted)).await?;
    let mut writing = Writing {
        ctx,
        meter: &meter,
        material: &material,
        answers: BTreeMap::new(),
        unusable: BTreeMap::new(),
        plan: Outline::default(),
    };
    match writing.all(&wanted).await {
        Ok(()) => {}
        // Whoever goes away pays what he asked for.
        Err(ToolError::Cancelled) => return Err(ToolError::Cancelled),
        Err(error) => {
            // What was asked serves nobody.
            meter.charge_platform();
            return Err(error);
        }
    }
    if writing.answers.is_empty() {
        meter.charge_platform();
        return Ok(None);
    }
    let Rendered { sections, questions, .. } = writing.rendered();
    let (model, prompt) = (meter.model().clone(), prompts::instructions());
    Ok(Some(Draft { sections, questions: questions.all, model, prompt }))
}

struct Writing<'w> {
    ctx: &'w ToolContext<'w>,
    meter: &'w Meter<'w>,
    material: &'w Material<'w>,
    /// What the model said for each section, by key.
    answers: BTreeMap<String, Answer>,
    /// Why what it said cannot be used.
    unusable: BTreeMap<String, String>,
    plan: Outline,
}

impl<'w> Writing<'w> {
    async fn all(&mut self, wanted: &[&'w TemplateSection]) -> Result<(), ToolError> {
        self.ctx.client.progress(0.1, Some(1.0), Some("outline"));
        let Material { template, evidence, .. } = self.material;
        let reply = self.meter.ask(&prompts::outline(template, &evidence.sources)).await?;
        // Without a plan each section gets the facts of its sorts.
        self.plan = usable(&reply).unwrap_or_default();
        // Requirements name the goals, so those come first.
        let (goals, others): (Vec<_>, Vec<_>) =
            wanted.iter().copied().partition(|one| one.holds == SectionKind::Goals);
        let total = wanted.len().max(1);
        let share = |done: usize| 0.1 + 0.6 * as_share(done, total);
        self.ask(goals.iter().map(|one| (*one, String::new())).collect(), (0.1, share(goals.len()))).await?;
        let others = others.into_iter().map(|one| (one, String::new())).collect();
        self.ask(others, (share(goals.len()), 0.7)).await?;
        self.mend(wanted).await?;
        self.ctx.client.progress(0.95, Some(1.0), Some("the rule gate"));
        Ok(())
    }

    /// Asks again, once, for each section that cannot be used, that lost something, or that the gate finds wrong. What
    /// comes back stands when it is no worse.
    async fn mend(&mut self, wanted: &[&'w TemplateSection]) -> Result<(), ToolError> {
        let (before, first) = (self.faults(), self.answers.clone());
        let again: Vec<_> =
            wanted.iter().filter_map(|one| Some((*one, before.get(&one.key)?.join("\n")))).collect();
        self.ask(again, (0.7, 0.9)).await?;
        let after = self.faults();
        let count = |of: &BTreeMap<String, Vec<String>>, key: &str| of.get(key).map_or(0, Vec::len);
        for (key, answer) in first {
            if count(&after, &key) > count(&before, &key) {
                self.answers.insert(key, answer);
            }
        }
        Ok(())
    }

    /// What is wrong, by section.
    fn faults(&self) -> BTreeMap<String, Vec<String>> {
        let Material { place, template, evidence, .. } = self.material;
        let Rendered { sections, lost, .. } = self.rendered();
        let mut faults = lost;
        for finding in Gate::over(&place.snapshot, template, &sections, &evidence.sources).findings {
            if finding.severity == Severity::Error {
                faults.entry(finding.section).or_default().push(finding.message);
            }
        }
        for (key, why) in &self.unusable {
            faults.insert(key.clone(), vec![why.clone()]);
        }
        faults
    }

    /// Asks for sections, each with what is wrong with its draft, and tells each as it comes.
    async fn ask(
        &mut self,
        sections: Vec<(&'w TemplateSection, String)>,
        (from, to): (f64, f64),
    ) -> Result<(), ToolError> {
        let total = sections.len();
        let meter = self.meter;
        let rendered = self.rendered().sections;
        let asked: Vec<_> = sections
            .into_iter()
            .map(|(section, findings)| {
                let prompt = self.prompt(section, &rendered, &findings);
                async move { (section, meter.ask(&prompt).await) }
            })
            .collect();
        let mut asked = stream::iter(asked).buffered(SIDE_BY_SIDE);
        let mut done = 0;
        while let Some((section, reply)) = asked.next().await {
            if self.ctx.cancelled.is_cancelled() {
                return Err(ToolError::Cancelled);
            }
            match usable::<Answer>(&reply?).and_then(Answer::saying) {
                Ok(answer) => {
                    self.unusable.remove(&section.key);
                    self.answers.insert(section.key.clone(), answer);
                }
                Err(_) if self.answers.contains_key(&section.key) => {}
                Err(why) => {
                    self.unusable.insert(section.key.clone(), why);
                }
            }
            done += 1;
            let said = self.rendered().sections.into_iter().find(|one| one.key == section.key);
            let text: String = said.map(|one| one.text.chars().take(TOLD).collect()).unwrap_or_default();
            let message = format!("{}\n{text}", section.heading);
            self.ctx.client.progress(from + (to - from) * as_share(done, total), Some(1.0), Some(&message));
        }
        Ok(())
    }

    fn prompt(&self, section: &TemplateSection, rendered: &[Section], findings: &str) -> pm33_ai::Prompt {
        let every = &self.material.evidence.sources;
        let planned = self.plan.sections.iter().find(|one| one.key == section.key);
        let named = planned.map(|one| one.sources.as_slice()).unwrap_or_default();
        let mut sources: Vec<&Source> = Vec::new();
        for id in named {
            let found = every.iter().find(|one| one.id == *id && sources.iter().all(|other| other.id != *id));
            sources.extend(found);
        }
        if sources.is_empty() {
            sources = every.iter().filter(|one| section.from.contains(&one.kind)).collect();
        }
        let points = planned.map(|one| one.points.join("\n")).unwrap_or_default();
        let goals =
            if section.holds == SectionKind::Requirements { self.goals(rendered) } else { String::new() };
        let is_again = !findings.is_empty() && self.answers.contains_key(&section.key);
        let earlier = rendered.iter().find(|one| one.key == section.key && is_again);
        let draft = earlier.map_or("", |one| one.text.as_str());
        Data { points: &points, goals: &goals, draft, findings, sources }.section(section)
    }

    /// The goals that are written already.
    fn goals(&self, rendered: &[Section]) -> String {
        let of_goals = |key: &str| {
            self.material.template.section(key).is_some_and(|one| one.holds == SectionKind::Goals)
        };
        let entries = rendered.iter().filter(|one| of_goals(&one.key));
        let entries = entries.flat_map(|one| pm33_product::entries(&one.text));
        entries.filter(|entry| entry.id.is_some()).map(|entry| entry.text).collect::<Vec<_>>().join("\n")
    }

    /// The sections as the program writes them from what the model said.
    fn rendered(&self) -> Rendered {
        let Material { place, template, evidence, bare } = self.material;
        let is_absent = |word: &str| {
            let ours = |key: &pm33_product::ItemKey| key.prefix == place.snapshot.prefix();
            let key = word.parse::<pm33_product::ItemKey>().ok().filter(ours);
            key.is_some_and(|key| place.snapshot.by_key(&key).is_none())
        };
        render::sections(template, evidence, &self.answers, *bare, &is_absent)
    }
}

fn as_share(done: usize, total: usize) -> f64 {
    let count = |number| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    count(done) / count(total)
}

/// A whole answer in its form; or what is wrong with it, in words for the model.
fn usable<T: serde::de::DeserializeOwned>(reply: &ModelReply) -> Result<T, String> {
    match reply.stop {
        StopReason::Done => {
            reply.json().map_err(|error| format!("the draft was not in the form that was asked for: {error}"))
        }
        StopReason::OutputLimit => Err("the draft was cut at the limit of its length; say less".to_owned()),
        _ => Err("there is no draft: it was refused".to_owned()),
    }
}
