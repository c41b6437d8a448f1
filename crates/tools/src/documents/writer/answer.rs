//! The forms that a model answers in.

use serde::Deserialize;
use serde_json::{Value, json};

/// What a section says.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Answer {
    #[serde(default)]
    pub(super) statements: Vec<Statement>,
    #[serde(default)]
    pub(super) goals: Vec<Goal>,
    #[serde(default)]
    pub(super) requirements: Vec<Requirement>,
    #[serde(default)]
    pub(super) questions: Vec<String>,
}

impl Answer {
    /// Itself, when it says or asks anything.
    pub(super) fn saying(self) -> Result<Self, String> {
        let lists = [self.statements.len(), self.goals.len(), self.requirements.len(), self.questions.len()];
        if lists.iter().any(|length| *length > 0) {
            Ok(self)
        } else {
            Err("the draft said and asked nothing".to_owned())
        }
    }
}

/// A statement with the ids of its sources.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Statement {
    pub(super) text: String,
    #[serde(default)]
    pub(super) sources: Vec<String>,
}

/// A goal.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Goal {
    #[serde(rename = "goal")]
    pub(super) name: String,
    pub(super) metric: String,
    pub(super) baseline: String,
    pub(super) target: String,
    pub(super) sources: Vec<String>,
}

/// A requirement.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Requirement {
    #[serde(rename = "requirement")]
    pub(super) name: String,
    pub(super) priority: String,
    pub(super) acceptance: String,
    pub(super) goals: Vec<String>,
    pub(super) sources: Vec<String>,
}

/// A plan.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Outline {
    #[serde(default)]
    pub(super) sections: Vec<Planned>,
}

/// A planned section.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Planned {
    pub(super) key: String,
    pub(super) points: Vec<String>,
    pub(super) sources: Vec<String>,
}

fn object(fields: &[(&str, Value)]) -> Value {
    let names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
    let properties: serde_json::Map<_, _> =
        fields.iter().map(|(name, form)| ((*name).to_owned(), form.clone())).collect();
    json!({ "type": "object", "additionalProperties": false, "required": names, "properties": properties })
}

fn list(of: &Value) -> Value {
    json!({ "type": "array", "items": of })
}

fn text() -> Value {
    json!({ "type": "string" })
}

pub(super) fn outline_schema() -> Value {
    let section = object(&[("key", text()), ("points", list(&text())), ("sources", list(&text()))]);
    object(&[("sections", list(&section))])
}

pub(super) fn prose_schema() -> Value {
    let statement = object(&[("text", text()), ("sources", list(&text()))]);
    object(&[("statements", list(&statement)), ("questions", list(&text()))])
}

pub(super) fn goals_schema() -> Value {
    let goal = object(&[
        ("goal", text()),
        ("metric", text()),
        ("baseline", text()),
        ("target", text()),
        ("sources", list(&text())),
    ]);
    object(&[("goals", list(&goal)), ("questions", list(&text()))])
}

pub(super) fn requirements_schema() -> Value {
    let requirement = object(&[
        ("requirement", text()),
        ("priority", text()),
        ("acceptance", text()),
        ("goals", list(&text())),
        ("sources", list(&text())),
    ]);
    object(&[("requirements", list(&requirement)), ("questions", list(&text()))])
}
