//! What only a person knows, asked for once where the client can ask.

use std::collections::BTreeMap;

use pm33_product::{DocumentTemplate, SectionKind, SourceKind};
use serde_json::{Map, Value, json};

use super::evidence::Evidence;
use crate::{Question, ToolContext, ToolError};

/// Longest answer to one field.
const ANSWER: usize = 2_000;
/// Names the reply.
const KEY: &str = "prd_interview";

/// A field of the form.
struct Field {
    name: &'static str,
    title: &'static str,
    /// The section that the answer belongs to.
    section: &'static str,
}

const FIELDS: [Field; 7] = [
    Field { name: "problem", title: "Whose problem is it, and what happens today?", section: "problem" },
    Field { name: "users", title: "Who uses it, and who decides?", section: "users" },
    Field { name: "non_goals", title: "What will it not do?", section: "non_goals" },
    Field { name: "success_metric", title: "By which metric is success measured?", section: "goals" },
    Field { name: "success_baseline", title: "Where is that metric today?", section: "goals" },
    Field { name: "success_target", title: "Where is it to be, and by when?", section: "goals" },
    Field { name: "owner", title: "Who answers what stays open?", section: "" },
];

/// What a person answered.
#[derive(Clone, Debug, Default)]
pub(super) struct Answers {
    texts: BTreeMap<&'static str, String>,
}

impl Answers {
    /// The answer to a field.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }

    /// The answers that are prose of a section: its key, what was asked, what was answered.
    pub(super) fn prose(&self) -> impl Iterator<Item = (&'static str, &'static str, &str)> {
        let of_prose = FIELDS.iter().filter(|field| !field.section.is_empty() && field.section != "goals");
        of_prose.filter_map(|field| Some((field.section, field.title, self.get(field.name)?)))
    }
}

/// The fields that nothing in the workspace answers.
fn missing(template: &DocumentTemplate, evidence: &Evidence) -> Vec<&'static Field> {
    let has = |key: &str| template.section(key).is_some_and(|section| section.mandatory);
    let has_goals = template.holds(SectionKind::Goals);
    let measured = evidence.objectives.iter().any(|(_, objective)| !objective.key_results.is_empty());
    let is_missing = |field: &&Field| match field.name {
        "problem" => has("problem") && !evidence.describes(),
        "owner" => evidence.work.first().is_none_or(|work| work.item.assignee.is_none()),
        _ if field.section == "goals" => has_goals && !measured,
        _ => has(field.section),
    };
    FIELDS.iter().filter(is_missing).collect()
}

/// Asks for what is missing. Whoever cannot be asked, declines or leaves fields empty gets open questions instead.
pub(super) async fn interview(
    ctx: &ToolContext<'_>,
    template: &DocumentTemplate,
    evidence: &Evidence,
    about: &str,
) -> Result<Answers, ToolError> {
    let fields = missing(template, evidence);
    if fields.is_empty() {
        return Ok(Answers::default());
    }
    let properties: Map<String, Value> = fields
        .iter()
        .map(|field| {
            let form = json!({ "type": "string", "title": field.title, "maxLength": ANSWER });
            (field.name.to_owned(), form)
        })
        .collect();
    let params = json!({
        "mode": "form",
        "message": format!("The workspace does not say this about {about}. What you leave empty becomes an open question."),
        "requestedSchema": { "type": "object", "properties": properties, "required": [] },
    });
    let question = Question { key: KEY.to_owned(), method: "elicitation/create", params };
    let replies = match ctx.client.ask(vec![question], None).await {
        Ok(replies) => replies,
        Err(ToolError::Capability { .. } | ToolError::Refused(_)) => return Ok(Answers::default()),
        Err(other) => return Err(other),
    };
    let reply = replies.get(KEY).filter(|reply| reply["action"] == "accept");
    let content = reply.and_then(|reply| reply["content"].as_object());
    let answer = |field: &&Field| {
        let text = content?.get(field.name)?.as_str()?.trim();
        let cut: String = text.chars().take(ANSWER).collect();
        (!cut.is_empty()).then_some((field.name, cut))
    };
    Ok(Answers { texts: fields.iter().filter_map(answer).collect() })
}

/// Adds the answers to what is known, each as a source of its own.
pub(super) fn keep(ctx: &ToolContext<'_>, answers: &Answers, evidence: &mut Evidence) {
    for (section, asked, text) in answers.prose() {
        evidence.answer(section, asked, text, ctx.now);
    }
    let parts = ["success_metric", "success_baseline", "success_target"].map(|name| answers.get(name));
    if parts.iter().any(Option::is_some) {
        let text: Vec<_> = parts.iter().flatten().copied().collect();
        evidence.answer("goals", "How is success measured?", &text.join(". "), ctx.now);
    }
    if let Some(owner) = answers.get("owner") {
        evidence.owner = super::evidence::plain(owner, 200);
    }
}

/// The source of the answer about success.
pub(super) fn success_source(evidence: &Evidence) -> Option<&str> {
    let is_it = |fact: &&super::evidence::Fact| {
        fact.kind == SourceKind::Answer && fact.section.as_deref() == Some("goals")
    };
    evidence.facts.iter().find(is_it).map(|fact| fact.source.as_str())
}
